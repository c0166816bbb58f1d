package io.mysqlmonitor.binlog;

import com.github.luben.zstd.ZstdInputStream;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.TransactionPayloadEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.TransactionPayloadEventDataDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;

/** Reads a compressed transaction; its events by a deserializer of choice, for which the client's and Debezium's leave no room. */
final class TransactionPayloadDeserializer extends TransactionPayloadEventDataDeserializer {

    private final EventDeserializer events;

    TransactionPayloadDeserializer(EventDeserializer events) {
        this.events = events;
    }

    @Override
    public TransactionPayloadEventData deserialize(ByteArrayInputStream input) throws IOException {
        TransactionPayloadEventData transaction = new TransactionPayloadEventData();
        readFields(transaction, input);
        byte[] payload = input.read(transaction.getPayloadSize());
        ArrayList<Event> read = new ArrayList<>();
        try (ZstdInputStream decompressed = new ZstdInputStream(new java.io.ByteArrayInputStream(payload))) {
            ByteArrayInputStream inner = new ByteArrayInputStream(decompressed);
            for (Event event = events.nextEvent(inner); event != null; event = events.nextEvent(inner)) {
                read.add(event);
            }
        }
        transaction.setUncompressedEvents(read);
        return transaction;
    }

    private static void readFields(TransactionPayloadEventData transaction, ByteArrayInputStream input)
            throws IOException {
        for (int field = input.readPackedInteger();
                field != OTW_PAYLOAD_HEADER_END_MARK;
                field = input.readPackedInteger()) {
            int length = input.readPackedInteger();
            switch (field) {
                case OTW_PAYLOAD_SIZE_FIELD -> transaction.setPayloadSize(input.readPackedInteger());
                case OTW_PAYLOAD_COMPRESSION_TYPE_FIELD -> transaction.setCompressionType(input.readPackedInteger());
                case OTW_PAYLOAD_UNCOMPRESSED_SIZE_FIELD -> transaction.setUncompressedSize(input.readPackedLong());
                default -> input.skip(length);
            }
        }
    }
}

package io.mysqlmonitor.binlog;

import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDataDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import java.io.IOException;

/**
 * What is read of rows that cannot be read: the number of their table, with which every event of rows begins.
 *
 * @param value -1 if the event is too short to have one
 */
record TableNumber(long value) implements EventData {

    private static final int BYTES = 6;

    /** Reads it. */
    static final class Deserializer implements EventDataDeserializer<TableNumber> {

        @Override
        public TableNumber deserialize(ByteArrayInputStream input) throws IOException {
            return new TableNumber(input.available() < BYTES ? -1 : input.readLong(BYTES));
        }
    }
}

package io.mysqlmonitor.capture;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDataDeserializationException;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import io.debezium.config.CommonConnectorConfig.EventProcessingFailureHandlingMode;
import io.debezium.connector.binlog.event.EventDataDeserializationExceptionData;
import io.debezium.connector.binlog.event.RowDeserializers;
import io.debezium.connector.binlog.event.StopEventDataDeserializer;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads the events of the binary log for the engine, those within compressed transactions included.
 *
 * <p>Debezium makes its deserializer for itself, and a plain one for the events of a compressed transaction. This one does the same as both.
 * Another deserializer for a type of event is set in {@link #readEvents}, and counts for both.
 *
 * <p>For the thread that reads the binary log.
 */
final class BinlogEventDeserializer extends EventDeserializer {

    private final Map<Long, TableMapEventData> tables;

    /**
     * @param onUnreadableValue what happens at a value of a row that cannot be read
     */
    BinlogEventDeserializer(EventProcessingFailureHandlingMode onUnreadableValue) {
        this(onUnreadableValue, new HashMap<>());
        setEventDataDeserializer(
                EventType.TRANSACTION_PAYLOAD,
                new TransactionPayloadDeserializer(new BinlogEventDeserializer(onUnreadableValue, tables)));
    }

    private BinlogEventDeserializer(
            EventProcessingFailureHandlingMode onUnreadableValue, Map<Long, TableMapEventData> tables) {
        this.tables = tables;
        readEvents();
        readRows(onUnreadableValue);
    }

    /** What other types of events than rows are read by, instead of the client's own. */
    private void readEvents() {
        setEventDataDeserializer(EventType.STOP, new StopEventDataDeserializer());
    }

    private void readRows(EventProcessingFailureHandlingMode onUnreadable) {
        setEventDataDeserializer(
                EventType.WRITE_ROWS, new RowDeserializers.WriteRowsDeserializer(tables, onUnreadable));
        setEventDataDeserializer(
                EventType.UPDATE_ROWS, new RowDeserializers.UpdateRowsDeserializer(tables, onUnreadable));
        setEventDataDeserializer(
                EventType.DELETE_ROWS, new RowDeserializers.DeleteRowsDeserializer(tables, onUnreadable));
        setEventDataDeserializer(
                EventType.EXT_WRITE_ROWS,
                new RowDeserializers.WriteRowsDeserializer(tables, onUnreadable).setMayContainExtraInformation(true));
        setEventDataDeserializer(
                EventType.EXT_UPDATE_ROWS,
                new RowDeserializers.UpdateRowsDeserializer(tables, onUnreadable).setMayContainExtraInformation(true));
        setEventDataDeserializer(
                EventType.EXT_DELETE_ROWS,
                new RowDeserializers.DeleteRowsDeserializer(tables, onUnreadable).setMayContainExtraInformation(true));
    }

    /**
     * The client would read events of some types a second time, by its own deserializers, and Debezium would look at what these made of
     * them. It needs what it wraps to make an event's usual data, as a subclass of it or by itself.
     */
    @Override
    @SuppressWarnings("rawtypes")
    public void setEventDataDeserializer(EventType type, EventDataDeserializer deserializer) {
        if (!(deserializer instanceof EventDataWrapper.Deserializer)) {
            super.setEventDataDeserializer(type, deserializer);
        }
    }

    @Override
    public Event nextEvent(ByteArrayInputStream inputStream) throws IOException {
        try {
            Event event = super.nextEvent(inputStream);
            if (event != null) {
                remember(event);
            }
            return event;
        } catch (EventDataDeserializationException e) {
            if (e.getCause() instanceof IOException) {
                throw e; // the connection, and not this event
            }
            return unreadable(e);
        }
    }

    private void remember(Event event) {
        EventType type = event.getHeader().getEventType();
        if (type == EventType.TABLE_MAP) {
            TableMapEventData table = event.getData();
            tables.put(table.getTableId(), table);
        } else if (type == EventType.ROTATE && event.getHeader().getTimestamp() != 0) {
            tables.clear(); // the numbers of the tables are others in another file
        }
    }

    /** As Debezium does it, which ends the engine at such an event. */
    private static Event unreadable(EventDataDeserializationException cause) {
        EventHeaderV4 of = (EventHeaderV4) cause.getEventHeader();
        EventHeaderV4 header = new EventHeaderV4();
        header.setEventType(EventType.INCIDENT);
        header.setTimestamp(of.getTimestamp());
        header.setServerId(of.getServerId());
        header.setEventLength(of.getEventLength());
        header.setNextPosition(of.getNextPosition());
        header.setFlags(of.getFlags());
        return new Event(header, new EventDataDeserializationExceptionData(cause));
    }
}

package io.mysqlmonitor.binlog;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.FormatDescriptionEventData;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDataDeserializationException;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.EventHeaderDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import io.debezium.config.CommonConnectorConfig.EventProcessingFailureHandlingMode;
import io.debezium.connector.binlog.event.RowDeserializers;
import io.debezium.connector.binlog.event.StopEventDataDeserializer;
import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.statement.StatementText;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLException;

/**
 * Reads the events of the binary log for the engine, those within compressed transactions included, and hands on none that may hold
 * changes of watched tables which the connector would miss.
 *
 * <p>Debezium makes its deserializer for itself, and a plain one for the events of a compressed transaction. This one does the same as both.
 * Another deserializer for a type of event is set in {@link #readEvents}, and counts for both.
 *
 * <p>For the thread that reads the binary log.
 */
public final class BinlogEventDeserializer extends EventDeserializer {

    /** What becomes of an event that cannot be read. */
    @FunctionalInterface
    public interface OnUnreadable {

        /**
         * Returns if the event is to be passed over.
         *
         * @throws UnreadableEventException if capture is to end before it
         */
        void met(UnreadableEvent event) throws UnreadableEventException;
    }

    private static final int TAGGED_GTID = 42;

    private static final EventType[] ROWS_UNKNOWN_TO_THE_CLIENT = {
        EventType.PRE_GA_WRITE_ROWS,
        EventType.PRE_GA_UPDATE_ROWS,
        EventType.PRE_GA_DELETE_ROWS,
        EventType.PARTIAL_UPDATE_ROWS_EVENT,
        EventType.UNKNOWN
    };

    private final Place place;
    private final Map<Long, TableMapEventData> tables;
    private final EventGuard guard;
    private final OnUnreadable onUnreadable;
    private final boolean byGtid;
    private final BooleanSupplier failed;
    private final BiConsumer<Event, Boolean> onEvent;

    /**
     * @param watched whether a table is watched, by the names of its database and its own
     * @param onUnreadable what becomes of events that may hold changes of such tables and cannot be read
     * @param byGtid whether the connector asked for transactions by their GTIDs
     * @param onUnreadableValue what becomes of a date that cannot be
     * @param failed whether the connector has failed at an event: it gets no further one, since it would pass over it, and report its place as read
     * @param onEvent gets each event before the connector does, and whether it is MariaDB's
     */
    public BinlogEventDeserializer(
            BiPredicate<String, String> watched,
            OnUnreadable onUnreadable,
            boolean byGtid,
            EventProcessingFailureHandlingMode onUnreadableValue,
            BooleanSupplier failed,
            BiConsumer<Event, Boolean> onEvent) {
        this(new Place(), new HashMap<>(), watched, onUnreadable, byGtid, onUnreadableValue, failed, onEvent);
    }

    private BinlogEventDeserializer(
            Place place,
            Map<Long, TableMapEventData> tables,
            BiPredicate<String, String> watched,
            OnUnreadable onUnreadable,
            boolean byGtid,
            EventProcessingFailureHandlingMode onUnreadableValue,
            BooleanSupplier failed,
            BiConsumer<Event, Boolean> onEvent) {
        this(place::read, place, tables, watched, onUnreadable, byGtid, failed, onEvent);
        readEvents();
        readRows(onUnreadableValue);
        BinlogEventDeserializer inner = new BinlogEventDeserializer(
                BinlogEventHeader::read, place, tables, watched, onUnreadable, byGtid, failed, onEvent);
        inner.readEvents();
        inner.readRows(onUnreadableValue);
        setEventDataDeserializer(EventType.TRANSACTION_PAYLOAD, new TransactionPayloadDeserializer(inner));
    }

    private BinlogEventDeserializer(
            EventHeaderDeserializer<BinlogEventHeader> headers,
            Place place,
            Map<Long, TableMapEventData> tables,
            BiPredicate<String, String> watched,
            OnUnreadable onUnreadable,
            boolean byGtid,
            BooleanSupplier failed,
            BiConsumer<Event, Boolean> onEvent) {
        super(headers);
        this.place = place;
        this.tables = tables;
        this.guard = new EventGuard(tables, watched);
        this.onUnreadable = onUnreadable;
        this.byGtid = byGtid;
        this.failed = failed;
        this.onEvent = onEvent;
    }

    /** Where the reader is: the events of a compressed transaction have its place, and none of their own. */
    private static final class Place {

        private String file;
        private BinlogEventHeader header;
        /** Version of the server that wrote the file. */
        private String server = "";

        private boolean mariadb;

        BinlogEventHeader read(ByteArrayInputStream input) throws IOException {
            BinlogEventHeader next = BinlogEventHeader.read(input);
            if (next.getNextPosition() > 0 || header == null) { // some of MariaDB's have none
                header = next;
            }
            return next;
        }

        EventPosition begin() {
            return new EventPosition(file, header.getPosition());
        }

        EventPosition end() {
            return new EventPosition(file, header.getNextPosition());
        }
    }

    /** What other types of events than rows are read by, instead of the client's own. */
    private void readEvents() {
        setEventDataDeserializer(EventType.STOP, new StopEventDataDeserializer());
        setEventDataDeserializer(EventType.QUERY, new StatementDeserializer(() -> place.server));
        setEventDataDeserializer(EventType.TABLE_MAP, new TableMapDeserializer());
        setEventDataDeserializer(EventType.EXECUTE_LOAD_QUERY, new LoadStatementDeserializer());
        for (EventType type : ROWS_UNKNOWN_TO_THE_CLIENT) {
            setEventDataDeserializer(type, new TableNumber.Deserializer());
        }
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
    public Event nextEvent(ByteArrayInputStream input) throws IOException {
        if (failed.getAsBoolean()) {
            throw new EOFException("the connector failed at the event before");
        }
        Event event;
        try {
            event = super.nextEvent(input);
        } catch (EventDataDeserializationException e) {
            if (isOfTheConnection(e.getCause())) {
                throw e;
            }
            return passOver(place.header, undecodable(e.getCause()));
        } catch (WrongDefinitionException e) { // of a table in a compressed transaction
            throw e;
        } catch (RuntimeException e) {
            return passOver(place.header, undecodable(e));
        }
        if (event == null) {
            return null;
        }
        remember(event);
        BinlogEventHeader header = event.getHeader();
        if (byGtid && header.typeNumber() == TAGGED_GTID) {
            throw new TaggedGtidException();
        }
        EventData data = event.getData();
        Optional<EventGuard.Objection> objection = guard.objection(header, data);
        if (objection.isEmpty()) {
            return event;
        }
        Event instead = passOver(header, objection.get());
        return objection.get().defines() ? event : instead;
    }

    /** Or of an event that cannot be read within a compressed transaction, which ends the stream too. */
    private static boolean isOfTheConnection(Throwable cause) {
        return cause instanceof EOFException
                || cause instanceof SocketException
                || cause instanceof SSLException
                || cause instanceof InterruptedIOException;
    }

    private static EventGuard.Objection undecodable(Throwable cause) {
        return new EventGuard.Objection(null, null, "it cannot be decoded: " + cause);
    }

    private void remember(Event event) {
        EventType type = event.getHeader().getEventType();
        if (type == EventType.TABLE_MAP) {
            TableMapEventData table = event.getData();
            tables.put(table.getTableId(), table);
        } else if (type == EventType.FORMAT_DESCRIPTION) {
            place.server = event.<FormatDescriptionEventData>getData().getServerVersion();
            place.mariadb = StatementText.isMariadb(place.server);
        } else if (type == EventType.ROTATE) {
            place.file = event.<RotateEventData>getData().getBinlogFilename();
            if (event.getHeader().getTimestamp() != 0) {
                tables.clear(); // the numbers of the tables are others in another file
            }
        }
        onEvent.accept(event, place.mariadb);
    }

    /**
     * @return what the connector gets in the place of the event: as many events, since it counts those of a transaction
     * @throws UnreadableEventException if capture is to end before it
     */
    private Event passOver(BinlogEventHeader header, EventGuard.Objection objection) throws UnreadableEventException {
        onUnreadable.met(new UnreadableEvent(
                objection.database(),
                objection.table(),
                objection.reason(),
                place.begin(),
                place.end(),
                header.getTimestamp() / 1000));
        return new Event(header.ignorable(), null);
    }
}

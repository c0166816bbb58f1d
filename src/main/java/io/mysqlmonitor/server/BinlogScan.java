package io.mysqlmonitor.server;

import com.github.shyiko.mysql.binlog.GtidSet;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.GtidEventData;
import com.github.shyiko.mysql.binlog.event.PreviousGtidSetEventData;
import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import io.mysqlmonitor.change.BinlogPosition;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;

/**
 * Follows the binary log from the start of a file, event by event, and knows where transactions begin and end, until a subclass has
 * seen enough; rows are not looked at. {@link BinlogReader} feeds it.
 *
 * <p>For one thread.
 */
abstract class BinlogScan {

    /** Events that belong to no transaction. */
    private static final Set<EventType> CONTROL = EnumSet.of(
            EventType.ROTATE,
            EventType.FORMAT_DESCRIPTION,
            EventType.PREVIOUS_GTIDS,
            EventType.STOP,
            EventType.HEARTBEAT,
            EventType.INCIDENT,
            EventType.IGNORABLE,
            EventType.MARIADB_GTID_LIST,
            EventType.BINLOG_CHECKPOINT,
            EventType.UNKNOWN);

    private String file;
    private GtidSet executed = new GtidSet("");
    private String gtid;
    private long transaction = -1;
    private boolean statements;
    private boolean anonymous;
    private long end;
    private boolean enough;

    BinlogScan(String file) {
        this.file = file;
    }

    /**
     * Looks at an event before it counts.
     *
     * @param position where it stands
     * @param control whether it belongs to no transaction
     * @return whether that is enough
     */
    abstract boolean look(long position, Instant time, boolean control);

    /** Follows an event; one that the server makes up for its client counts for the name of the next file alone. */
    void meet(Event event) {
        EventHeaderV4 header = event.getHeader();
        if (enough || header.getNextPosition() == 0) { // made up by the server for this client
            if (event.getData() instanceof RotateEventData next) {
                file = next.getBinlogFilename();
            }
            return;
        }
        boolean control = CONTROL.contains(header.getEventType());
        enough = look(header.getPosition(), Instant.ofEpochMilli(header.getTimestamp()), control);
        if (!enough && header.getEventType() == EventType.PREVIOUS_GTIDS) {
            String previous = event.<PreviousGtidSetEventData>getData().getGtidSet();
            // The client's set knows no tags. Where there are any, it is the place alone that counts.
            executed = new GtidSet(MysqlGtids.isTagged(previous) ? "" : previous);
        } else if (!enough && !control) {
            follow(header, event.getData());
        }
        end = header.getNextPosition();
    }

    private void follow(EventHeaderV4 header, EventData data) {
        if (transaction < 0) {
            transaction = header.getPosition();
            gtid = null;
            statements = false;
        }
        switch (header.getEventType()) {
            case GTID -> gtid = ((GtidEventData) data).getMySqlGtid().toString();
            case XID, XA_PREPARE, TRANSACTION_PAYLOAD -> endTransaction();
            case QUERY -> followStatement(((QueryEventData) data).getSql());
            default -> {
                // within a transaction
            }
        }
    }

    private void followStatement(String sql) {
        if (sql.equals("BEGIN") || sql.startsWith("XA START")) {
            statements = true;
        } else if (!statements || sql.equals("COMMIT") || sql.equals("ROLLBACK")) {
            endTransaction(); // of tables without transactions, or a statement that is a transaction by itself
        }
    }

    private void endTransaction() {
        transaction = -1;
        if (gtid != null) {
            executed.add(gtid);
        } else {
            anonymous = true;
        }
    }

    boolean isEnough() {
        return enough;
    }

    /** The file that is read. */
    String file() {
        return file;
    }

    /** Where the transaction begins that is not over yet; negative between two. */
    long transaction() {
        return transaction;
    }

    /** Where the last event ended. */
    long end() {
        return end;
    }

    /** Whether there was a transaction without a GTID. */
    boolean isAnonymous() {
        return anonymous;
    }

    /** The given place in this file, which must stand before the transaction that is not over yet, if there is one. */
    BinlogPosition at(long position) {
        return new BinlogPosition(file, position, executed.toString());
    }
}

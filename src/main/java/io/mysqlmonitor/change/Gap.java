package io.mysqlmonitor.change;

/**
 * The message that says that changes were missed: the server no longer has the binary log from where the monitor had to go on, or an
 * event in it that may hold changes cannot be read.
 *
 * @param from the last place up to which every change was published
 * @param to the place from where every change is published again
 * @param database name of the database whose changes were missed; null if it may be any
 * @param tableName name of the table; null if it may be any
 * @param reason why the event cannot be read; null if the server has the binary log no longer
 * @param committedAt Unix second of the event in the binary log; 0 if there is none
 */
public record Gap(
        BinlogPosition from, BinlogPosition to, String database, String tableName, String reason, long committedAt)
        implements Change {

    /** The value of {@code type} in the message. */
    public static final String WIRE_NAME = "gap";

    /** Of all tables, since the server has what is between no longer. */
    public Gap(BinlogPosition from, BinlogPosition to) {
        this(from, to, null, null, null, 0);
    }

    @Override
    public String typeName() {
        return WIRE_NAME;
    }

    @Override
    public EventPosition position() {
        return from.toPosition();
    }

    @Override
    public String id() {
        return WIRE_NAME + ':' + from.file() + ':' + from.position();
    }

    @Override
    public long weight() {
        return 500;
    }

    @Override
    public String toString() {
        return WIRE_NAME + " from " + from + " to " + to;
    }
}

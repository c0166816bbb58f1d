package io.mysqlmonitor.change;

/**
 * A place between two transactions in the binary log of a server.
 *
 * @param file name of the binary log file
 * @param position byte offset in that file
 * @param gtids the GTID set executed before this place; empty where the server assigns none
 */
public record BinlogPosition(String file, long position, String gtids) {

    /** The begin of a binary log with GTIDs of which nothing was purged; it has no file name. */
    public static final BinlogPosition BEGIN = new BinlogPosition("", 4, "");

    /** The same place with another GTID set. */
    public BinlogPosition withGtids(String others) {
        return new BinlogPosition(file, position, others);
    }

    /** The place without its GTID set. */
    public EventPosition toPosition() {
        return new EventPosition(file, position, 0, null);
    }

    /** {@code file:position}. */
    @Override
    public String toString() {
        return file.isEmpty() ? "begin" : file + ':' + position;
    }
}

package io.mysqlmonitor.change;

/**
 * Where a row change stands in the binary log.
 *
 * @param file name of the binary log file
 * @param position byte offset of the row event in that file
 * @param row index of the row within the event
 * @param gtid id of the transaction; null where the server assigns none
 */
public record BinlogPosition(String file, long position, int row, String gtid) {

    /** A position between two events. */
    public BinlogPosition(String file, long position) {
        this(file, position, 0, null);
    }

    /** Whether this stands before {@code other} in the binary log of one server; the files are numbered in their names. */
    public boolean isBefore(BinlogPosition other) {
        if (!file.equals(other.file)) {
            return file.length() == other.file.length()
                    ? file.compareTo(other.file) < 0
                    : file.length() < other.file.length();
        }
        return position == other.position ? row < other.row : position < other.position;
    }

    /** {@code file:position:row}: the same for the same change however often it is read. */
    public String id() {
        return file + ':' + position + ':' + row;
    }

    @Override
    public String toString() {
        return id();
    }
}

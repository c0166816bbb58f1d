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

    /** {@code file:position:row}: the same for the same change however often it is read. */
    public String id() {
        return file + ':' + position + ':' + row;
    }

    @Override
    public String toString() {
        return id();
    }
}

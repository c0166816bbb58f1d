package io.mysqlmonitor.change;

/**
 * Where a row change stands in the binary log.
 *
 * @param file name of the binary log file
 * @param position byte offset of the row event in that file, or of the transaction it belongs to if the server gives it none
 * @param event number of the row event within that transaction; 0 if it has a position of its own
 * @param row index of the row within the event
 * @param gtid id of the transaction; null where the server assigns none
 */
public record EventPosition(String file, long position, long event, int row, String gtid) {

    /** A row of an event that has a position of its own. */
    public EventPosition(String file, long position, int row, String gtid) {
        this(file, position, 0, row, gtid);
    }

    /** A position between two events. */
    public EventPosition(String file, long position) {
        this(file, position, 0, null);
    }

    /** Whether this stands before {@code other} in the binary log of one server; the files are numbered in their names. */
    public boolean isBefore(EventPosition other) {
        if (!file.equals(other.file)) {
            return file.length() == other.file.length()
                    ? file.compareTo(other.file) < 0
                    : file.length() < other.file.length();
        }
        if (position != other.position) {
            return position < other.position;
        }
        return event == other.event ? row < other.row : event < other.event;
    }

    /**
     * {@code file:position:row}, or {@code file:position.event:row} for an event without a position of its own: the same for the
     * same change however often it is read.
     */
    public String id() {
        return file + ':' + position + (event == 0 ? "" : "." + event) + ':' + row;
    }

    @Override
    public String toString() {
        return id();
    }
}

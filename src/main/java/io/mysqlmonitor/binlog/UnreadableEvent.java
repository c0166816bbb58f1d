package io.mysqlmonitor.binlog;

import io.mysqlmonitor.change.EventPosition;

/**
 * An event of the binary log that may hold changes of watched tables and cannot be read.
 *
 * @param database null if it is not known
 * @param table null if it is not known
 * @param reason what it is and what makes such events, for people
 * @param from where it begins, or the compressed transaction that it is in
 * @param to where that ends
 * @param committedAt Unix second
 */
public record UnreadableEvent(
        String database, String table, String reason, EventPosition from, EventPosition to, long committedAt) {

    /** What was, or would be, passed over, in half a sentence. */
    @Override
    public String toString() {
        String what = table != null
                ? "the watched table " + database + '.' + table
                : database != null ? "watched tables, the default database is " + database : "watched tables";
        return "the event at " + from.file() + ':' + from.position() + " may hold changes of " + what
                + " that cannot be read: " + reason;
    }
}

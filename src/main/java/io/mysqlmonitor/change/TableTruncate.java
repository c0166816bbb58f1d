package io.mysqlmonitor.change;

/**
 * All rows of a table are gone at once: {@code TRUNCATE TABLE}, for which the binary log has no row.
 *
 * @param database name of the database (schema)
 * @param tableName name of the table
 * @param position the statement's place in the binary log
 * @param committedAt Unix second of the statement in the binary log
 */
public record TableTruncate(String database, String tableName, EventPosition position, long committedAt)
        implements Change {

    /** The value of {@code type} in the message. */
    public static final String WIRE_NAME = "table_truncate";

    @Override
    public String typeName() {
        return WIRE_NAME;
    }

    @Override
    public long weight() {
        return 200;
    }

    @Override
    public String toString() {
        return WIRE_NAME + " of " + database + '.' + tableName + " at " + position;
    }
}

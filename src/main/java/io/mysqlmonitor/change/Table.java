package io.mysqlmonitor.change;

import java.util.List;

/**
 * A table as it was when its row changed.
 *
 * @param database name of the database (schema)
 * @param name name of the table
 * @param columns names of the captured columns, in the table's order
 * @param keyColumns indexes into {@code columns} of its key, in the key's order; empty for a table without one
 * @param changedAt place of the latest statement about it that was read from the binary log; null if there was none
 */
public record Table(
        String database, String name, List<String> columns, List<Integer> keyColumns, EventPosition changedAt) {

    public Table {
        columns = List.copyOf(columns);
        keyColumns = List.copyOf(keyColumns);
    }

    /** A table about which no statement was read. */
    public Table(String database, String name, List<String> columns, List<Integer> keyColumns) {
        this(database, name, columns, keyColumns, null);
    }

    /** Whether two rows of this table can be told apart, so that changes of one row can be merged. */
    public boolean hasKey() {
        return !keyColumns.isEmpty();
    }

    @Override
    public String toString() {
        return database + "." + name;
    }
}

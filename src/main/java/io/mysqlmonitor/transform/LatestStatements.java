package io.mysqlmonitor.transform;

import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.change.SchemaChange;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Where the latest statements about tables and databases stand in the binary log; those before the latest thousand are forgotten, which no
 * window reaches back to.
 *
 * <p>For one thread.
 */
final class LatestStatements {

    private static final int MAX = 1_000;

    /** By names in small letters, since a statement may write a name in another way than the server. */
    private final Map<Name, EventPosition> positions = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Name, EventPosition> eldest) {
            return size() > MAX;
        }
    };

    /** A table, or a database if {@code table} is null. */
    private record Name(String database, String table) {

        static Name of(String database, String table) {
            return new Name(database.toLowerCase(Locale.ROOT), table == null ? null : table.toLowerCase(Locale.ROOT));
        }
    }

    /**
     * @param statement what it did to a table or a database
     */
    void add(Change statement) {
        put(Name.of(statement.database(), statement.tableName()), statement.position());
        if (statement instanceof SchemaChange change && change.formerName() != null) {
            put(Name.of(change.formerName().database(), change.formerName().table()), statement.position());
        }
    }

    private void put(Name name, EventPosition position) {
        positions.remove(name); // so that it is the youngest
        positions.put(name, position);
    }

    /** The latest statement about a table or its database; null if there was none. */
    EventPosition latest(String database, String table) {
        EventPosition ofTable = positions.get(Name.of(database, table));
        EventPosition ofDatabase = positions.get(Name.of(database, null));
        if (ofTable == null || ofDatabase == null) {
            return ofTable == null ? ofDatabase : ofTable;
        }
        return ofTable.isBefore(ofDatabase) ? ofDatabase : ofTable;
    }
}

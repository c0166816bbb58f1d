package io.mysqlmonitor.change;

import io.mysqlmonitor.statement.TableStatement;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What a DDL statement did to one table, or to a database. A statement about several tables is several of these.
 *
 * @param kind what it did
 * @param database name of the database (schema)
 * @param tableName name of the table, after a renaming the new one; null if it is about the database
 * @param formerName the table's name before a renaming; null if it is none
 * @param ddl the statement's text
 * @param columns the table's columns after it, in the table's order; empty for a table that was dropped
 * @param keyColumns names of the columns of the primary key after it, in the key's order
 * @param position the statement's place in the binary log; its row is the number of the table within the statement
 * @param committedAt Unix second of the statement in the binary log
 */
public record SchemaChange(
        Kind kind,
        String database,
        String tableName,
        TableStatement.Name formerName,
        String ddl,
        List<Column> columns,
        List<String> keyColumns,
        EventPosition position,
        long committedAt)
        implements Change {

    /** The value of {@code type} in the message. */
    public static final String WIRE_NAME = "schema_change";

    /** What a statement did; the wire name is its name in small letters. */
    public enum Kind {
        CREATE,
        ALTER,
        RENAME,
        DROP,
        /** A database was created, altered or dropped. */
        DATABASE;

        /** The value of {@code kind} in the message. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A column as it is after the statement.
     *
     * @param name its name
     * @param type its type as MySQL writes it, such as {@code VARCHAR(50)} or {@code INT UNSIGNED}
     * @param nullable whether it takes NULL
     */
    public record Column(String name, String type, boolean nullable) {}

    public SchemaChange {
        Objects.requireNonNull(kind);
        columns = List.copyOf(columns);
        keyColumns = List.copyOf(keyColumns);
    }

    @Override
    public String typeName() {
        return WIRE_NAME;
    }

    @Override
    public long weight() {
        return 200 + 2L * ddl.length() + 200L * columns.size();
    }

    /** Without the statement, which may hold values. */
    @Override
    public String toString() {
        return WIRE_NAME + " (" + kind.wireName() + ") of " + database + (tableName == null ? "" : '.' + tableName)
                + " at " + position;
    }
}

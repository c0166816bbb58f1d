package io.mysqlmonitor.statement;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a statement in the binary log does to rows for which there is no event, as far as its first words tell.
 *
 * <p>A server that logs rows logs statements that define things, control transactions or manage users, and no others. What is neither known to be one
 * of these nor known to change a single table may change any.
 *
 * @param verb the word that says what it does, in capitals
 * @param changesRows whether it may have changed rows that the binary log holds nowhere else
 * @param table the only table whose rows it changes; null if that is not known
 */
public record LoggedStatement(String verb, boolean changesRows, TableStatement.Name table) {

    private static final String CREATE_BY_QUERY = "CREATE TABLE ... SELECT";

    /** Define something, for the connector to read or to pass over; CREATE TABLE is looked at more closely. */
    private static final Set<String> DEFINITIONS = Set.of("CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE");

    /**
     * Change no rows: what controls transactions, manages users, settings, plugins, replication and locks, and what maintains tables
     * without changing what they hold.
     */
    private static final Set<String> HARMLESS = Set.of(
            "", // nothing but comments, such as MariaDB's "# Dum" in the place of an event that it hides
            "COMMIT",
            "ROLLBACK",
            "SAVEPOINT",
            "RELEASE",
            "START",
            "XA",
            "GRANT",
            "REVOKE",
            "SET",
            "FLUSH",
            "RESET",
            "OPTIMIZE",
            "REPAIR",
            "CHECK",
            "CHECKSUM",
            "CACHE",
            "INSTALL",
            "UNINSTALL",
            "LOCK",
            "UNLOCK",
            "USE",
            "KILL",
            "CHANGE",
            "STOP",
            "PURGE",
            "SHOW");

    private static final Set<String> MODIFIERS =
            Set.of("LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "QUICK", "IGNORE", "INTO");

    /** What follows the table's name and its alias in a DELETE from one table. */
    private static final Set<String> AFTER_TABLE = Set.of("", ";", "WHERE", "ORDER", "LIMIT", "RETURNING");

    /**
     * @param sql the statement's text
     * @param database the database of names without one
     */
    public static LoggedStatement of(String sql, String database) {
        SqlWords words = new SqlWords(sql);
        String verb = words.next();
        if (verb.equals("SET") && words.isNext("STATEMENT")) { // MariaDB: SET STATEMENT variable = value FOR statement
            words.skipTo("FOR");
            verb = words.next();
        }
        return switch (verb) {
            case "BEGIN" -> new LoggedStatement(verb, words.isNext("NOT"), null); // MariaDB: BEGIN NOT ATOMIC ... END
            case "ANALYZE" -> new LoggedStatement(verb, !isAnalyzeTable(words), null); // MariaDB: ANALYZE UPDATE ...
            case "CREATE" -> create(words, database);
            case "INSERT", "REPLACE" -> changing(verb, target(words, database));
            case "UPDATE" -> changing(verb, target(words, database).filter(table -> isOneTable(words, Set.of("SET"))));
            case "DELETE" -> {
                words.skip(MODIFIERS);
                yield changing(
                        verb,
                        words.isNext("FROM")
                                ? name(words, database).filter(table -> isOneTable(words, AFTER_TABLE))
                                : Optional.empty());
            }
            case "LOAD" -> {
                words.skipTo("INTO");
                yield changing(verb, words.isNext("TABLE") ? name(words, database) : Optional.empty());
            }
            default -> new LoggedStatement(verb, !DEFINITIONS.contains(verb) && !HARMLESS.contains(verb), null);
        };
    }

    /** Whether it creates the table whose rows it changes. */
    public boolean defines() {
        return verb.equals(CREATE_BY_QUERY);
    }

    private static LoggedStatement changing(String verb, Optional<TableStatement.Name> table) {
        return new LoggedStatement(verb, true, table.orElse(null));
    }

    private static boolean isAnalyzeTable(SqlWords words) {
        words.skip(Set.of("LOCAL", "NO_WRITE_TO_BINLOG"));
        return words.isNext("TABLE") || words.isNext("TABLES");
    }

    /** A table that is created with the rows of a query; where rows are logged, the definition is logged alone. */
    private static LoggedStatement create(SqlWords words, String database) {
        words.skip(Set.of("OR", "REPLACE"));
        if (!words.isNext(
                "TABLE")) { // a temporary one is nobody's business; views and routines have queries of their own
            return new LoggedStatement("CREATE", false, null);
        }
        words.skip(Set.of("IF", "NOT", "EXISTS"));
        Optional<TableStatement.Name> table = name(words, database);
        for (String word = words.next(); !word.isEmpty(); word = words.next()) {
            boolean query = word.equals("SELECT")
                    || word.equals("TABLE") // CREATE TABLE t AS TABLE s
                    || word.equals("VALUES") && words.isNext("ROW");
            if (query) {
                return changing(CREATE_BY_QUERY, table);
            }
        }
        return new LoggedStatement("CREATE", false, null);
    }

    private static Optional<TableStatement.Name> target(SqlWords words, String database) {
        words.skip(MODIFIERS);
        return name(words, database);
    }

    private static Optional<TableStatement.Name> name(SqlWords words, String database) {
        Optional<String> first = words.name();
        if (first.isEmpty() || !words.isNext(".")) {
            return first.map(table -> new TableStatement.Name(database, table));
        }
        return words.name().map(table -> new TableStatement.Name(first.get(), table));
    }

    /** Whether nothing but an alias stands between the table's name and one of the words. */
    private static boolean isOneTable(SqlWords words, Set<String> after) {
        if (words.isNext("AS")) {
            words.name();
        } else if (!after.contains(words.peek())) {
            words.name();
        }
        return after.contains(words.peek().toUpperCase(Locale.ROOT));
    }
}

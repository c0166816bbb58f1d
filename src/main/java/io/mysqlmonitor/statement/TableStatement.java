package io.mysqlmonitor.statement;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The tables that a statement creates, alters, renames or drops, as far as the start of its text tells. For statements that no
 * parser reads: it knows the names alone.
 *
 * @param verb what it does, in capitals
 * @param tables in the order of the text; empty if their names cannot be made out
 * @param onlyIf whether it does nothing if a table is there, or is missing
 * @param rest what follows the name of the first table
 */
public record TableStatement(String verb, List<Name> tables, boolean onlyIf, String rest) {

    /** A table's name, with that of its database. */
    public record Name(String database, String table) {

        /** Stands for a table whose name cannot be made out. */
        public static final Name UNKNOWN = new Name("?", "?");

        @Override
        public String toString() {
            return database + '.' + table;
        }
    }

    private static final Set<String> VERBS = Set.of("ALTER", "CREATE", "DROP", "RENAME");
    private static final Set<String> MODIFIERS = Set.of("OR", "REPLACE", "ONLINE", "OFFLINE", "IGNORE", "EXTERNAL");

    public TableStatement {
        tables = List.copyOf(tables);
    }

    /**
     * @param sql text of the statement, which may begin with comments
     * @param database the database of names without one
     * @return empty if the statement is not about tables, or about temporary ones
     */
    public static Optional<TableStatement> of(String sql, String database) {
        SqlWords words = new SqlWords(sql);
        String verb = words.next();
        if (!VERBS.contains(verb)) {
            return Optional.empty();
        }
        words.skip(MODIFIERS);
        if (!words.isNext("TABLE") && !words.isNext("TABLES")) {
            return Optional.empty();
        }
        boolean onlyIf = words.peek().equals("IF");
        words.skip(Set.of("IF", "NOT", "EXISTS"));
        List<Name> tables = new ArrayList<>();
        String rest = null;
        boolean several = verb.equals("DROP") || verb.equals("RENAME");
        do {
            Optional<Name> name = name(words, database);
            if (name.isEmpty()) {
                return Optional.of(new TableStatement(verb, List.of(), onlyIf, ""));
            }
            tables.add(name.get());
            skipWait(words);
            rest = rest == null ? words.rest() : rest;
        } while (several && (words.isNext(",") || words.isNext("TO") || words.isNext("AS")));
        if (verb.equals("ALTER")) {
            addNewNames(words, database, tables);
        }
        return Optional.of(new TableStatement(verb, tables, onlyIf, rest));
    }

    /** MariaDB's: how long to wait for a lock. */
    private static void skipWait(SqlWords words) {
        if (!words.isNext("NOWAIT") && words.isNext("WAIT")) {
            words.next();
        }
    }

    private static void addNewNames(SqlWords words, String database, List<Name> tables) {
        int depth = 0;
        for (String word = words.next(); !word.isEmpty(); word = words.next()) {
            depth += word.equals("(") ? 1 : word.equals(")") ? -1 : 0;
            if (depth > 0
                    || !word.equals("RENAME")
                    || Set.of("COLUMN", "INDEX", "KEY").contains(words.peek())) {
                continue;
            }
            words.skip(Set.of("TO", "AS", "="));
            name(words, database).ifPresent(tables::add);
        }
    }

    private static Optional<Name> name(SqlWords words, String database) {
        Optional<String> first = words.name();
        if (first.isEmpty() || !words.isNext(".")) {
            return first.map(table -> new Name(database, table));
        }
        return words.name().map(table -> new Name(first.get(), table));
    }
}

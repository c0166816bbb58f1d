package io.mysqlmonitor.statement;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A statement that takes tables from one database to another, with the database of each name: the engine tells but one database, which
 * names without one are then taken to be in.
 */
public final class QualifiedNames {

    private final String sql;
    private final SqlWords words;
    private final List<Integer> unqualified = new ArrayList<>();
    private boolean qualified;

    private QualifiedNames(String sql) {
        this.sql = sql;
        this.words = new SqlWords(sql);
    }

    /**
     * @param sql any statement
     * @param database that of names without one
     * @return the same, if it has no names of both kinds, or does not rename or alter tables
     */
    public static String in(String sql, String database) {
        QualifiedNames names = new QualifiedNames(sql);
        return names.read() ? names.with(database) : sql;
    }

    private boolean read() {
        boolean alter = words.isNext("ALTER");
        if (!alter && !words.isNext("RENAME")) {
            return false;
        }
        words.skip(Set.of("ONLINE", "OFFLINE", "IGNORE"));
        if (!words.isNext("TABLE") && !words.isNext("TABLES")) {
            return false;
        }
        words.skip(Set.of("IF", "EXISTS"));
        name();
        for (String word = words.next(); !word.isEmpty(); word = words.next()) {
            boolean named = alter
                    ? word.equals("TABLE") || word.equals("RENAME") && !isOfColumn()
                    : word.equals(",") || word.equals("TO");
            if (named) {
                if (alter) {
                    words.skip(Set.of("TO", "AS", "="));
                }
                name();
            }
        }
        return qualified && !unqualified.isEmpty();
    }

    private boolean isOfColumn() {
        return Set.of("COLUMN", "INDEX", "KEY").contains(words.peek());
    }

    private void name() {
        int place = words.place();
        if (words.name().isEmpty()) {
            return;
        }
        if (words.isNext(".")) {
            words.name();
            qualified = true;
        } else {
            unqualified.add(place);
        }
    }

    private String with(String database) {
        StringBuilder text = new StringBuilder(sql);
        for (int i = unqualified.size() - 1; i >= 0; i--) {
            text.insert(unqualified.get(i), "`" + database.replace("`", "``") + "`.");
        }
        return text.toString();
    }
}

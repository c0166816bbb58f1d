package io.mysqlmonitor.statement;

import java.util.Set;

/**
 * A statement about a database with its character set in it, which is that of its tables: the connector's parser knows neither the one of a
 * {@code COLLATE} nor the session's, which the server takes where there is none.
 */
public final class DatabaseStatement {

    private DatabaseStatement() {}

    /**
     * @param sql any statement
     * @param sessionCharset that of {@code collation_server}; null if it is not known
     * @return the same, if it is about something else or names a character set
     */
    public static String withCharset(String sql, String sessionCharset) {
        SqlWords words = new SqlWords(sql);
        boolean create = words.isNext("CREATE");
        if (!create && !words.isNext("ALTER")) {
            return sql;
        }
        words.skip(Set.of("OR", "REPLACE"));
        if (!words.isNext("DATABASE") && !words.isNext("SCHEMA")) {
            return sql;
        }
        boolean onlyIf = words.peek().equals("IF");
        String charset = create && !onlyIf ? sessionCharset : null; // with a database that is there it says nothing
        for (String word = words.next(); !word.isEmpty(); word = words.next()) {
            if (word.equals("CHARSET") || word.equals("CHARACTER")) {
                return sql;
            }
            if (word.equals("COLLATE")) {
                words.skip(Set.of("="));
                charset = CharsetClauses.ofCollation(words.next());
            }
        }
        return charset == null ? sql : sql.replaceFirst("[;\\s]+$", "") + " CHARACTER SET " + charset;
    }
}

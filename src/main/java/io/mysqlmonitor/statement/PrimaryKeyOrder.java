package io.mysqlmonitor.statement;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Puts {@code DROP PRIMARY KEY} in front of what adds a key in an {@code ALTER TABLE}: the server drops the old key first wherever that stands, and the
 * connector's parser takes one after the other.
 */
final class PrimaryKeyOrder {

    private PrimaryKeyOrder() {}

    /** The statement itself if nothing has to be moved. */
    static String of(String sql) {
        Optional<TableStatement> alter =
                TableStatement.of(sql, "").filter(statement -> statement.verb().equals("ALTER"));
        if (alter.isEmpty()) {
            return sql;
        }
        String specifications = alter.get().rest();
        List<String> before = new ArrayList<>();
        boolean addsKey = false;
        SqlWords words = new SqlWords(specifications);
        int begin = 0;
        while (!words.peek().isEmpty()) {
            if (words.isNext("DROP") && words.isNext("PRIMARY") && words.isNext("KEY")) {
                if (!addsKey) {
                    return sql;
                }
                return sql.substring(0, sql.length() - specifications.length()) + " DROP PRIMARY KEY,"
                        + String.join(",", before) + words.rest();
            }
            addsKey |= skipSpecification(words);
            int end = specifications.length() - words.rest().length();
            before.add(specifications.substring(begin, end));
            words.isNext(",");
            begin = specifications.length() - words.rest().length();
        }
        return sql;
    }

    /** Whether it has the words {@code PRIMARY KEY}. */
    private static boolean skipSpecification(SqlWords words) {
        boolean addsKey = false;
        int depth = 0;
        while (!words.peek().isEmpty() && (depth > 0 || !words.peek().equals(","))) {
            String word = words.next();
            depth += word.equals("(") ? 1 : word.equals(")") ? -1 : 0;
            addsKey |= word.equals("PRIMARY") && words.peek().equals("KEY");
        }
        return addsKey;
    }
}

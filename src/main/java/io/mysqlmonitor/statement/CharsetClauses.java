package io.mysqlmonitor.statement;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The character sets that a statement about a table names where Debezium's parser does not look: a table's default in {@code ALTER TABLE}, and each
 * {@code COLLATE} without a character set beside it.
 *
 * @param table the table's default; null if it names none, and empty if it cannot be made out
 * @param columns those of columns, by name, their case aside
 */
public record CharsetClauses(String table, Map<String, String> columns) {

    private static final Set<String> COLUMN = Set.of("ADD", "MODIFY", "CHANGE");
    private static final Set<String> NO_OPTION = Set.of("DROP", "RENAME", "ALTER", "ORDER", "PARTITION");

    public CharsetClauses {
        columns = Map.copyOf(columns);
    }

    /** Of CREATE TABLE or ALTER TABLE; none of others. */
    public static CharsetClauses of(TableStatement statement) {
        Map<String, String> columns = new TreeMap<>();
        String table = null;
        if (statement.verb().equals("ALTER")) {
            for (List<String> specification : SqlWords.separated(statement.rest())) {
                String verb = upper(specification, 0);
                if (COLUMN.contains(verb)) {
                    addColumn(specification, newName(specification), columns);
                } else if (verb.equals("CONVERT")) {
                    table = upper(specification, specification.size() - 1).equals("DEFAULT") ? "" : table;
                } else if (!NO_OPTION.contains(verb)) {
                    String option = option(specification, true);
                    table = option == null ? table : option;
                }
            }
        } else if (statement.verb().equals("CREATE")) {
            List<String> words = new ArrayList<>();
            SqlWords.separated(statement.rest()).forEach(words::addAll);
            int end = end(words);
            for (List<String> column : SqlWords.separated(inner(words, end))) {
                addColumn(column, 0, columns);
            }
            table = option(words.subList(Math.min(end + 1, words.size()), words.size()), false);
        }
        return new CharsetClauses(table, columns);
    }

    /** Whether one stands for the other. */
    public static boolean isSame(String charset, String other) {
        return withoutAlias(charset).equalsIgnoreCase(withoutAlias(other));
    }

    private static String withoutAlias(String charset) {
        return "utf8".equalsIgnoreCase(charset) ? "utf8mb3" : String.valueOf(charset);
    }

    /** The character set of a collation, whose name begins with it; null for MariaDB's that have none of their own. */
    public static String ofCollation(String collation) {
        String charset =
                collation.replaceAll("[`'\"]", "").replaceFirst("_.*", "").toLowerCase(Locale.ROOT);
        return charset.equals("uca1400") ? null : charset;
    }

    private static int newName(List<String> words) {
        int at = 1;
        while (Set.of("COLUMN", "IF", "NOT", "EXISTS").contains(upper(words, at))) {
            at++;
        }
        return upper(words, 0).equals("CHANGE") ? at + 1 : at;
    }

    private static void addColumn(List<String> words, int at, Map<String, String> columns) {
        if (at < words.size() && words.get(at).equals("(")) {
            SqlWords.separated(inner(words, words.lastIndexOf(")"))).forEach(column -> addColumn(column, 0, columns));
            return;
        }
        String charset = option(words, false);
        if (charset != null && at < words.size()) {
            columns.put(new SqlWords(words.get(at)).name().orElse(""), charset);
        }
    }

    /** What stands between the first opening and a closing parenthesis. */
    private static String inner(List<String> words, int end) {
        int begin = words.indexOf("(") + 1;
        return begin == 0 || end < begin ? "" : String.join(" ", words.subList(begin, end));
    }

    /** The parenthesis that closes the first one. */
    private static int end(List<String> words) {
        int depth = 0;
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).equals("(")) {
                depth++;
            } else if (words.get(i).equals(")") && --depth == 0) {
                return i;
            }
        }
        return -1;
    }

    /**
     * @param named whether a character set of its own counts, of which a collation is
     */
    private static String option(List<String> words, boolean named) {
        String charset = null;
        int depth = 0;
        for (int i = 0; i < words.size(); i++) {
            String word = upper(words, i);
            depth += word.equals("(") ? 1 : word.equals(")") ? -1 : 0;
            if (depth > 0) {
                continue;
            }
            int value = upper(words, i + 1).equals("=") ? i + 2 : i + 1;
            if (word.equals("COLLATE") && value < words.size()) {
                charset = ofCollation(words.get(value));
            } else if (word.equals("CHARSET")
                    || word.equals("SET") && upper(words, i - 1).equals("CHARACTER")) {
                return named && value < words.size() ? words.get(value).replaceAll("[`'\"]", "") : null;
            }
        }
        return charset;
    }

    private static String upper(List<String> words, int at) {
        return at >= 0 && at < words.size() ? words.get(at).toUpperCase(Locale.ROOT) : "";
    }
}

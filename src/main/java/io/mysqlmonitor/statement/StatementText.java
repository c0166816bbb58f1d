package io.mysqlmonitor.statement;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The text of a statement as the connector's parser needs it: with the contents of the executable comments that its server executes, without any other
 * comment, by the default SQL mode, and with {@code CHARACTER SET} where the parser does not know a short form.
 *
 * <p>A statement of which nothing has to be changed stays as it is, white space included.
 *
 * <p>For one thread and one statement.
 */
public final class StatementText {

    private static final int SHORT_VERSION_DIGITS = 5;
    /** MariaDB takes what is for these versions of MySQL for a comment. */
    private static final int FIRST_UNKNOWN_TO_MARIADB = 50700;

    private static final int FIRST_OF_MARIADB = 100000;

    /** Short forms of character sets that stand behind the type of a text. */
    private static final Map<String, String> CHARSETS = Map.of("ASCII", "latin1", "UNICODE", "ucs2", "BYTE", "binary");

    private static final Set<String> BEFORE_CHARSET = Set.of(
            ")", "CHAR", "CHARACTER", "VARCHAR", "VARYING", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT", "BINARY");
    /** What follows them is a name. */
    private static final Set<String> BEFORE_NAME = Set.of("CHANGE", "COLUMN");

    /**
     * What the meaning of a text depends on.
     *
     * @param version of the server, such as 80036 for 8.0.36
     * @param mariadb whether it is MariaDB's
     * @param sqlMode the bits of the session's SQL mode
     */
    public record Context(int version, boolean mariadb, long sqlMode) {

        static final long REAL_AS_FLOAT = 1;
        static final long ANSI_QUOTES = 4;
        static final long NO_BACKSLASH_ESCAPES = 1L << 20;

        private boolean has(long mode) {
            return (sqlMode & mode) != 0;
        }

        private boolean executes(int wanted) {
            return wanted <= version && !(mariadb && wanted >= FIRST_UNKNOWN_TO_MARIADB && wanted < FIRST_OF_MARIADB);
        }
    }

    private final String sql;
    private final Context context;
    private final StringBuilder text;
    private int at;
    private boolean executing;
    private boolean afterDot;
    /** The last word in capitals, or sign; empty for a quoted name or text. */
    private String last = "";

    private String lastButOne = "";

    private StatementText(String sql, Context context) {
        this.sql = sql;
        this.context = context;
        this.text = new StringBuilder(sql.length());
    }

    /** Never empty, unless the statement is: one that has nothing but comments stays as it is. */
    public static String of(String sql, Context context) {
        String text = new StatementText(sql, context).read();
        if (text.isBlank()) {
            return sql;
        }
        text = PrimaryKeyOrder.of(withoutSettings(text));
        return text.equals(sql) ? sql : text.strip();
    }

    private String read() {
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c == '/' && sql.startsWith("/*", at)) {
                comment();
            } else if (executing && sql.startsWith("*/", at)) {
                executing = false;
                at += 2;
                text.append(' ');
            } else if (c == '#' || c == '-' && isDashComment()) {
                int end = sql.indexOf('\n', at);
                at = end < 0 ? sql.length() : end;
                text.append(' ');
            } else if (c == '\'' || c == '"' || c == '`') {
                quoted(c);
            } else if (isWord(c)) {
                word();
            } else {
                afterDot = c == '.' || afterDot && Character.isWhitespace(c);
                if (!Character.isWhitespace(c)) {
                    passed(String.valueOf(c));
                }
                text.append(c);
                at++;
            }
        }
        return text.toString();
    }

    private boolean isDashComment() {
        return sql.startsWith("--", at)
                && (at + 2 == sql.length() || sql.charAt(at + 2) <= ' ' || sql.charAt(at + 2) == '\u007f');
    }

    private void comment() {
        int mark = sql.startsWith("/*!", at) ? 3 : context.mariadb && sql.startsWith("/*M!", at) ? 4 : 0;
        if (mark == 0) {
            at = afterComment(at + 2);
            text.append(' ');
            return;
        }
        int begin = at + mark;
        int end = begin;
        while (end < sql.length()
                && end - begin <= SHORT_VERSION_DIGITS
                && sql.charAt(end) >= '0'
                && sql.charAt(end) <= '9') {
            end++;
        }
        boolean versioned = end - begin >= SHORT_VERSION_DIGITS;
        int wanted = versioned ? Integer.parseInt(sql.substring(begin, end)) : 0;
        boolean executed = mark == 4 ? wanted <= context.version : context.executes(wanted);
        if (executed) {
            executing = true;
            at = versioned ? end : begin;
        } else {
            at = afterNested(begin);
        }
        text.append(' ');
    }

    private int afterComment(int from) {
        int end = sql.indexOf("*/", from);
        return end < 0 ? sql.length() : end + 2;
    }

    /** What is not executed may have comments in it. */
    private int afterNested(int from) {
        int i = from;
        while (i < sql.length()) {
            if (sql.startsWith("/*", i)) {
                i = afterComment(i + 2);
            } else if (sql.startsWith("*/", i)) {
                return i + 2;
            } else {
                i++;
            }
        }
        return i;
    }

    private void quoted(char quote) {
        int begin = text.length();
        boolean name = quote == '`' || quote == '"' && context.has(Context.ANSI_QUOTES);
        boolean escapes = !name && !context.has(Context.NO_BACKSLASH_ESCAPES);
        char written = name ? '`' : quote;
        text.append(written);
        at++;
        while (at < sql.length()) {
            char c = sql.charAt(at++);
            if (c == '\\' && escapes && at < sql.length()) {
                text.append(c).append(sql.charAt(at++));
            } else if (c == '\\' && !name) {
                text.append("\\\\");
            } else if (c == quote) {
                if (at == sql.length() || sql.charAt(at) != quote) {
                    break;
                }
                at++;
                text.append(written == quote ? String.valueOf(new char[] {quote, quote}) : quote);
            } else {
                text.append(c == '`' && name ? "``" : c);
            }
        }
        text.append(written);
        afterDot = false;
        passed("");
        if (name) {
            quoteAnew(begin);
        }
    }

    /**
     * Of a name with a backquote in it the connector's parser finds no column in ALTER TABLE, unless it stands in double quotes. One with double
     * quotes or backslashes, too, it finds in none.
     */
    private void quoteAnew(int begin) {
        String name = text.substring(begin + 1, text.length() - 1);
        if (name.contains("``")
                && name.indexOf('"') < 0
                && name.indexOf('\\') < 0
                && new SqlWords(text.toString()).isNext("ALTER")) {
            text.setLength(begin);
            text.append('"').append(name.replace("``", "`")).append('"');
        }
    }

    private void word() {
        int begin = at;
        while (at < sql.length() && isWord(sql.charAt(at))) {
            at++;
        }
        String word = sql.substring(begin, at);
        text.append(afterDot ? word : rewritten(word));
        afterDot = false;
        passed(word.toUpperCase(Locale.ROOT));
    }

    private String rewritten(String word) {
        if (context.has(Context.REAL_AS_FLOAT) && word.equalsIgnoreCase("REAL")) {
            return "FLOAT";
        }
        String charset = CHARSETS.get(word.toUpperCase(Locale.ROOT));
        boolean afterType = charset != null && BEFORE_CHARSET.contains(last) && !BEFORE_NAME.contains(lastButOne);
        return afterType ? "CHARACTER SET " + charset : word;
    }

    private void passed(String token) {
        lastButOne = last;
        last = token;
    }

    /** MariaDB's {@code SET STATEMENT variable = value FOR statement}, which sets nothing that changes a definition. */
    private static String withoutSettings(String text) {
        SqlWords words = new SqlWords(text);
        if (!words.isNext("SET") || !words.isNext("STATEMENT")) {
            return text;
        }
        words.skipTo("FOR");
        String rest = words.rest();
        return rest.isBlank() ? text : rest;
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c > '\u007f';
    }

    /** The number of a version such as {@code 10.11.18-MariaDB} or {@code 5.5.5-10.4.1-MariaDB}. */
    public static int version(String name) {
        String[] parts = name.replaceFirst("^5\\.5\\.5-(?=1)", "").split("[^0-9]+", 4);
        int number = 0;
        for (int i = 0; i < 3; i++) {
            number = number * 100 + (i < parts.length && !parts[i].isEmpty() ? Integer.parseInt(parts[i]) : 0);
        }
        return number;
    }

    public static boolean isMariadb(String version) {
        return version.toUpperCase(Locale.ROOT).contains("MARIADB");
    }
}

package io.mysqlmonitor.statement;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The words and signs of a statement, one after the other, without its comments. Executable comments are part of the statement.
 *
 * <p>For one thread.
 */
public final class SqlWords {

    private final String sql;
    private int at;
    /** Begin and end of the word that comes next. */
    private int begin;

    private int end;
    private boolean found;

    public SqlWords(String sql) {
        this.sql = sql;
    }

    /** The next word in capitals, or sign, or quoted name or text with its quotes; empty at the end. */
    public String next() {
        String next = peek();
        at = end;
        found = false;
        return next;
    }

    /** As {@link #next()}, but a word as it stands. */
    public String nextAsWritten() {
        find();
        String text = sql.substring(begin, end);
        next();
        return text;
    }

    /** As {@link #next()}, which returns it again. */
    public String peek() {
        find();
        String text = sql.substring(begin, end);
        return !text.isEmpty() && isWord(text.charAt(0)) ? text.toUpperCase(Locale.ROOT) : text;
    }

    /** Takes the next word if it is this one. */
    public boolean isNext(String word) {
        boolean next = peek().equals(word);
        if (next) {
            next();
        }
        return next;
    }

    public void skip(Set<String> words) {
        while (words.contains(peek())) {
            next();
        }
    }

    /** Takes all up to this word, and the word. */
    public void skipTo(String word) {
        for (String next = next(); !next.isEmpty() && !next.equals(word); ) {
            next = next();
        }
    }

    /** Where the next word begins in the text. */
    public int place() {
        find();
        return begin;
    }

    /** What was not taken yet. */
    public String rest() {
        return sql.substring(at);
    }

    /** The next word as a name; empty, and not taken, if it cannot be one. */
    public Optional<String> name() {
        find();
        String text = sql.substring(begin, end);
        if (text.isEmpty() || text.charAt(0) == '\'' || !isWord(text.charAt(0)) && !isQuote(text.charAt(0))) {
            return Optional.empty();
        }
        next();
        if (isWord(text.charAt(0))) {
            return Optional.of(text);
        }
        String quote = text.substring(0, 1);
        return Optional.of(text.substring(1, Math.max(1, text.length() - 1)).replace(quote + quote, quote));
    }

    /** The words of each part between commas, as they stand; those within parentheses do not count. */
    static List<List<String>> separated(String specifications) {
        SqlWords words = new SqlWords(specifications);
        List<List<String>> all = new ArrayList<>();
        List<String> current = new ArrayList<>();
        int depth = 0;
        for (String word = words.nextAsWritten(); !word.isEmpty(); word = words.nextAsWritten()) {
            depth += word.equals("(") ? 1 : word.equals(")") ? -1 : 0;
            if (depth == 0 && word.equals(",")) {
                all.add(current);
                current = new ArrayList<>();
            } else {
                current.add(word);
            }
        }
        all.add(current);
        return all;
    }

    private void find() {
        if (found) {
            return;
        }
        found = true;
        begin = afterComments();
        end = begin;
        if (begin == sql.length()) {
            return;
        }
        char first = sql.charAt(begin);
        if (isQuote(first)) {
            end = afterQuoted(first);
        } else if (isWord(first)) {
            while (end < sql.length() && isWord(sql.charAt(end))) {
                end++;
            }
        } else {
            end++;
        }
    }

    private int afterComments() {
        int i = at;
        while (i < sql.length()) {
            if (Character.isWhitespace(sql.charAt(i))) {
                i++;
            } else if (sql.startsWith("/*!", i) || sql.startsWith("/*M!", i)) {
                i = sql.indexOf('!', i) + 1;
                while (i < sql.length() && Character.isDigit(sql.charAt(i))) {
                    i++;
                }
            } else if (sql.startsWith("*/", i)) {
                i += 2; // of an executable comment
            } else if (sql.startsWith("/*", i)) {
                i = after("*/", i + 2);
            } else if (sql.charAt(i) == '#'
                    || sql.startsWith("--", i)
                            && (i + 2 == sql.length() || Character.isWhitespace(sql.charAt(i + 2)))) {
                i = after("\n", i);
            } else {
                return i;
            }
        }
        return i;
    }

    private int after(String what, int from) {
        int found = sql.indexOf(what, from);
        return found < 0 ? sql.length() : found + what.length();
    }

    private int afterQuoted(char quote) {
        for (int i = begin + 1; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (c == '\\' && quote != '`') {
                i++;
            } else if (c == quote) {
                if (i + 1 == sql.length() || sql.charAt(i + 1) != quote) {
                    return i + 1;
                }
                i++;
            }
        }
        return sql.length();
    }

    private static boolean isQuote(char c) {
        return c == '`' || c == '"' || c == '\'';
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c > '\u007f';
    }
}

package io.mysqlmonitor.change;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tables that a statement creates, alters, renames or drops, as far as the begin of its text tells. For statements that no
 * parser reads: it knows the names alone.
 *
 * @param tables in the order of the text
 */
public record TableStatement(List<Name> tables) {

    /** A table's name, with that of its database. */
    public record Name(String database, String table) {

        @Override
        public String toString() {
            return database + '.' + table;
        }
    }

    private static final Pattern LEADING_COMMENT =
            Pattern.compile("\\A\\s*(?:/\\*(?!!).*?\\*/|(?:--\\s|#)[^\\n]*\\n)", Pattern.DOTALL);
    private static final Pattern HEAD = Pattern.compile(
            "\\A\\s*(ALTER|CREATE|DROP|RENAME)\\s+(?:(?:OR\\s+REPLACE|ONLINE|OFFLINE|IGNORE|EXTERNAL)\\s+)*TABLES?\\s+"
                    + "(?:IF\\s+(?:NOT\\s+)?EXISTS\\s+)?",
            Pattern.CASE_INSENSITIVE);
    private static final String NAME = "(?:`(?:[^`]|``)+`|[\\w$\\u0080-\\uffff]+)";
    private static final Pattern QUALIFIED = Pattern.compile("(?:(" + NAME + ")\\s*\\.\\s*)?(" + NAME + ")");
    private static final Pattern RENAME_TO = Pattern.compile(
            "\\bRENAME\\s+(?:(?:TO|AS)\\s+|=\\s*)?(?!(?:COLUMN|INDEX|KEY)\\b)" + QUALIFIED.pattern(),
            Pattern.CASE_INSENSITIVE);
    private static final Pattern SEPARATOR = Pattern.compile("\\s*(?:,|\\s(?:TO|AS)\\s)\\s*", Pattern.CASE_INSENSITIVE);

    public TableStatement {
        tables = List.copyOf(tables);
    }

    /**
     * @param sql text of the statement, which may begin with comments
     * @param database the database of names without one
     * @return empty if the statement is not about tables, or about temporary ones
     */
    public static Optional<TableStatement> of(String sql, String database) {
        String text = sql;
        for (Matcher comment = LEADING_COMMENT.matcher(text); comment.find(); comment = LEADING_COMMENT.matcher(text)) {
            text = text.substring(comment.end());
        }
        Matcher head = HEAD.matcher(text);
        if (!head.find()) {
            return Optional.empty();
        }
        String verb = head.group(1).toUpperCase(Locale.ROOT);
        Matcher name = QUALIFIED.matcher(text).region(head.end(), text.length());
        List<Name> tables = new ArrayList<>();
        boolean several = verb.equals("DROP") || verb.equals("RENAME");
        while (name.lookingAt()) {
            tables.add(table(name, database));
            Matcher separator = SEPARATOR.matcher(text).region(name.end(), text.length());
            if (!several || !separator.lookingAt()) {
                break;
            }
            name.region(separator.end(), text.length());
        }
        Matcher renamed = RENAME_TO.matcher(text);
        if (verb.equals("ALTER") && renamed.find()) {
            tables.add(table(renamed, database));
        }
        return tables.isEmpty() ? Optional.empty() : Optional.of(new TableStatement(tables));
    }

    private static Name table(Matcher name, String database) {
        return new Name(name.group(1) == null ? database : unquoted(name.group(1)), unquoted(name.group(2)));
    }

    private static String unquoted(String name) {
        return name.charAt(0) == '`' ? name.substring(1, name.length() - 1).replace("``", "`") : name;
    }
}

package io.mysqlmonitor.statement;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The columns that a table has after an {@code ALTER TABLE}, as far as its text tells: to see whether a parser has applied it.
 *
 * @param names in order, their case aside
 * @param kept those that it was to add if they were missing, and were not
 */
public record AlteredColumns(List<String> names, Set<String> kept) {

    /** What follows ADD or DROP where it is about no column. */
    private static final Set<String> NO_COLUMN = Set.of(
            "INDEX",
            "KEY",
            "CONSTRAINT",
            "PRIMARY",
            "UNIQUE",
            "FULLTEXT",
            "SPATIAL",
            "FOREIGN",
            "CHECK",
            "PARTITION",
            "LIKE");

    public AlteredColumns {
        names = List.copyOf(names);
        kept = Set.copyOf(kept);
    }

    /**
     * @param before the table's columns before
     * @param specifications what follows the table's name in the statement
     * @return empty if the text does not fit the table, or its names cannot be made out
     */
    public static Optional<AlteredColumns> of(List<String> before, String specifications) {
        Alter alter = new Alter(before);
        for (List<String> specification : SqlWords.separated(specifications)) {
            if (specification.stream().anyMatch(AlteredColumns::isUnreadable)) {
                return Optional.empty();
            }
            alter.read(specification);
        }
        return alter.after();
    }

    /** Names with a backquote in them, which {@code CREATE TABLE} alone is read with. */
    private static boolean isUnreadable(String word) {
        return word.startsWith("`") && word.substring(1).contains("``");
    }

    /** The server takes columns away and changes them first, and then adds and moves columns, in the order of the text. */
    private static final class Alter {

        private record Addition(String name, Place place) {}

        /**
         * @param after null stands for the first place
         */
        private record Place(String after) {}

        private final Set<String> before = new LinkedHashSet<>();
        private final TreeMap<String, String> renamed = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        private final List<Addition> additions = new ArrayList<>();
        private final Set<String> kept = new LinkedHashSet<>();
        private boolean fits = true;

        Alter(List<String> before) {
            this.before.addAll(before);
            before.forEach(name -> renamed.put(name, name));
        }

        void read(List<String> words) {
            int at = 1;
            boolean column = is(words, at, "COLUMN");
            if (column) {
                at++;
            }
            boolean onlyIf = is(words, at, "IF");
            if (onlyIf) {
                at += is(words, at + 1, "NOT") ? 3 : 2;
            }
            if (at >= words.size() || !column && NO_COLUMN.contains(upper(words.get(at)))) {
                return;
            }
            switch (upper(words.get(0))) {
                case "ADD" -> add(words, at, onlyIf);
                case "DROP" -> drop(words, at, onlyIf);
                case "MODIFY" -> change(words, at, at, onlyIf);
                case "CHANGE" -> change(words, at, at + 1, onlyIf);
                case "RENAME" -> {
                    if (column) {
                        change(words, at, at + 2, onlyIf);
                    }
                }
                default -> {} // changes no column's name or place
            }
        }

        private void add(List<String> words, int at, boolean onlyIf) {
            if (isOfTable(words, at)) {
                return;
            }
            if (words.get(at).equals("(")) {
                for (List<String> column :
                        SqlWords.separated(String.join(" ", words.subList(at + 1, words.lastIndexOf(")"))))) {
                    if (!NO_COLUMN.contains(upper(column.get(0)))) {
                        add(name(column, 0), null, onlyIf);
                    }
                }
                return;
            }
            add(name(words, at), place(words, at + 1), onlyIf);
        }

        private void add(String name, Place place, boolean onlyIf) {
            if (onlyIf && renamed.containsKey(name)) {
                kept.add(name);
            } else {
                additions.add(new Addition(name, place));
            }
        }

        private void drop(List<String> words, int at, boolean onlyIf) {
            if (!isOfTable(words, at) && !isMissing(words, at, onlyIf)) {
                renamed.put(name(words, at), null);
            }
        }

        private void change(List<String> words, int at, int newName, boolean onlyIf) {
            if (newName >= words.size() || isMissing(words, at, onlyIf)) {
                fits &= newName < words.size();
                return;
            }
            String name = name(words, at);
            Place place = place(words, newName + 1);
            renamed.put(name, place == null ? name(words, newName) : null);
            if (place != null) {
                additions.add(new Addition(name(words, newName), place));
            }
        }

        private boolean isMissing(List<String> words, int at, boolean allowed) {
            boolean missing = !renamed.containsKey(name(words, at));
            fits &= !missing || allowed;
            return missing;
        }

        /** MariaDB's SYSTEM VERSIONING and PERIOD FOR. */
        private static boolean isOfTable(List<String> words, int at) {
            return is(words, at, "SYSTEM") && is(words, at + 1, "VERSIONING")
                    || is(words, at, "PERIOD") && is(words, at + 1, "FOR");
        }

        private static boolean is(List<String> words, int at, String word) {
            return at < words.size() && words.get(at).equalsIgnoreCase(word);
        }

        private static String upper(String word) {
            return word.toUpperCase(Locale.ROOT);
        }

        private static String name(List<String> words, int at) {
            return new SqlWords(words.get(at)).name().orElse("");
        }

        /** Null if it names none. */
        private static Place place(List<String> words, int from) {
            for (int i = words.size() - 1; i >= from; i--) {
                if (is(words, i, "FIRST")) {
                    return new Place(null);
                }
                if (is(words, i, "AFTER") && i + 1 < words.size()) {
                    return new Place(name(words, i + 1));
                }
            }
            return null;
        }

        Optional<AlteredColumns> after() {
            List<String> names = new ArrayList<>();
            for (String name : before) {
                if (renamed.get(name) != null) {
                    names.add(renamed.get(name));
                }
            }
            for (Addition addition : additions) {
                int place = addition.place == null ? names.size() : position(names, addition.place.after);
                fits &= place >= 0;
                names.add(Math.max(place, 0), addition.name);
            }
            return fits ? Optional.of(new AlteredColumns(names, kept)) : Optional.empty();
        }

        /** The place behind a column; -1 if there is no such column. */
        private static int position(List<String> names, String after) {
            return after == null
                    ? 0
                    : IntStream.range(0, names.size())
                                    .filter(i -> names.get(i).equalsIgnoreCase(after))
                                    .findFirst()
                                    .orElse(-2)
                            + 1;
        }
    }
}

package io.mysqlmonitor.fidelity;

import io.mysqlmonitor.testing.SelectedTables;
import io.mysqlmonitor.testing.SelectedTables.Column;
import io.mysqlmonitor.testing.SelectedTables.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Random statements about a few tables from several sessions, each with settings of its own.
 *
 * <p>What comes next depends on the random numbers and on the definitions that the tables have by then. Most statements are right;
 * those that the server refuses are part of the game, since they leave nothing in the binary log.
 */
final class RandomStatements {

    /** What statements may do; a seed uses some of it. */
    enum Feature {
        /** A de-dupe window; without it every change is published. */
        WINDOW,
        /** Names of tables and columns with quotes, blanks, dots, umlauts, and reserved words. */
        ODD_NAMES,
        /** Comments between the words of a statement. */
        COMMENTS,
        /** {@code ALTER TABLE t ADD b INT} with a part of it in an executable comment. */
        EXECUTABLE_COMMENTS,
        /** Sessions whose client does not speak utf8mb4. */
        CLIENT_CHARSETS,
        /** ANSI_QUOTES, NO_BACKSLASH_ESCAPES and other modes of a session. */
        SQL_MODES,
        /** The mode in which REAL is FLOAT. */
        REAL_AS_FLOAT,
        /** {@code explicit_defaults_for_timestamp=OFF}: a TIMESTAMP column is NOT NULL by itself. */
        IMPLICIT_TIMESTAMPS,
        /** Tables and databases of other character sets, and columns too. */
        CHARSETS,
        /** {@code CONVERT TO CHARACTER SET}. */
        CONVERT,
        /** {@code MODIFY} and {@code CHANGE} of a column. */
        CHANGE,
        /** {@code RENAME COLUMN}. */
        RENAME_COLUMN,
        /** Another primary key, or none. */
        KEY_CHANGES,
        /** Renaming of tables, and swaps. */
        RENAME,
        /** Renaming of tables whose names stand in double quotes. */
        QUOTED_RENAME,
        /** {@code TRUNCATE TABLE}. */
        TRUNCATE,
        /** {@code DROP TABLE}, and a table of the same name after that. */
        DROP,
        /** Partitioned tables. */
        PARTITIONS,
        /** {@code TRUNCATE}, {@code DROP} and {@code EXCHANGE PARTITION}: rows go without row events. */
        PARTITION_ROWS,
        /** Generated columns. */
        GENERATED,
        /** Invisible columns, where the server has them. */
        INVISIBLE,
        /** Types whose values are seldom: geometry, BIT, SET, YEAR and the like. */
        RARE_TYPES,
        /** What few write, and few parsers know: capture may stop. */
        SELDOM_SYNTAX,
        /** JSON columns. */
        JSON,
        /** Numbers in JSON that are no short decimals. */
        JSON_NUMBERS,
        /** {@code binlog_row_value_options=PARTIAL_JSON}: events that cannot be read. */
        PARTIAL_JSON,
        /** {@code binlog_format=STATEMENT}: changes that are no row events. */
        STATEMENT_FORMAT,
        /** {@code binlog_row_image=MINIMAL}: rows that are not whole. */
        MINIMAL_IMAGE,
        /** The monitor is stopped and started again in between. */
        RESTART
    }

    /** Features after which capture has to stop. */
    static final Set<Feature> UNREADABLE =
            EnumSet.of(Feature.PARTIAL_JSON, Feature.STATEMENT_FORMAT, Feature.MINIMAL_IMAGE);

    /** A client's character set: its name for the driver and for the server. */
    enum Client {
        UTF8("UTF-8", "utf8mb4", List.of("a", "é", "漢", "😀", "größer", "")),
        LATIN1("windows-1252", "latin1", List.of("a", "é", "ß€", "größer", "")),
        GBK("GBK", "gbk", List.of("a", "汉字", "Ж", "")),
        CP1251("windows-1251", "cp1251", List.of("a", "Ж€", "д", ""));

        private final String encoding;
        private final String charset;
        private final List<String> texts;

        Client(String encoding, String charset, List<String> texts) {
            this.encoding = encoding;
            this.charset = charset;
            this.texts = texts;
        }

        /** The driver's setting {@code characterEncoding}. */
        String encoding() {
            return encoding;
        }

        @Override
        public String toString() {
            return charset;
        }
    }

    /** A statement of a session. */
    record Step(int session, String sql) {}

    private static final List<String> TABLE_NAMES = List.of("t", "u", "v", "w");
    private static final List<String> ODD_TABLE_NAMES = List.of(
            "order", "größe", "a b", "a.b", "a`b", "it's", "q\"q", "T", "$x", "1a", "a/*b", "a--b", "a;b", "名",
            "table");
    private static final List<String> COLUMN_NAMES = List.of("a", "b", "c", "d", "e", "f", "g");
    private static final List<String> ODD_COLUMN_NAMES = List.of(
            "größe", "key", "a b", "x.y", "b`t", "it's", "q\"", "a,b", "(p)", "/*c", "default", "after", "first", "A1",
            "名", "$", "column", "1");
    private static final List<String> CHARSETS =
            List.of("utf8mb4", "latin1", "gbk", "cp1251", "utf16", "ucs2", "sjis", "koi8r", "utf8");
    private static final List<String> MODES = List.of(
            "STRICT_TRANS_TABLES",
            "ANSI_QUOTES",
            "NO_BACKSLASH_ESCAPES",
            "PIPES_AS_CONCAT",
            "IGNORE_SPACE",
            "NO_ZERO_DATE",
            "NO_AUTO_VALUE_ON_ZERO",
            "HIGH_NOT_PRECEDENCE",
            "PAD_CHAR_TO_FULL_LENGTH",
            "NO_UNSIGNED_SUBTRACTION",
            "ANSI");
    private static final List<String> ZONES = List.of("+00:00", "+05:30", "-08:00", "SYSTEM");
    private static final String PARTITIONING =
            " PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (5), PARTITION p1 VALUES LESS THAN (9),"
                    + " PARTITION p2 VALUES LESS THAN MAXVALUE)";
    private static final int KEYS = 12;

    private final Random random;
    private final Set<Feature> features;
    private final boolean mariadb;
    private final int version;
    private final List<Session> sessions = new ArrayList<>();
    private final List<String> tableNames;
    private final List<String> columnNames;
    private final String database;

    private Session session;

    private static final class Session {
        private final int number;
        private final Client client;
        private Set<String> modes = Set.of();

        Session(int number, Client client) {
            this.number = number;
            this.client = client;
        }

        boolean quotesNamesWithQuotes() {
            return modes.contains("ANSI_QUOTES") || modes.contains("ANSI");
        }

        boolean escapes() {
            return !modes.contains("NO_BACKSLASH_ESCAPES");
        }
    }

    /**
     * @param clients of each session
     * @param version major version of the server, times 100, and its minor version: 506, 907, 1011
     */
    RandomStatements(
            Random random, Set<Feature> features, List<Client> clients, boolean mariadb, int version, String database) {
        this.random = random;
        this.features = features;
        this.mariadb = mariadb;
        this.version = version;
        this.database = database;
        for (Client client : clients) {
            sessions.add(new Session(sessions.size() + 1, client));
        }
        tableNames = names(TABLE_NAMES, ODD_TABLE_NAMES, 4);
        columnNames = names(COLUMN_NAMES, ODD_COLUMN_NAMES, 10);
    }

    private List<String> names(List<String> plain, List<String> odd, int count) {
        List<String> names = new ArrayList<>(plain);
        if (has(Feature.ODD_NAMES)) {
            names.addAll(odd);
            Collections.shuffle(names, random);
        }
        return List.copyOf(names.subList(0, Math.min(count, names.size())));
    }

    private boolean has(Feature feature) {
        return features.contains(feature);
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    /** The settings of all sessions, and of the database. */
    List<Step> settings() {
        List<Step> steps = new ArrayList<>();
        for (Session each : sessions) {
            session = each;
            steps.addAll(sessionSettings());
        }
        if (has(Feature.CHARSETS) && chance(50)) {
            // First: a session of MariaDB that is in the database already goes on with the former one, and does not log
            // that.
            steps.add(0, new Step(1, "ALTER DATABASE " + database + " CHARACTER SET " + any(CHARSETS)));
        }
        return steps;
    }

    private List<Step> sessionSettings() {
        List<Step> steps = new ArrayList<>();
        List<String> modes = new ArrayList<>();
        if (has(Feature.SQL_MODES)) {
            List<String> all = new ArrayList<>(MODES);
            if (has(Feature.REAL_AS_FLOAT)) {
                all.add("REAL_AS_FLOAT");
            }
            Collections.shuffle(all, random);
            modes.addAll(all.subList(0, random.nextInt(4)));
        } else if (chance(50)) {
            modes.add("STRICT_TRANS_TABLES");
        }
        session.modes = Set.copyOf(modes);
        steps.add(step("SET SESSION sql_mode = '" + String.join(",", modes) + "'"));
        steps.add(step("SET SESSION time_zone = '" + any(ZONES) + "'"));
        if (has(Feature.IMPLICIT_TIMESTAMPS) && chance(50) && version != 506) {
            steps.add(step("SET SESSION explicit_defaults_for_timestamp = OFF"));
        }
        if (has(Feature.CHARSETS) && chance(20)) {
            steps.add(step("SET SESSION collation_connection = " + (chance(50) ? "utf8mb4_bin" : "latin1_bin")));
        }
        if (chance(20)) {
            steps.add(step("SET SESSION binlog_rows_query_log_events = ON"));
        }
        return steps;
    }

    /** Statements for the next move, given the tables as they are now. */
    List<Step> next(Map<String, Table> tables) {
        session = any(sessions);
        Map<String, Table> known = new HashMap<>(tables);
        known.keySet().retainAll(tableNames);
        if (known.isEmpty() || known.size() < tableNames.size() && chance(12)) {
            return List.of(step(decorated(create(free(known)))));
        }
        Table table = any(known.values().stream()
                .sorted((one, other) -> one.name().compareTo(other.name()))
                .toList());
        if (chance(62)) {
            return changes(table);
        }
        List<Supplier<List<Step>>> moves = new ArrayList<>();
        moves.add(() -> List.of(step(decorated(alter(table)))));
        moves.add(() -> List.of(step(decorated(alter(table)))));
        moves.add(() -> List.of(step(decorated(alter(table)))));
        moves.add(() -> List.of(step(decorated(alter(table)))));
        if (has(Feature.RENAME)) {
            moves.add(() -> List.of(step(decorated(rename(known, table)))));
        }
        if (has(Feature.TRUNCATE)) {
            moves.add(() -> List.of(step(decorated("TRUNCATE " + (chance(70) ? "TABLE " : "") + name(table.name())))));
        }
        if (has(Feature.DROP)) {
            moves.add(() -> dropAndCreate(table));
        }
        if (has(Feature.PARTITION_ROWS)) {
            moves.add(() -> List.of(step(decorated(partition(known, table)))));
            moves.add(() -> List.of(step(decorated(partition(known, table)))));
        }
        if (features.stream().anyMatch(UNREADABLE::contains)) {
            moves.add(this::unreadable);
        }
        if (chance(10)) {
            return sessionSettings();
        }
        return any(moves).get();
    }

    private List<Step> unreadable() {
        List<Step> steps = new ArrayList<>();
        if (has(Feature.PARTIAL_JSON)) {
            steps.add(step("SET SESSION binlog_row_value_options = PARTIAL_JSON"));
        }
        if (has(Feature.STATEMENT_FORMAT)) {
            steps.add(step("SET SESSION binlog_format = STATEMENT"));
        }
        if (has(Feature.MINIMAL_IMAGE)) {
            steps.add(step("SET SESSION binlog_row_image = MINIMAL"));
        }
        return steps;
    }

    private Step step(String sql) {
        return new Step(session.number, sql);
    }

    private String free(Map<String, Table> tables) {
        return any(tableNames.stream().filter(name -> !tables.containsKey(name)).toList());
    }

    // names, texts and comments

    private String name(String name) {
        if (session.quotesNamesWithQuotes() && chance(50)) {
            return '"' + name.replace("\"", "\"\"") + '"';
        }
        return name.matches("[a-z]") && chance(50) ? name : SelectedTables.quoted(name);
    }

    private String text(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** The statement with comments, other blanks and small letters here and there. */
    private String decorated(String sql) {
        String decorated = sql;
        if (chance(20)) {
            decorated =
                    decorated.replaceFirst("^(\\w+ \\w+)", firstWords(decorated).toLowerCase(Locale.ROOT));
        }
        if (has(Feature.COMMENTS)) {
            if (chance(25)) {
                decorated = any(List.of("/* lead */ ", "-- lead\n", "# it's\n", "/*c*/", "\n\t")) + decorated;
            }
            if (chance(25)) {
                decorated = decorated.replaceFirst(" ", any(List.of(" /* it's */ ", "/**/", "\n", "\t", " -- x\n ")));
            }
            if (chance(15)) {
                decorated = decorated + any(List.of(" /* tail */", " -- tail", " # tail", "\n"));
            }
        }
        return decorated;
    }

    private static String firstWords(String sql) {
        String[] words = sql.split(" ", 3);
        return words.length < 2 ? words[0] : words[0] + ' ' + words[1];
    }

    /** A part that is read by any server, in a comment that it executes. */
    private String executable(String part) {
        return has(Feature.EXECUTABLE_COMMENTS) && chance(30) && !part.isBlank()
                ? any(List.of(" /*!50100", " /*!", " /*!50500")) + part + " */"
                : part;
    }

    // definitions

    private String create(String table) {
        List<String> columns = new ArrayList<>();
        List<String> names = new ArrayList<>(columnNames);
        Collections.shuffle(names, random);
        boolean parts = has(Feature.PARTITIONS) && chance(40);
        int kind = parts ? 0 : random.nextInt(10);
        String key =
                switch (kind) {
                    case 0, 1, 2, 3, 4, 5 -> "id INT NOT NULL";
                    case 6 -> "id "
                            + any(List.of("BIGINT UNSIGNED", "SMALLINT", "VARCHAR(20)", "VARBINARY(20)", "CHAR(9)"))
                            + " NOT NULL";
                    case 7 -> "id INT NOT NULL AUTO_INCREMENT";
                    default -> "id INT";
                };
        columns.add(key);
        int count = 1 + random.nextInt(4);
        for (String name : names.subList(0, count)) {
            columns.add(name(name) + " " + definition());
        }
        if (has(Feature.GENERATED) && chance(30)) {
            columns.add(name(names.get(count)) + " " + generated());
        }
        Collections.shuffle(columns, random);
        if (kind < 8) {
            columns.add("PRIMARY KEY (id)");
        }
        String sql = "CREATE TABLE " + (chance(15) ? "IF NOT EXISTS " : "")
                + (chance(10) ? SelectedTables.quoted(database) + "." : "") + name(table) + " ("
                + String.join(chance(30) ? ",\n  " : ", ", columns) + ")";
        if (has(Feature.CHARSETS) && chance(50)) {
            sql += executable(
                    " " + any(List.of("DEFAULT CHARACTER SET ", "CHARSET ", "DEFAULT CHARSET=")) + any(CHARSETS));
        }
        return parts ? sql + PARTITIONING : sql;
    }

    private String definition() {
        return type() + attributes();
    }

    private String type() {
        List<Supplier<String>> types = new ArrayList<>(List.of(
                () -> "INT",
                () -> "BIGINT UNSIGNED",
                () -> "TINYINT(1)",
                () -> "DECIMAL(8,2)",
                () -> "DOUBLE",
                () -> "FLOAT",
                () -> "REAL",
                () -> "VARCHAR(" + (5 + random.nextInt(30)) + ")" + charset(),
                () -> "VARCHAR(" + (5 + random.nextInt(30)) + ")" + charset(),
                () -> "CHAR(8)" + charset(),
                () -> "TEXT" + charset(),
                () -> "ENUM('a','b','" + word() + "x')" + charset(),
                () -> "DATE",
                () -> "DATETIME" + fraction(),
                () -> "TIMESTAMP" + fraction() + (chance(70) ? " NULL" : ""),
                () -> "TIME" + fraction(),
                () -> "VARBINARY(8)",
                () -> "BLOB"));
        if (has(Feature.RARE_TYPES)) {
            types.addAll(List.of(
                    () -> "BIT(" + (1 + random.nextInt(20)) + ")",
                    () -> "SET('a','b','c d')" + charset(),
                    () -> "YEAR",
                    () -> "BINARY(4)",
                    () -> "MEDIUMINT UNSIGNED ZEROFILL",
                    () -> "NCHAR(5)",
                    () -> "NATIONAL VARCHAR(9)",
                    () -> "LONG VARCHAR",
                    () -> "NUMERIC(5)",
                    () -> "DOUBLE PRECISION",
                    () -> "CHARACTER VARYING(12)",
                    () -> "INT1",
                    () -> "INT8",
                    () -> "BOOL",
                    () -> "FLOAT(40)",
                    () -> "TEXT(100)",
                    () -> "TINYTEXT",
                    () -> "POINT"));
        }
        if (has(Feature.SELDOM_SYNTAX)) {
            types.addAll(List.of(
                    () -> "CHAR(6) BYTE", () -> "VARCHAR(6) BINARY", () -> "VARCHAR(6) ASCII", () -> "TEXT UNICODE"));
        }
        if (has(Feature.JSON) && (mariadb || version > 506)) {
            types.addAll(List.of(() -> "JSON", () -> "JSON"));
        }
        return any(types).get();
    }

    private String charset() {
        if (!has(Feature.CHARSETS) || chance(50)) {
            return "";
        }
        if (chance(20)) {
            return " COLLATE " + any(List.of("latin1_bin", "utf8mb4_bin", "gbk_bin", "latin1_swedish_ci"));
        }
        return executable(" " + any(List.of("CHARACTER SET ", "CHARSET ")) + any(CHARSETS));
    }

    private String fraction() {
        return chance(50) ? "" : "(" + random.nextInt(7) + ")";
    }

    private String attributes() {
        String attributes = "";
        if (chance(20)) {
            attributes += " NOT NULL";
        }
        if (chance(15)) {
            attributes += " DEFAULT " + any(List.of("'1'", "1", "NULL", "''"));
        }
        if (has(Feature.INVISIBLE) && chance(20) && invisibleColumns()) {
            attributes += mariadb ? " INVISIBLE DEFAULT NULL" : any(List.of(" INVISIBLE", " /*!80023 INVISIBLE */"));
        }
        if (chance(10)) {
            attributes += " COMMENT " + text(word() + any(List.of("", "'", ";", ",", " FIRST", ")", "/*")));
        }
        return attributes;
    }

    private boolean invisibleColumns() {
        return mariadb || version >= 800;
    }

    private String generated() {
        if (version == 506) {
            return "INT DEFAULT 3";
        }
        return any(List.of(
                "INT AS (2 + 3) VIRTUAL",
                "INT GENERATED ALWAYS AS (40 + 2) STORED",
                "VARCHAR(20) AS (CONCAT('a', 'b')) VIRTUAL",
                "VARCHAR(20) GENERATED ALWAYS AS (UPPER('q,)x')) STORED"));
    }

    private String word() {
        return any(session.client.texts);
    }

    // alterations

    private String alter(Table table) {
        List<String> specs = new ArrayList<>();
        for (int count = chance(60) ? 1 : 2 + random.nextInt(2); count > 0; count--) {
            specs.add(specification(table));
        }
        String sql = "ALTER " + (mariadb && chance(5) ? "ONLINE " : "") + "TABLE " + name(table.name()) + " "
                + String.join(", ", specs);
        if (chance(15)) {
            sql += ", ALGORITHM=" + any(List.of("INPLACE", "COPY", "INSTANT", "DEFAULT"));
        }
        return sql;
    }

    private String specification(Table table) {
        List<Supplier<String>> specs = new ArrayList<>(List.of(
                () -> "ADD " + column() + name(any(columnNames)) + " " + definition() + place(table),
                () -> "ADD " + column() + name(any(columnNames)) + " " + definition() + place(table),
                () -> "ADD " + column() + "(" + name(any(columnNames)) + " " + definition() + ", "
                        + name(any(columnNames)) + " " + definition() + ")",
                () -> "DROP " + column() + name(plainColumn(table)),
                () -> "ALTER " + column() + name(plainColumn(table))
                        + any(List.of(" SET DEFAULT '1'", " DROP DEFAULT")),
                () -> "ADD INDEX " + name("i" + random.nextInt(3)) + " (" + name(plainColumn(table)) + ")",
                () -> "DROP INDEX " + name("i" + random.nextInt(3)),
                () -> "COMMENT = " + text(word() + " it's"),
                () -> "FORCE",
                () -> "ENGINE = InnoDB"));
        if (has(Feature.CHANGE)) {
            Supplier<String> modify =
                    () -> "MODIFY " + column() + name(anyColumn(table)) + " " + definition() + place(table);
            Supplier<String> change = () -> "CHANGE " + column() + name(anyColumn(table)) + " "
                    + name(chance(50) ? any(columnNames) : anyColumn(table)) + " " + definition() + place(table);
            specs.addAll(List.of(modify, modify, change, change));
        }
        if (has(Feature.RENAME_COLUMN)) {
            specs.add(() -> "RENAME COLUMN " + name(anyColumn(table)) + " TO " + name(any(columnNames)));
        }
        if (has(Feature.CONVERT)) {
            specs.add(() -> "CONVERT TO " + any(List.of("CHARACTER SET ", "CHARSET ")) + any(CHARSETS));
            specs.add(() -> "DEFAULT CHARACTER SET " + any(CHARSETS));
        }
        if (has(Feature.KEY_CHANGES)) {
            specs.add(() -> "DROP PRIMARY KEY");
            specs.add(() -> "DROP PRIMARY KEY, ADD PRIMARY KEY (" + name(anyColumn(table)) + ")");
            specs.add(() -> "ADD PRIMARY KEY (id)");
        }
        if (has(Feature.GENERATED)) {
            specs.add(() -> "ADD " + column() + name(any(columnNames)) + " " + generated() + place(table));
        }
        if (has(Feature.INVISIBLE) && invisibleColumns() && !mariadb) {
            specs.add(
                    () -> "ALTER COLUMN " + name(plainColumn(table)) + " SET " + (chance(50) ? "IN" : "") + "VISIBLE");
        }
        if (has(Feature.RENAME)) {
            specs.add(() -> "RENAME " + any(List.of("TO ", "AS ", "")) + renamed(any(tableNames)));
        }
        if (has(Feature.PARTITIONS) && table.key().equals(List.of("id"))) {
            specs.add(() -> any(List.of("REMOVE PARTITIONING", PARTITIONING.strip())));
        }
        return any(specs).get();
    }

    private String column() {
        return chance(50) ? "COLUMN " : "";
    }

    private String place(Table table) {
        return switch (random.nextInt(3)) {
            case 0 -> executable(" FIRST");
            case 1 -> executable(" AFTER " + name(anyColumn(table)));
            default -> "";
        };
    }

    private String anyColumn(Table table) {
        return any(table.columns()).name();
    }

    /** One that is no part of the key, if there is one. */
    private String plainColumn(Table table) {
        List<String> columns = table.columns().stream()
                .map(Column::name)
                .filter(name -> !table.key().contains(name) && !name.equals("id"))
                .toList();
        return columns.isEmpty() ? anyColumn(table) : any(columns);
    }

    private String rename(Map<String, Table> tables, Table table) {
        List<String> others = tables.keySet().stream()
                .filter(name -> !name.equals(table.name()))
                .sorted()
                .toList();
        if (!others.isEmpty() && chance(50)) {
            String other = any(others);
            return "RENAME TABLE " + renamed(table.name()) + " TO " + renamed("swapped") + ", " + renamed(other)
                    + " TO " + renamed(table.name()) + ", " + renamed("swapped") + " TO " + renamed(other);
        }
        String name = renamed(table.name());
        return (chance(70) ? "RENAME TABLE " + name + " TO " : "ALTER TABLE " + name + " RENAME TO ")
                + renamed(tables.size() < tableNames.size() ? free(tables) : any(tableNames));
    }

    private String renamed(String table) {
        return has(Feature.QUOTED_RENAME) ? name(table) : SelectedTables.quoted(table);
    }

    private List<Step> dropAndCreate(Table table) {
        List<Step> steps = new ArrayList<>();
        steps.add(step(decorated("DROP TABLE " + (chance(30) ? "IF EXISTS " : "") + name(table.name()))));
        if (chance(70)) {
            steps.add(step(decorated(create(table.name()))));
        }
        return steps;
    }

    private String partition(Map<String, Table> tables, Table table) {
        String part = "p" + random.nextInt(3);
        String alter = "ALTER TABLE " + name(table.name()) + " ";
        return switch (random.nextInt(5)) {
            case 0 -> alter + "TRUNCATE PARTITION " + any(List.of(part, "ALL", "p0, p1"));
            case 1 -> alter + "DROP PARTITION " + part;
            case 2 -> alter + "REORGANIZE PARTITION p0, p1 INTO (PARTITION p0 VALUES LESS THAN (9))";
            default -> {
                String other = any(tables.keySet().stream().sorted().toList());
                yield alter + "EXCHANGE PARTITION " + part + " WITH TABLE " + name(other)
                        + (version == 506 || chance(50) ? "" : " WITHOUT VALIDATION");
            }
        };
    }

    // changes of rows

    private List<Step> changes(Table table) {
        int count = 1 + random.nextInt(3);
        List<Step> steps = new ArrayList<>(
                IntStream.range(0, count).mapToObj(i -> step(change(table))).toList());
        if (chance(35)) {
            steps.add(0, step(any(List.of("BEGIN", "START TRANSACTION"))));
            steps.add(step(chance(15) ? "ROLLBACK" : "COMMIT"));
        }
        return steps;
    }

    private String change(Table table) {
        List<Column> columns =
                table.columns().stream().filter(column -> !column.generated()).toList();
        return decorated(
                switch (random.nextInt(10)) {
                    case 0, 1, 2, 3 -> insert(table, columns, any(List.of("INSERT INTO ", "INSERT IGNORE INTO ")));
                    case 4 -> insert(table, columns, "REPLACE INTO ");
                    case 5 -> insert(table, columns, "INSERT INTO ") + " ON DUPLICATE KEY UPDATE "
                            + assignment(columns);
                    case 6, 7 -> "UPDATE " + name(table.name()) + " SET " + assignment(columns)
                            + (chance(30) ? ", " + assignment(columns) : "") + where(table);
                    case 8 -> "DELETE FROM " + name(table.name()) + where(table);
                    default -> jsonChange(table, columns);
                });
    }

    private String insert(Table table, List<Column> columns, String verb) {
        String rows = IntStream.range(0, 1 + random.nextInt(4))
                .mapToObj(i -> columns.stream()
                        .map(column -> value(table, column))
                        .collect(Collectors.joining(", ", "(", ")")))
                .collect(Collectors.joining(", "));
        return verb + name(table.name()) + " ("
                + columns.stream().map(column -> name(column.name())).collect(Collectors.joining(", ")) + ") VALUES "
                + rows;
    }

    private String assignment(List<Column> columns) {
        Column column = any(columns);
        return name(column.name()) + " = " + value(null, column);
    }

    private String jsonChange(Table table, List<Column> columns) {
        return columns.stream()
                .filter(column -> column.kind().equals("json"))
                .findFirst()
                .map(column -> "UPDATE " + name(table.name()) + " SET " + name(column.name()) + " = JSON_SET("
                        + name(column.name()) + ", '$.a', " + random.nextInt(100) + ")" + where(table))
                .orElseGet(() -> "UPDATE " + name(table.name()) + " SET " + assignment(columns) + where(table));
    }

    private String where(Table table) {
        Column key = table.columns().stream()
                .filter(column -> table.key().contains(column.name()))
                .findFirst()
                .orElseGet(() -> any(table.columns()));
        return switch (random.nextInt(8)) {
            case 0 -> "";
            case 1, 2, 3 -> " WHERE " + name(key.name()) + " <= " + value(table, key);
            default -> " WHERE " + name(key.name()) + " = " + value(table, key);
        };
    }

    private String value(Table table, Column column) {
        boolean key = table != null && table.key().contains(column.name());
        if (!key && chance(12)) {
            return chance(50) ? "NULL" : "DEFAULT";
        }
        int small = 1 + random.nextInt(KEYS);
        return switch (column.kind()) {
            case "tinyint", "smallint", "mediumint", "int", "bigint" -> String.valueOf(small);
            case "decimal" -> small + "." + random.nextInt(100);
            case "double" -> any(List.of("0.1", "1e20", "-2.5", String.valueOf(small)));
            case "float" -> any(List.of("1.5", "-0.25", String.valueOf(small)));
            case "bit" -> "b'" + Integer.toBinaryString(random.nextInt(2)) + "'";
            case "year" -> String.valueOf(2000 + small);
            case "char", "varchar", "tinytext", "text", "mediumtext", "longtext" -> string(
                    key ? "k" + small : word() + small);
            case "enum" -> chance(70) ? any(List.of("'a'", "'b'", "1", "2")) : "3";
            case "set" -> any(List.of("'a'", "'a,b'", "''", "'c d'", "3"));
            case "date" -> any(
                    List.of("'2024-02-29'", "'1000-01-01'", "'9999-12-31'", "'2018-01-" + (10 + small) + "'"));
            case "datetime" -> "'2024-03-31 02:30:" + (10 + small) + any(List.of("", ".5", ".123456")) + "'";
            case "timestamp" -> "'2024-06-30 12:30:" + (10 + small) + any(List.of("", ".5", ".123456")) + "'";
            case "time" -> any(List.of("'12:30:00.25'", "'-838:59:59'", "'00:00:" + (10 + small) + "'"));
            case "json" -> json(small);
            case "point", "geometry" -> "ST_GeomFromText('POINT(" + small + " 2)')";
            default -> "0x" + String.format("%02X", small) + any(List.of("", "00", "FF"));
        };
    }

    private String json(int small) {
        if (has(Feature.JSON_NUMBERS) && chance(50)) {
            return any(List.of(
                    "'{\"a\": 1e20}'", "'[1.2345678901234568e20, -0.0]'", "'-0.0'", "'{\"a\": 18446744073709551615}'"));
        }
        return any(List.of(
                "'{\"a\": " + small + ", \"b\": [1, null, true]}'",
                "'[]'",
                "'{\"a\": \"" + small + "\", \"c\": {}}'",
                "'\"x\"'",
                "'{\"a\": 0.5}'"));
    }

    private String string(String text) {
        if (chance(15)) {
            return session.escapes()
                    ? any(List.of("'a\\'b'", "'a\\\\'", "'line\\n'", "'x\\\"y'", "'it''s'"))
                    : any(List.of("'a\\'", "'\\n'", "'it''s'"));
        }
        return text(text);
    }

    /** All features but those given. */
    static Set<Feature> allBut(Set<Feature> some) {
        return Stream.of(Feature.values())
                .filter(feature -> !some.contains(feature))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Feature.class)));
    }
}

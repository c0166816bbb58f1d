package io.mysqlmonitor.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What happens in the database, and is then drained or watched. Rows have 8 columns and about 200 bytes, if nothing else is said. */
enum Workload {
    W1("w1", "rows inserted in transactions of 1000", 0, 500_000),
    W2("w2", "single-row UPDATE transactions on 100,000 rows", 100_000, 100_000),
    W3("w3", "single-row UPDATE transactions on 1000 rows", 1000, 100_000),
    W3_DEDUPE("w3-dedupe", "the same, with a de-dupe window of 2 s", 1000, 100_000),
    W4("w4", "rows as of w1, the second half of them", 0, 3_000_000),
    L("l", "200 inserts a second", 0, 0),
    TABLES("tables", "rows as of w1, in a database of 10,000 tables that are watched", 0, 20_000),
    WIDE("wide", "rows of 500 columns", 0, 20_000);

    /** The row that comes last. */
    static final long LAST_ID = 9_000_000_000L;

    private static final int ROWS_PER_TRANSACTION = 1000;
    private static final int STATEMENTS_PER_PACKET = 200;

    private static final int OTHER_TABLES = 9_999;
    private static final int COLUMNS = 8;
    private static final int WIDE_COLUMNS = 500;

    private final String title;
    private final String description;
    private final int rowsBefore;
    private final int changes;

    Workload(String title, String description, int rowsBefore, int changes) {
        this.title = title;
        this.description = description;
        this.rowsBefore = rowsBefore;
        this.changes = changes;
    }

    String title() {
        return title;
    }

    String description() {
        return description;
    }

    String table() {
        return title.replace('-', '_');
    }

    /** Length of the de-dupe window of MySQL Monitor in seconds; the others have none. */
    int windowSeconds() {
        return this == W3_DEDUPE ? 2 : 0;
    }

    /** Whether it is run only if it is named. */
    boolean isExtra() {
        return this == TABLES || this == WIDE;
    }

    /** The tables to watch, as a regular expression. */
    String watched() {
        return this == TABLES ? table() + ".*" : table();
    }

    /** Whether only the second half is measured. */
    boolean isWarm() {
        return this == W4;
    }

    /** Changes of the backlog, but for the last row's insert. */
    int changes(double scale) {
        return (int) (changes * scale);
    }

    /** Makes the table anew, with the rows that are there before. */
    void prepare(Connection connection) throws SQLException {
        try (Statement sql = connection.createStatement()) {
            sql.execute("DROP TABLE IF EXISTS " + table());
            sql.execute("CREATE TABLE " + table() + definition());
            for (int other = 1; this == TABLES && other <= OTHER_TABLES; other++) {
                sql.execute("CREATE TABLE IF NOT EXISTS " + table() + other + definition());
            }
        }
        insert(connection, rowsBefore);
    }

    private String definition() {
        return this == WIDE
                ? IntStream.range(1, WIDE_COLUMNS)
                        .mapToObj(column -> "c" + column + (column % 2 == 0 ? " INT" : " VARCHAR(4)"))
                        .collect(Collectors.joining(", ", " (id BIGINT PRIMARY KEY, ", ")"))
                : " (id BIGINT PRIMARY KEY, customer INT NOT NULL, name VARCHAR(40) NOT NULL,"
                        + " email VARCHAR(60) NOT NULL, amount DECIMAL(10,2) NOT NULL, state VARCHAR(10) NOT NULL,"
                        + " created DATETIME NOT NULL, note VARCHAR(120))";
    }

    /** Makes the changes. */
    void load(Connection connection, double scale) throws SQLException {
        int count = changes(scale);
        if (rowsBefore == 0) {
            insert(connection, count);
        } else {
            update(connection, count);
        }
        try (PreparedStatement insert = prepareInsert(connection)) {
            bind(insert, LAST_ID, new Random(0));
            insert.executeUpdate();
        }
    }

    void drop(Connection connection) throws SQLException {
        try (Statement sql = connection.createStatement()) {
            sql.execute("DROP TABLE " + table());
            for (int other = 1; this == TABLES && other <= OTHER_TABLES; other++) {
                sql.execute("DROP TABLE " + table() + other);
            }
        }
    }

    PreparedStatement prepareInsert(Connection connection) throws SQLException {
        return connection.prepareStatement("INSERT INTO " + table() + " VALUES (?"
                + ", ?".repeat((this == WIDE ? WIDE_COLUMNS : COLUMNS) - 1) + ')');
    }

    void bind(PreparedStatement insert, long id, Random random) throws SQLException {
        insert.setLong(1, id);
        if (this == WIDE) {
            for (int column = 2; column <= WIDE_COLUMNS; column++) {
                insert.setInt(column, random.nextInt(10_000));
            }
            return;
        }
        insert.setInt(2, random.nextInt(1_000_000));
        insert.setString(3, "Customer number " + random.nextInt(1_000_000));
        insert.setString(4, "customer" + random.nextInt(1_000_000) + "@example.com");
        insert.setString(5, random.nextInt(10_000) + ".50");
        insert.setString(6, random.nextBoolean() ? "new" : "paid");
        insert.setString(7, "2026-01-31 12:" + (10 + random.nextInt(50)) + ":00");
        insert.setString(
                8, "Leave the parcel with the neighbours if nobody is in, number " + random.nextInt(1_000_000));
    }

    private void insert(Connection connection, int rows) throws SQLException {
        Random random = new Random(42);
        connection.setAutoCommit(false);
        try (PreparedStatement insert = prepareInsert(connection)) {
            for (int id = 1; id <= rows; id++) {
                bind(insert, id, random);
                insert.addBatch();
                if (id % ROWS_PER_TRANSACTION == 0 || id == rows) {
                    insert.executeBatch();
                    connection.commit();
                }
            }
        }
        connection.setAutoCommit(true);
    }

    private void update(Connection connection, int count) throws SQLException {
        Random random = new Random(43);
        try (Statement sql = connection.createStatement()) {
            for (int done = 0; done < count; ) {
                StringBuilder packet = new StringBuilder();
                for (int i = 0; i < STATEMENTS_PER_PACKET && done < count; i++, done++) {
                    // The counter makes each a change, whatever was there before.
                    packet.append("UPDATE ")
                            .append(table())
                            .append(" SET customer = ")
                            .append(done + 1_000_000);
                    packet.append(" WHERE id = ")
                            .append(1 + random.nextInt(rowsBefore))
                            .append(';');
                }
                sql.execute(packet.toString());
                while (sql.getMoreResults() || sql.getUpdateCount() != -1) {
                    // each statement's own
                }
            }
        }
    }
}

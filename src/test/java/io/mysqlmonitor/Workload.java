package io.mysqlmonitor;

import io.mysqlmonitor.servers.Servers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Random transactions on four tables: {@code parent} and {@code child} with a foreign key between, {@code pair} with a composite
 * key, and {@code journal} without a key. Keys come out of a small range, so that rows are inserted, changed, deleted and
 * inserted again. A statement that the server refuses, a duplicate key or a deadlock, is part of the game; and so is a
 * connection that breaks.
 *
 * <p>A child never moves to another parent: within a window its insert would come out with the later parent at the place of the
 * first change, which the order of a window does not promise.
 */
final class Workload implements Runnable {

    static final String[] TABLES_WITH_KEY = {"parent", "child", "pair"};
    private static final int KEYS = 40;

    private final Servers.Mysql mysql;
    private final String database;
    private final Random random;
    private final AtomicInteger transactions;

    /**
     * @param transactions how many are still to do, by all who share the counter
     */
    Workload(Servers.Mysql mysql, String database, long seed, AtomicInteger transactions) {
        this.mysql = mysql;
        this.database = database;
        this.random = new Random(seed);
        this.transactions = transactions;
    }

    static String[] tables() {
        return new String[] {
            "CREATE TABLE parent (id INT PRIMARY KEY, name VARCHAR(50), version INT)",
            "CREATE TABLE child (id INT PRIMARY KEY, parent_id INT NOT NULL, note VARCHAR(50), version INT,"
                    + " FOREIGN KEY (parent_id) REFERENCES parent (id))",
            "CREATE TABLE pair (a INT, b VARCHAR(10), value INT, other INT, PRIMARY KEY (a, b))",
            "CREATE TABLE journal (entry VARCHAR(50))",
            "CREATE TABLE marker (id INT PRIMARY KEY)"
        };
    }

    @Override
    public void run() {
        while (transactions.get() > 0) {
            try (Connection connection = mysql.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("USE " + database);
                while (transactions.getAndDecrement() > 0) {
                    transaction(connection, statement);
                }
            } catch (SQLException e) {
                Thread.onSpinWait(); // the server is away: connect again
            }
        }
    }

    private void transaction(Connection connection, Statement statement) throws SQLException {
        int statements = 1 + random.nextInt(5);
        for (int i = 0; i < statements; i++) {
            try {
                statement.execute(statement());
            } catch (SQLException e) {
                if (!connection.isValid(1)) {
                    throw e;
                }
            }
        }
        if (random.nextInt(10) == 0) {
            connection.rollback();
        } else {
            connection.commit();
        }
    }

    private String statement() {
        int id = key();
        int number = random.nextInt(1_000_000);
        return switch (random.nextInt(16)) {
            case 0, 1 -> "INSERT INTO parent VALUES (" + id + ", 'p" + number + "', 0)";
            case 2 -> "INSERT INTO parent VALUES (" + id + ", 'm" + number + "', 0), (" + key() + ", 'n', 0)";
            case 3 -> "UPDATE parent SET name = 'u" + number + "' WHERE id = " + id;
            case 4 -> "UPDATE parent SET version = version + 1 WHERE id BETWEEN " + id + " AND " + (id + 5);
            case 5 -> "DELETE FROM parent WHERE id = " + id;
            case 6 -> "UPDATE parent SET id = " + key() + " WHERE id = " + id;
            case 7, 8 -> "INSERT INTO child VALUES (" + id + ", " + key() + ", 'c" + number + "', 0)";
            case 9 -> "UPDATE child SET note = 'd" + number + "', version = version + 1 WHERE id >= " + (KEYS - id / 4);
            case 10 -> "DELETE FROM child WHERE id BETWEEN " + id + " AND " + (id + random.nextInt(6));
            case 11 -> "INSERT INTO pair VALUES (" + id % 5 + ", 'b" + key() % 5 + "', " + number + ", 1)";
            case 12 -> "UPDATE pair SET value = " + number + " WHERE a = " + id % 5;
            case 13 -> "UPDATE pair SET b = 'b" + key() % 5 + "' WHERE a = " + id % 5 + " AND b = 'b" + key() % 5 + "'";
            case 14 -> "DELETE FROM pair WHERE a = " + id % 5 + " AND b = 'b" + key() % 5 + "'";
            default -> "INSERT INTO journal VALUES ('j" + number + "')";
        };
    }

    private int key() {
        return random.nextInt(KEYS);
    }
}

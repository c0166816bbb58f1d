package io.mysqlmonitor.testing;

import io.mysqlmonitor.servers.Servers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Random transactions from several connections at once, over a restart of the database, too, and statements about whole tables
 * between them.
 *
 * <p>The tables: {@code item} with a key, {@code spare} of the same form, with which it changes its name now and then, {@code measure}, whose first partition is
 * exchanged with {@code archive} or truncated, {@code stock} with a composite key,
 * which is truncated, or dropped and created again, {@code parent} and {@code child} with a foreign key,
 * {@code journal} without any key, {@code ticker} with one row, and {@code ledger}, into which each transaction that touches {@code journal} writes its
 * number: so it can be read afterwards which of them were committed, even if the answer to the commit got lost.
 */
public final class Workload implements AutoCloseable {

    /** The tables that have a key, with its columns. */
    public static final Map<String, List<String>> KEYS = Map.of(
            "item", List.of("id"),
            "spare", List.of("id"),
            "measure", List.of("id"),
            "archive", List.of("id"),
            "stock", List.of("warehouse", "sku"),
            "parent", List.of("id"),
            "child", List.of("id"),
            "ledger", List.of("number"),
            "ticker", List.of("id"));

    /** The statements that create {@code stock}. */
    static final String STOCK =
            "CREATE TABLE stock (warehouse INT, sku VARCHAR(12), amount DECIMAL(8, 2), PRIMARY KEY (warehouse, sku))";

    /** The lowest id of {@code measure} that is not in its partition {@code low}. */
    static final int HIGH = 20;

    private static final int TABLE_EXISTS = 1050;
    private static final int WRITERS = 3;
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final Servers.Mysql mysql;
    private final String database;
    private final List<Writer> writers = new ArrayList<>();
    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(WRITERS);
    private final AtomicLong transactions = new AtomicLong();
    private final AtomicInteger ids = new AtomicInteger();
    private final AtomicLong done = new AtomicLong();
    private final Map<Long, List<String>> journals = new ConcurrentHashMap<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /**
     * Creates the tables; nothing is written yet.
     *
     * @param database an empty database
     * @param movesChildren whether a child may come to another parent
     */
    public Workload(Servers.Mysql mysql, String database, long seed, boolean movesChildren) throws SQLException {
        this.mysql = mysql;
        this.database = database;
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(40), amount INT, note VARCHAR(60))");
            statement.execute(
                    "CREATE TABLE spare (id INT PRIMARY KEY, name VARCHAR(40), amount INT, note VARCHAR(60))");
            statement.execute(STOCK);
            statement.execute("CREATE TABLE measure (id INT PRIMARY KEY, amount INT) PARTITION BY RANGE (id)"
                    + " (PARTITION low VALUES LESS THAN (" + HIGH + "), PARTITION high VALUES LESS THAN MAXVALUE)");
            statement.execute("CREATE TABLE archive (id INT PRIMARY KEY, amount INT)");
            statement.execute("CREATE TABLE parent (id INT PRIMARY KEY, name VARCHAR(40))");
            statement.execute("CREATE TABLE child (id INT PRIMARY KEY, parent_id INT NOT NULL, note VARCHAR(60),"
                    + " FOREIGN KEY (parent_id) REFERENCES parent (id))");
            statement.execute(
                    "CREATE TABLE journal (writer INT, serial INT, note VARCHAR(60), INDEX (writer, serial))");
            statement.execute("CREATE TABLE ledger (number BIGINT PRIMARY KEY)");
            statement.execute("CREATE TABLE ticker (id INT PRIMARY KEY, count INT)");
        }
        for (int number = 1; number <= WRITERS; number++) {
            writers.add(new Writer(number, seed, mysql, this, movesChildren));
        }
    }

    public void start() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO ticker VALUES (1, 0)");
        }
        for (Writer writer : writers) {
            executor.scheduleWithFixedDelay(writer, 0, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Waits until so many more transactions have come to their end. */
    public void await(int more) {
        long enough = done.get() + more;
        Patience.await("transactions of the workload").until(() -> failure.get() != null || done.get() >= enough);
        rethrow();
    }

    /** Ends all transactions, and throws what went wrong beyond what a restart of the database explains. */
    public void stop() throws InterruptedException {
        executor.shutdown();
        if (!executor.awaitTermination(Patience.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the workload did not stop");
        }
        rethrow();
        createAgain();
    }

    /** A restart of the database may have come between the dropping and the creating. */
    private void createAgain() {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(STOCK);
        } catch (SQLException e) {
            if (e.getErrorCode() != TABLE_EXISTS) {
                throw new AssertionError("stock is not there", e);
            }
        }
    }

    private void rethrow() {
        if (failure.get() != null) {
            throw new AssertionError("the workload failed", failure.get());
        }
    }

    /**
     * Changes one row of {@code ticker}, again and again, each time by a transaction of its own.
     *
     * @param limit ends it, too
     * @return how often
     */
    public int tick(int times, Duration limit) throws SQLException {
        int ticks = 0;
        long end = System.nanoTime() + limit.toNanos();
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            while (ticks < times && System.nanoTime() < end) {
                ticks += statement.executeUpdate("UPDATE ticker SET count = count + 1");
            }
        }
        return ticks;
    }

    /** Writes a row of its own into {@code ledger}, once the database takes it; {@code number} must be below 0. */
    public void mark(long number) {
        Patience.await("marker " + number)
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    try (Connection connection = connect();
                            Statement statement = connection.createStatement()) {
                        return statement.executeUpdate("INSERT IGNORE INTO ledger VALUES (" + number + ")") >= 0;
                    }
                });
    }

    /** The rows of a table that has a key, each under its key. */
    public Map<Map<String, String>, Map<String, String>> rows(String table) throws SQLException {
        Map<Map<String, String>, Map<String, String>> all = new HashMap<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM " + table)) {
            ResultSetMetaData columns = rows.getMetaData();
            while (rows.next()) {
                Map<String, String> row = new TreeMap<>();
                for (int column = 1; column <= columns.getColumnCount(); column++) {
                    row.put(columns.getColumnName(column), rows.getString(column));
                }
                Map<String, String> key = new TreeMap<>(row);
                key.keySet().retainAll(KEYS.get(table));
                all.put(key, row);
            }
        }
        return all;
    }

    /** What the committed transactions did to the table without a key. */
    public List<String> journal() throws SQLException {
        List<String> committed = new ArrayList<>();
        for (Map<String, String> row : rows("ledger").values()) {
            committed.addAll(journals.getOrDefault(Long.valueOf(row.get("number")), List.of()));
        }
        return committed;
    }

    /** Number of transactions that came to their end. */
    public long count() {
        return done.get();
    }

    String database() {
        return database;
    }

    long nextTransaction() {
        return transactions.incrementAndGet();
    }

    int nextId() {
        return ids.incrementAndGet();
    }

    void committing(long transaction, List<String> journal) {
        journals.put(transaction, List.copyOf(journal));
    }

    void done() {
        done.incrementAndGet();
    }

    void failed(Throwable cause) {
        failure.compareAndSet(null, cause);
    }

    private Connection connect() throws SQLException {
        Connection connection = mysql.connect();
        connection.setCatalog(database);
        return connection;
    }

    @Override
    public void close() {
        executor.shutdownNow();
        writers.forEach(Writer::close);
    }
}

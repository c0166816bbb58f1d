package io.mysqlmonitor.faults;

import static io.mysqlmonitor.testing.Patience.PATIENCE;
import static io.mysqlmonitor.testing.Patience.await;
import static io.mysqlmonitor.testing.ServerContainer.assumeContainers;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.servers.Servers;
import io.mysqlmonitor.servers.TcpProxy;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.testing.Program;
import io.mysqlmonitor.testing.Scene;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The program under load, with a small heap; on containers only, for it takes a real broker to pass so much on.
 *
 * <p>The sizes are for every run; {@code -Dload.rows.large=10000 -Dload.rows.transaction=1000000 -Dload.updates.hot=100000
 * -Dtest.patience=PT30M} are those of a day when there is time.
 */
class LoadIT {

    private static final int LARGE_ROWS = Integer.getInteger("load.rows.large", 500);
    private static final int TRANSACTION_ROWS = Integer.getInteger("load.rows.transaction", 200_000);
    private static final int HOT_UPDATES = Integer.getInteger("load.updates.hot", 20_000);

    private static final int MEGABYTE = 1_000_000;
    private static final int ENVELOPE = 400; // of a message, at most, without its values
    private static final int COLUMNS = 500;
    private static final Duration WINDOW = Duration.ofSeconds(2);
    private static final List<String> SMALL_HEAP = List.of("-Xmx256m", "-XX:+ExitOnOutOfMemoryError");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private Scene scene;

    @BeforeEach
    void setUp() throws Exception {
        assumeContainers();
        scene = new Scene(folder);
        scene.expectUncounted("the messages are too many to be kept; a tally counts them");
        // The monitor is under test and not the disk: no commit waits for it.
        scene.sql("SET GLOBAL sync_binlog = 0", "SET GLOBAL innodb_flush_log_at_trx_commit = 2");
    }

    @AfterEach
    void tearDown() throws Exception {
        if (scene != null) {
            scene.sql("SET GLOBAL sync_binlog = DEFAULT", "SET GLOBAL innodb_flush_log_at_trx_commit = DEFAULT");
            scene.close();
            try (Connection mysql = TestServers.get().mysql().connect();
                    var statement = mysql.createStatement()) {
                statement.execute("FLUSH BINARY LOGS");
                statement.execute("PURGE BINARY LOGS BEFORE NOW()");
            }
        }
    }

    @Test
    void shouldPublishLargeRowsWithASmallHeap() throws Exception {
        scene.sql("CREATE TABLE large_rows (id INT PRIMARY KEY, txt LONGTEXT, bin LONGBLOB) DEFAULT CHARSET utf8mb4");
        leaveBacklog(() -> each(LARGE_ROWS, LoadIT::insertLargeRow));
        try (Tally tally = tally((id, properties, body) -> assertThat(body.length - contentOfLargeRow(id))
                        .as("bytes beside the content of row %s", id)
                        .isBetween(0, ENVELOPE));
                Program program = start()) {
            awaitRows(LARGE_ROWS, tally, program);

            assertThat(tally.messages()).isEqualTo(LARGE_ROWS);
        }
    }

    /** Each fourth row is of one byte per character on the wire and in the heap, of one and two, of two and two, or binary. */
    private static String insertLargeRow(int id) {
        String values =
                switch (id % 4) {
                    case 0 -> "REPEAT('x', " + MEGABYTE + "), NULL";
                    case 1 -> "CONCAT('ж', REPEAT('x', " + (MEGABYTE - 2) + ")), NULL";
                    case 2 -> "REPEAT('ж', " + MEGABYTE / 2 + "), NULL";
                    default -> "NULL, REPEAT('x', " + MEGABYTE + ")";
                };
        return "INSERT INTO large_rows VALUES (" + id + ", " + values + ")";
    }

    private static int contentOfLargeRow(int id) {
        return id % 4 == 3 ? (MEGABYTE + 2) / 3 * 4 : MEGABYTE;
    }

    /** With the smaller heap it is mostly the thread that reads which finds no room, with the other the one that publishes. */
    @ParameterizedTest
    @ValueSource(strings = {"-Xmx128m", "-Xmx144m"})
    void shouldStopBeforeARowThatDoesNotFitIntoTheHeap(String heap) throws Exception {
        scene.sql("CREATE TABLE large_rows (id INT PRIMARY KEY, txt LONGTEXT)");
        leaveBacklog(() -> scene.sql(
                "INSERT INTO large_rows VALUES (1, 'x')",
                "INSERT INTO large_rows VALUES (2, REPEAT('x', 51 * " + MEGABYTE + "))"));
        Program.configure(folder, properties("camel.main.shutdownTimeout", "10"));
        try (Program program = Program.start(List.of(heap), folder, "--config", "monitor.properties")) {
            assertThat(program.await()).as(program.errors()).isEqualTo(1);

            assertThat(program.errors().lines())
                    .filteredOn(line -> line.contains("ERROR"))
                    .singleElement()
                    .asString()
                    .contains("a change after ", "does not fit into memory", "MB is full; give it more with -Xmx");
            assertThat(program.errors())
                    .as("that it waits for a confirm that cannot come")
                    .doesNotContainPattern("after (9|1\\d) s not all was confirmed");
        }
    }

    @Test
    void shouldNotFillASmallHeapWhenTheBrokerIsSlow() throws Exception {
        int rows = 300; // more than the heap holds
        scene.sql("CREATE TABLE large_rows (id INT PRIMARY KEY, txt LONGTEXT, bin LONGBLOB) DEFAULT CHARSET utf8mb4");
        leaveBacklog(() -> each(rows, LoadIT::insertLargeRow));
        Servers.Rabbitmq rabbitmq = TestServers.get().rabbitmq();
        try (Tally tally = tally((id, properties, body) -> {});
                TcpProxy proxy = new TcpProxy(rabbitmq.host(), rabbitmq.port())) {
            proxy.throttle(10L * MEGABYTE);
            try (Program program = start("rabbitmq.addresses", proxy.host() + ":" + proxy.port())) {
                awaitRows(rows, tally, program);

                assertThat(tally.messages()).isEqualTo(rows);
            }
        }
    }

    @Test
    void shouldNeverHaveMoreInFlightThanTheLimit() throws Exception {
        int rows = 10_000;
        int limit = 1_000;
        scene.sql("CREATE TABLE load_rows (id INT PRIMARY KEY, note VARCHAR(100))");
        Servers.Rabbitmq rabbitmq = TestServers.get().rabbitmq();
        try (Tally tally = tally((id, properties, body) -> {});
                TcpProxy proxy = new TcpProxy(rabbitmq.host(), rabbitmq.port());
                RunningMonitor monitor = new RunningMonitor(scene)) {
            monitor.start(
                    "rabbitmq.exchange",
                    exchange(),
                    "monitor.dedupe.window",
                    "0",
                    "monitor.in-flight.rows",
                    String.valueOf(limit),
                    "rabbitmq.addresses",
                    proxy.host() + ":" + proxy.port());
            proxy.throttle(MEGABYTE);
            insertLoadRows(rows);

            AtomicLong most = new AtomicLong();
            await().pollInterval(Duration.ofMillis(1)).until(() -> {
                most.accumulateAndGet(monitor.status().inFlight(), Math::max);
                return tally.rows() == rows;
            });

            assertThat(most.get()).isBetween(limit / 2L, (long) limit);
            assertThat(tally.messages()).isEqualTo(rows);
        }
    }

    @Test
    void shouldPublishTablesOfManyColumns() throws Exception {
        int rows = 300;
        List<String> kinds =
                List.of("INT", "VARCHAR(12) CHARACTER SET utf8mb4", "DECIMAL(10,2)", "DATETIME", "TINYINT(1)");
        scene.sql("CREATE TABLE wide (id INT PRIMARY KEY, "
                + IntStream.range(1, COLUMNS)
                        .mapToObj(column -> name(column) + " " + kinds.get(column % kinds.size()))
                        .collect(Collectors.joining(", "))
                + ")");
        try (Tally tally = tally((id, properties, body) -> assertWide(id, parse(body)));
                Program program = start("monitor.dedupe.window", "0")) {
            each(
                    rows,
                    id -> "INSERT INTO wide VALUES (" + id
                            + IntStream.range(1, COLUMNS)
                                    .mapToObj(column -> ", '" + wide(id, column, false) + "'")
                                    .collect(Collectors.joining())
                            + ")");
            each(
                    rows,
                    id -> "UPDATE wide SET "
                            + IntStream.range(1, COLUMNS)
                                    .filter(LoadIT::isUpdated)
                                    .mapToObj(column -> name(column) + " = '" + wide(id, column, true) + "'")
                                    .collect(Collectors.joining(", "))
                            + " WHERE id = " + id);

            awaitMessages(2 * rows, tally, program);

            assertThat(tally.messages()).isEqualTo(2 * rows);
            assertThat(tally.rows()).isEqualTo(rows);
        }
    }

    private static String name(int column) {
        return column == 0 ? "id" : "column_" + column;
    }

    private static boolean isUpdated(int column) {
        return column % 3 == 1;
    }

    /** The value of a column as its message has it. */
    private static String wide(int id, int column, boolean updated) {
        int number = id + column + (updated ? 1 : 0);
        return switch (column % 5) {
            case 0 -> String.valueOf(number);
            case 1 -> "ä" + number;
            case 2 -> number + ".50";
            case 3 -> "20" + (10 + number % 90) + "-01-01T00:00:0" + number % 10;
            default -> String.valueOf(number % 2);
        };
    }

    private static void assertWide(int id, JsonNode message) {
        boolean insert = "row_insert".equals(message.get("type").asText());
        if (insert) {
            assertColumns(message.get("values"), id, false, IntStream.range(0, COLUMNS));
        } else {
            IntStream changed = IntStream.range(1, COLUMNS).filter(LoadIT::isUpdated);
            assertColumns(message.get("before_values"), id, false, changed);
            changed = IntStream.range(1, COLUMNS).filter(LoadIT::isUpdated);
            assertColumns(message.get("after_values"), id, true, changed);
        }
    }

    private static void assertColumns(JsonNode values, int id, boolean updated, IntStream columns) {
        Map<String, String> expected = new HashMap<>();
        columns.forEach(
                column -> expected.put(name(column), column == 0 ? String.valueOf(id) : wide(id, column, updated)));
        Map<String, String> actual = new HashMap<>();
        values.properties()
                .forEach(field -> actual.put(field.getKey(), field.getValue().asText()));
        assertThat(actual).isEqualTo(expected);
    }

    @Test
    void shouldPublishALargeTransactionWithASmallHeap() throws Exception {
        scene.sql("CREATE TABLE load_rows (id INT PRIMARY KEY, note VARCHAR(100))");
        try (Tally tally = tally((id, properties, body) -> {});
                Program program = start()) {
            scene.sql("BEGIN");
            insertLoadRows(TRANSACTION_ROWS);
            scene.sql("COMMIT");

            awaitRows(TRANSACTION_ROWS, tally, program);

            assertThat(tally.messages()).isEqualTo(TRANSACTION_ROWS);
        }
    }

    @Test
    void shouldPublishARowThatIsAlwaysUpdatedInEachWindow() throws Exception {
        scene.sql("CREATE TABLE hot (id INT PRIMARY KEY, number INT)", "INSERT INTO hot VALUES (0, 0)");
        Merged merged = new Merged();
        try (Tally tally = tally(merged);
                Program program = start()) {
            long begin = System.nanoTime();
            int updates = 0;
            while (updates < HOT_UPDATES || tally.messages() < 3) { // which come while the updates go on
                scene.sql("UPDATE hot SET number = " + ++updates);
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(PATIENCE.multipliedBy(3));
            }

            int all = updates;
            awaitUntil(() -> merged.changes == all, tally, program);
            long windows = (System.nanoTime() - begin) / WINDOW.toNanos();
            assertThat(tally.messages()).isLessThanOrEqualTo(windows + 1);
            assertThat(merged.latest).isEqualTo(Map.of(0, updates)).isEqualTo(numbers("hot"));
        }
    }

    @Test
    void shouldSendNothingTwiceWhenStoppedWhileRowsAreUpdated() throws Exception {
        int rows = 500;
        scene.sql("CREATE TABLE hot (id INT PRIMARY KEY, number INT)");
        each(rows, id -> "INSERT INTO hot VALUES (" + id + ", 0)");
        Merged merged = new Merged();
        AtomicBoolean enough = new AtomicBoolean();
        try (Tally tally = tally(merged)) {
            CompletableFuture<Integer> load;
            try (Program program = start()) {
                load = CompletableFuture.supplyAsync(() -> update(rows, enough));
                awaitUntil(() -> tally.messages() > 2 * rows, tally, program);

                stop(program);
            }
            try (Program program = start()) {
                long before = tally.messages();
                awaitUntil(() -> tally.messages() > before + 2 * rows, tally, program);
                enough.set(true);
                int updates = load.join();
                awaitUntil(() -> merged.changes >= updates, tally, program);

                stop(program);
                assertThat(merged.changes).isEqualTo(updates);
            }
            assertThat(merged.latest).isEqualTo(numbers("hot"));
            assertThat(merged.changes).isGreaterThan((int) tally.messages()); // or nothing was merged
        }
    }

    private void stop(Program program) throws Exception {
        program.terminate();
        assertThat(program.await()).isEqualTo(143);
        assertThat(program.errors()).contains("all confirmed").doesNotContain("ERROR");
        assertStoppedCleanly();
    }

    private void assertStoppedCleanly() throws IOException {
        assertThat(Files.readString(scene.data().resolve("checkpoint.json"))).contains("\"clean\" : true");
    }

    private int update(int rows, AtomicBoolean enough) {
        int updates = 0;
        try {
            while (!enough.get()) {
                updates++;
                scene.sql("UPDATE hot SET number = " + updates + " WHERE id = " + updates * 7919L % rows);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return updates;
    }

    private Map<Integer, Integer> numbers(String table) throws SQLException {
        Map<Integer, Integer> numbers = new HashMap<>();
        try (Connection mysql = TestServers.get().mysql().connect();
                var statement = mysql.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM " + scene.database() + "." + table)) {
            while (rows.next()) {
                numbers.put(rows.getInt(1), rows.getInt(2));
            }
        }
        return numbers;
    }

    /** Adds up the changes behind the messages, which go on from each other: each row's before is its last after. */
    private static final class Merged implements Tally.Inspection {

        private final Map<Integer, Integer> latest = new HashMap<>();
        private final Set<String> messageIds = new HashSet<>();
        private volatile int changes;

        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
        public void inspect(int id, AMQP.BasicProperties properties, byte[] body) {
            JsonNode message = parse(body);
            Integer before = latest.put(id, message.at("/after_values/number").asInt());
            assertThat(message.at("/before_values/number").asInt()).isEqualTo(before == null ? 0 : before);
            assertThat(messageIds.add(properties.getMessageId())).isTrue();
            changes = changes + (Integer) properties.getHeaders().get("merged");
        }
    }

    private static JsonNode parse(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Tally tally(Tally.Inspection inspection) throws Exception {
        return new Tally(exchange(), inspection);
    }

    private String exchange() {
        return scene.database() + "_load";
    }

    private Map<String, String> properties(String... settings) {
        Map<String, String> properties = scene.properties(settings);
        properties.put("rabbitmq.exchange", exchange());
        return properties;
    }

    private Program start(String... settings) throws Exception {
        Program.configure(folder, properties(settings));
        Program program = Program.start(SMALL_HEAP, folder, "--config", "monitor.properties");
        scene.awaitCheckpoint();
        return program;
    }

    private void awaitRows(int count, Tally tally, Program program) {
        awaitUntil(() -> tally.rows() >= count, tally, program);
        assertThat(tally.rows()).isEqualTo(count);
        assertThat(tally.isInOrder()).isTrue();
    }

    private void awaitMessages(int count, Tally tally, Program program) {
        awaitUntil(() -> tally.messages() >= count, tally, program);
    }

    private void awaitUntil(java.util.function.BooleanSupplier condition, Tally tally, Program program) {
        await().until(() -> condition.getAsBoolean() || tally.complaint() != null || !program.isRunning());
        assertThat(tally.complaint()).isNull();
        assertThat(program.isRunning()).as(program.errors()).isTrue();
        assertThat(program.errors()).doesNotContain("ERROR", "OutOfMemoryError");
    }

    @FunctionalInterface
    private interface Task {
        void run() throws Exception;
    }

    /** Lets work be done between a stop of a monitor and the start of the program, which then reads it as fast as it can. */
    private void leaveBacklog(Task work) throws Exception {
        try (RunningMonitor monitor = new RunningMonitor(scene)) { // starts sooner than the program
            monitor.start("rabbitmq.exchange", exchange());
        }
        assertStoppedCleanly();
        work.run();
    }

    private void each(int count, IntFunction<String> statement) throws SQLException {
        for (int number = 0; number < count; number++) {
            scene.sql(statement.apply(number));
        }
    }

    private void insertLoadRows(int count) throws SQLException {
        int perStatement = 1_000;
        each(
                count / perStatement,
                part -> "INSERT INTO load_rows VALUES "
                        + IntStream.range(part * perStatement, (part + 1) * perStatement)
                                .mapToObj(id -> "(" + id + ",'" + "x".repeat(80) + "')")
                                .collect(Collectors.joining(",")));
    }
}

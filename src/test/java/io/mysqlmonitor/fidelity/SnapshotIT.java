package io.mysqlmonitor.fidelity;

import static io.mysqlmonitor.testing.Patience.await;
import static io.mysqlmonitor.testing.ServerContainer.assumeContainers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mysqlmonitor.MysqlMonitor;
import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.testing.Gtids;
import io.mysqlmonitor.testing.Program;
import io.mysqlmonitor.testing.RowModel;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that are there before the monitor. */
class SnapshotIT {

    private static final int ROWS = 8_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private Scene scene;

    @BeforeEach
    void setUp() throws Exception {
        scene = new Scene(folder);
    }

    @AfterEach
    void tearDown() throws Exception {
        scene.close();
    }

    @Test
    void shouldPublishRowsAsTheirInsertsWouldAndThenTheChanges() throws Exception {
        if (scene.isMariadb()) {
            scene.expectUncounted(
                    "its place at the start of a snapshot may be before the rows that the snapshot holds");
        }
        scene.sql(
                "SET SESSION sql_mode = '', time_zone = '+05:00'",
                "CREATE TABLE typed (id INT PRIMARY KEY, tiny TINYINT UNSIGNED, flag BOOLEAN, big BIGINT UNSIGNED, "
                        + "price DECIMAL(30,10), f FLOAT, d DOUBLE, bits BIT(13), bit1 BIT(1), y YEAR, dt DATE, zero DATE, "
                        + "zero_nn DATE NOT NULL, dtm DATETIME(6), zero_dtm DATETIME NOT NULL, ts TIMESTAMP(3) NULL, "
                        + "tm TIME(6), tm_low TIME, latin VARCHAR(20) CHARACTER SET latin1, wide VARCHAR(20) CHARACTER SET utf16, "
                        + "emoji LONGTEXT, e ENUM('a','b'), s SET('x','y'), none SET('x'), bin BINARY(4), bl BLOB, js JSON, g POINT, "
                        + "n INT, virt INT AS (id + 1)) DEFAULT CHARSET utf8mb4",
                "INSERT INTO typed (id, tiny, flag, big, price, f, d, bits, bit1, y, dt, zero, zero_nn, dtm, zero_dtm, ts, tm, "
                        + "tm_low, latin, wide, emoji, e, s, none, bin, bl, js, g) VALUES (1, 255, true, 18446744073709551615, "
                        + "12345678901234567890.0123456789, 1.5, 0.1, b'1000000000001', b'1', 2155, '1000-01-01', '0000-00-00', "
                        + "'0000-00-00', '9999-12-31 23:59:59.999999', '0000-00-00 00:00:00', '2021-03-28 02:30:00.123', "
                        + "'838:59:58.999999', '-838:59:59', 'çé', 'жß', '😀', 'b', 'x,y', '', x'00ff', x'0001ff', "
                        + "'{\"a\":[1,2.5,null]}', ST_GeomFromText('POINT(1 2)'))",
                "CREATE TABLE keyless (word VARCHAR(10))",
                "INSERT INTO keyless VALUES ('one'), ('two'), ('two')",
                "CREATE TABLE nothing (id INT PRIMARY KEY)",
                "CREATE TABLE `odd name` (`the id` INT PRIMARY KEY)",
                "INSERT INTO `odd name` VALUES (7)");
        JsonNode typed;
        try (RunningMonitor monitor = start()) {
            List<Received> rows = scene.awaitChanges(5);
            assertThat(rows).extracting(Received::type).containsOnly("row_snapshot");
            assertThat(rows).extracting(row -> row.properties().getMessageId()).doesNotHaveDuplicates();
            assertThat(rows.get(0).body())
                    .matches(
                            "\\{\"timestamp\":\\d{10},\"binlog_timestamp\":\\d{10},\"type\":\"row_snapshot\",\"table_name\":\"keyless\","
                                    + "\"keys\":\\{},\"values\":\\{\"word\":\"one\"}}");
            assertThat(rows.get(3).body()).contains("\"keys\":{\"the id\":7}");
            typed = JSON.readTree(rows.get(4).body());
            scene.awaitCheckpoint();
        }

        try (RunningMonitor monitor = start()) {
            List<String> columns = new ArrayList<>();
            typed.get("values").fieldNames().forEachRemaining(columns::add);
            columns.removeAll(List.of("id", "virt"));
            scene.sql("INSERT INTO typed (id, " + String.join(", ", columns) + ") SELECT 2, "
                    + String.join(", ", columns) + " FROM typed");

            JsonNode insert = JSON.readTree(scene.awaitChanges(6).get(5).body());
            assertThat(insert.get("type").asText()).isEqualTo("row_insert");
            assertThat(withoutId(typed)).isEqualTo(withoutId(insert));
        }
    }

    private RunningMonitor start() throws Exception {
        RunningMonitor monitor = new RunningMonitor(scene);
        monitor.begin("monitor.start", "snapshot", "monitor.dedupe.window", "0");
        return monitor;
    }

    private static JsonNode withoutId(JsonNode message) {
        return ((ObjectNode) message.get("values").deepCopy()).without(List.of("id", "virt"));
    }

    @Test
    void shouldReadADateTimeInTheHourThatTheZoneOfTheJvmSkips() throws Exception {
        assumeThat(scene.isMariadb()).isFalse(); // of which it is a known limit
        scene.sql(
                "CREATE TABLE t (id INT PRIMARY KEY, d DATETIME, f DATETIME(3), n DATETIME, z DATETIME)",
                "SET SESSION sql_mode = ''",
                "INSERT INTO t VALUES (1, '2025-03-30 02:30:00', '2025-03-30 02:59:59.999', NULL, '0000-00-00 00:00:00')");
        TimeZone ofThisMachine = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone("Europe/Berlin"));
        try (RunningMonitor monitor = start()) {
            assertThat(scene.awaitChanges(1).get(0).body())
                    .contains("\"values\":{\"id\":1,\"d\":\"2025-03-30T02:30:00\",\"f\":\"2025-03-30T02:59:59.999000\","
                            + "\"n\":null,\"z\":null}");
        } finally {
            TimeZone.setDefault(ofThisMachine);
        }
    }

    @Test
    void shouldEndWithTheRowsOfTheDatabaseWhenTheyChangeMeanwhileAndItIsKilled() throws Exception {
        fill();
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> change(enough));
        try {
            Program.configure(folder, scene.properties("monitor.start", "snapshot", "monitor.in-flight.rows", "2000"));
            String begin;
            try (Program killed = Program.start(folder, "--config", "monitor.properties")) {
                await().until(() -> scene.changes().size() > ROWS / 4);
                begin = checkpoint().get("engine").get("offset").toString();
                assertThat(checkpoint().get("snapshotPending").asBoolean())
                        .as(killed.errors())
                        .isTrue();
            }
            assertThat(scene.changes()).hasSizeLessThan(ROWS);

            try (Program program = Program.start(folder, "--config", "monitor.properties")) {
                await().until(() -> program.errors().contains("not finished and starts again"));
                assertThat(checkpoint().get("engine").get("offset")).hasToString(begin);
                await().until(() -> program.errors().contains("Snapshot done"));
                enough.set(true);
                writer.join();
                scene.sql("INSERT INTO item VALUES (1000000, 'the last')");
                awaitKey(1_000_000);
                program.terminate();
                program.await();
            }
        } finally {
            enough.set(true);
            writer.join();
        }

        assertThat(applied()).isEqualTo(database());
    }

    @Test
    void shouldReadATableAgainWhileItChangesAndGoOnWhenItIsKilled() throws Exception {
        assumeThat(scene.isMariadb()).isFalse();
        int asked = ROWS / 4;
        String mode = Gtids.set("ON");
        AtomicBoolean enough = new AtomicBoolean();
        fill();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> change(enough));
        try {
            Program.configure(
                    folder,
                    scene.properties(
                            "monitor.in-flight.rows", "500", "debezium.incremental.snapshot.chunk.size", "100"));
            try (Program killed = Program.start(folder, "--config", "monitor.properties")) {
                scene.awaitCheckpoint();
                try (Program command = ask("--where", "id <= " + asked)) {
                    assertThat(command.await()).as(command.errors()).isZero();
                }
                await().until(() -> snapshotRows().size() > asked / 2);
                assertThat(checkpoint().get("engine").get("offset").get("incremental_snapshot_collections"))
                        .as(killed.errors())
                        .isNotNull();
            }

            try (Program program = Program.start(folder, "--config", "monitor.properties")) {
                await().until(() -> program.errors().contains("Snapshot done"));
                enough.set(true);
                writer.join();
                scene.sql("INSERT INTO item VALUES (1000000, 'the last')");
                awaitKey(1_000_000);
            }
        } finally {
            enough.set(true);
            writer.join();
            Gtids.set(mode);
        }

        assertThat(snapshotRows()).allMatch(id -> id <= asked).hasSizeLessThan(asked + asked / 2);
        assertThat(upTo(asked, applied())).isEqualTo(upTo(asked, database()));
    }

    private Program ask(String... more) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("snapshot", scene.database() + ".item", "--config", "monitor.properties"));
        arguments.addAll(List.of(more));
        return Program.start(folder, arguments.toArray(String[]::new));
    }

    private List<Integer> snapshotRows() {
        return scene.changes().stream()
                .filter(change -> change.type().equals("row_snapshot"))
                .map(Received::id)
                .toList();
    }

    private static Map<Integer, String> upTo(int id, Map<Integer, String> rows) {
        return new TreeMap<>(rows).headMap(id, true);
    }

    @Test
    void shouldReadMoreThanTheHeapHolds() throws Exception {
        assumeContainers();
        int rows = 160;
        scene.sql("CREATE TABLE large_rows (id INT PRIMARY KEY, txt LONGTEXT)");
        for (int id = 0; id < rows; id++) {
            scene.sql("INSERT INTO large_rows VALUES (" + id + ", REPEAT('x', 1000000))");
        }
        Program.configure(folder, scene.properties("monitor.start", "snapshot"));
        List<String> smallHeap = List.of("-Xmx96m", "-XX:+ExitOnOutOfMemoryError");
        try (Program program = Program.start(smallHeap, folder, "--config", "monitor.properties")) {
            await().until(() -> scene.changes().size() >= rows || !program.isRunning());

            assertThat(program.isRunning()).as(program.errors()).isTrue();
            assertThat(scene.changes()).hasSize(rows);
        }
    }

    @Test
    void shouldRefuseATableThatCannotBeReadInParts() throws Exception {
        scene.sql("CREATE TABLE item (id INT)", "CREATE TABLE keyed (id INT PRIMARY KEY)");
        MysqlMonitor monitor = new MysqlMonitor(MonitorConfiguration.of(scene.properties()));
        if (scene.isMariadb()) {
            assertThatThrownBy(() -> monitor.snapshot(scene.database() + ".keyed", ""))
                    .hasMessageContaining("does not assign GTIDs");
            return;
        }
        String mode = Gtids.set("OFF");
        try {
            assertThatThrownBy(() -> monitor.snapshot(scene.database() + ".keyed", ""))
                    .hasMessageContaining("does not assign GTIDs");
            Gtids.set("ON");
            assertThatThrownBy(() -> monitor.snapshot("item", "")).hasMessageContaining("write database.table");
            assertThatThrownBy(() -> monitor.snapshot(scene.database() + ".none", ""))
                    .hasMessageContaining("has no table");
            assertThatThrownBy(() -> monitor.snapshot(scene.database() + ".item", ""))
                    .hasMessageContaining("has no primary key");
            assertThatThrownBy(() -> monitor.snapshot(scene.database() + ".keyed", "x = 1"))
                    .hasMessageContaining("the condition \"x = 1\" is not possible: Unknown column 'x'");
            assertThat(scene.data()).doesNotExist();
        } finally {
            Gtids.set(mode);
        }
    }

    private void fill() throws SQLException {
        scene.sql("CREATE TABLE item (id INT PRIMARY KEY, note VARCHAR(100))");
        StringBuilder rows = new StringBuilder("INSERT INTO item VALUES ");
        for (int id = 1; id <= ROWS; id++) {
            rows.append(id == 1 ? "" : ",").append('(').append(id).append(",'first')");
        }
        scene.sql(rows.toString());
    }

    /** Rows come, change and go, those that come soon after. */
    private void change(AtomicBoolean enough) {
        Random random = new Random(4711);
        try (Connection connection = TestServers.get().mysql().connect();
                Statement statement = connection.createStatement()) {
            statement.execute("USE " + scene.database());
            for (int i = 1; !enough.get(); i++) {
                statement.execute("INSERT INTO item VALUES (" + (ROWS + i) + ", 'came')");
                statement.execute("UPDATE item SET note = 'note " + i + "' WHERE id = " + (1 + random.nextInt(ROWS)));
                statement.execute("DELETE FROM item WHERE id = " + (1 + random.nextInt(ROWS)));
                statement.execute("DELETE FROM item WHERE id = " + (ROWS + i - 100));
                statement.execute("DO SLEEP(0.005)");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitKey(int id) {
        await().until(() -> {
            List<Received> changes = scene.changes();
            return changes.subList(Math.max(0, changes.size() - 10), changes.size()).stream()
                    .anyMatch(change -> change.body().contains("\"keys\":{\"id\":" + id + "}"));
        });
    }

    private JsonNode checkpoint() throws IOException {
        return JSON.readTree(Files.readString(scene.data().resolve("checkpoint.json")));
    }

    private Map<Integer, String> applied() {
        RowModel model = new RowModel(true);
        for (Received change : scene.changes()) {
            try {
                model.apply(JSON.readTree(change.body()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        Map<Integer, String> rows = new TreeMap<>();
        model.rows("item").forEach((key, row) -> rows.put(Integer.valueOf(key.get("id")), row.get("note")));
        return rows;
    }

    private Map<Integer, String> database() throws SQLException {
        Map<Integer, String> rows = new HashMap<>();
        try (Connection connection = TestServers.get().mysql().connect();
                Statement statement = connection.createStatement();
                ResultSet items = statement.executeQuery("SELECT id, note FROM " + scene.database() + ".item")) {
            while (items.next()) {
                rows.put(items.getInt(1), items.getString(2));
            }
        }
        return new TreeMap<>(rows);
    }
}

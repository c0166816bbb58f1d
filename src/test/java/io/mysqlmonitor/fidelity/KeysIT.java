package io.mysqlmonitor.fidelity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.testing.Patience;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Keys of all kinds: how rows are told apart, and what is published when a key changes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeysIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String WINDOW = "2s";

    private Scene scene;
    private RunningMonitor monitor;
    private String window = "";
    private int tables;
    private int rows;

    @BeforeAll
    void setUp(@TempDir Path directory) throws Exception {
        scene = new Scene(directory);
        scene.sql("SET time_zone = '+02:00', sql_mode = '', NAMES utf8mb4", "CREATE TABLE last (id INT PRIMARY KEY)");
        monitor = new RunningMonitor(
                scene,
                "monitor.message.key.columns",
                scene.database() + ".named:id,seq;" + scene.database() + ".shared:kind");
    }

    @AfterAll
    void tearDown() throws Exception {
        monitor.close();
        scene.close();
    }

    /** Starts a monitor with this de-dupe window, unless it runs with it. */
    private void start(String dedupeWindow) throws Exception {
        if (window.equals(dedupeWindow)) {
            return;
        }
        monitor.stop();
        window = dedupeWindow;
        monitor.start("monitor.dedupe.window", dedupeWindow);
    }

    /** The messages about a table, which are as many, once there is one about a row that changed after them. */
    private List<Received> await(String table, int count) throws Exception {
        String last = "{\"id\":" + ++rows + "}";
        scene.sql("INSERT INTO last VALUES (" + rows + ")");
        Patience.await().until(() -> about("last").stream()
                .anyMatch(message -> message.body().contains(last)));
        assertThat(about(table)).hasSize(count);
        return about(table);
    }

    private List<Received> about(String table) {
        return scene.changes().stream()
                .filter(message -> table.equals(
                        String.valueOf(message.properties().getHeaders().get("table"))))
                .toList();
    }

    private static String keys(Received message) throws IOException {
        return JSON.readTree(message.body()).get("keys").toString();
    }

    private static Object keyChange(Received message) {
        Object header = message.properties().getHeaders().get("key_change");
        return header == null ? null : header.toString();
    }

    static Stream<Arguments> keyTypes() {
        return Stream.of(
                Arguments.of("TINYINT", "-1", "-1"),
                Arguments.of("BIGINT UNSIGNED", "18446744073709551615", "18446744073709551615"),
                Arguments.of("DECIMAL(30,10)", "1.5", "\"1.5000000000\""),
                Arguments.of("FLOAT", "1.1", "1.1"),
                Arguments.of("FLOAT(7,3)", "1.1", "1.1"),
                Arguments.of("DOUBLE", "0.1", "0.1"),
                Arguments.of("BIT(10)", "b'1000000001'", "513"),
                Arguments.of("BIT(1)", "1", "1"),
                Arguments.of("CHAR(5)", "'ä '", "\"ä\""),
                Arguments.of("VARCHAR(20) CHARACTER SET utf8mb4", "'ä 😀'", "\"ä 😀\""),
                Arguments.of("VARCHAR(20) CHARACTER SET latin1", "_latin1 0xE481", "\"ä\u0081\""),
                Arguments.of("VARCHAR(20) CHARACTER SET utf16", "'ä'", "\"ä\""),
                Arguments.of("BINARY(4)", "0x00610000", "\"AGEAAA==\""),
                Arguments.of("VARBINARY(4)", "0x0061", "\"AGE=\""),
                Arguments.of("ENUM('a','b,c')", "'b,c'", "\"b,c\""),
                Arguments.of("SET('a','b')", "'a,b'", "\"a,b\""),
                Arguments.of("DATE", "'2018-01-01'", "\"2018-01-01\""),
                Arguments.of("DATE", "'0000-00-00'", "null"),
                Arguments.of("DATETIME(6)", "'2018-01-01 12:30:00.5'", "\"2018-01-01T12:30:00.500000\""),
                Arguments.of("TIMESTAMP(3)", "'2018-01-01 12:30:00.5'", "\"2018-01-01T10:30:00.500000Z\""),
                Arguments.of("TIME(6)", "'-838:59:58.5'", "\"-838:59:58.500000\""),
                Arguments.of("YEAR", "2018", "2018"));
    }

    @ParameterizedTest
    @MethodSource("keyTypes")
    void shouldPublishTheSameKeyInEachMessageAboutARow(String type, String value, String json) throws Exception {
        start("0");
        String table = "key" + ++tables;

        scene.sql(
                "CREATE TABLE " + table + " (id " + type + " PRIMARY KEY, v INT)",
                "INSERT INTO " + table + " VALUES (" + value + ", 1)",
                "UPDATE " + table + " SET v = 2",
                "DELETE FROM " + table);

        List<Received> messages = await(table, 3);
        assertThat(messages).extracting(Received::type).containsExactly("row_insert", "row_update", "row_delete");
        for (Received message : messages) {
            assertThat(keys(message)).isEqualTo("{\"id\":" + json + "}");
            assertThat(keyChange(message)).isNull();
        }
    }

    @Test
    void shouldPublishACompositeKeyInItsOrder() throws Exception {
        start("0");

        scene.sql(
                "CREATE TABLE composite (a INT, b VARCHAR(5), c DATE, v INT, PRIMARY KEY (C, a, b))",
                "INSERT INTO composite VALUES (1, 'x', '2018-01-01', 0)",
                "UPDATE composite SET v = 1");

        for (Received message : await("composite", 2)) {
            assertThat(keys(message)).isEqualTo("{\"c\":\"2018-01-01\",\"a\":1,\"b\":\"x\"}");
        }
    }

    @Test
    void shouldGiveBothHalvesOfAKeyChangeTheSameHeader() throws Exception {
        start("0");

        scene.sql(
                "CREATE TABLE moved (a INT, b INT, v INT, PRIMARY KEY (a, b))",
                "INSERT INTO moved VALUES (1, 1, 0), (2, 2, 0)",
                "UPDATE moved SET b = b + 10");

        List<Received> messages = await("moved", 6);
        assertThat(messages.subList(2, 6))
                .extracting(Received::type)
                .containsExactly("row_delete", "row_insert", "row_delete", "row_insert");
        assertThat(keyChange(messages.get(0))).isNull();
        for (int i = 2; i < 6; i += 2) {
            Received delete = messages.get(i);
            Received insert = messages.get(i + 1);
            assertThat(keyChange(delete))
                    .isEqualTo(delete.properties().getMessageId())
                    .isEqualTo(keyChange(insert));
            assertThat(insert.properties().getMessageId()).isEqualTo(keyChange(insert) + ":insert");
            assertThat(keys(insert)).isEqualTo(keys(delete).replaceFirst("\"b\":(.)", "\"b\":1$1"));
        }
        assertThat(keyChange(messages.get(2))).isNotEqualTo(keyChange(messages.get(4)));
    }

    @Test
    void shouldTakeAChangeOfCaseForAKeyChange() throws Exception {
        scene.sql("CREATE TABLE word (id VARCHAR(5) COLLATE utf8mb4_general_ci PRIMARY KEY, v INT) CHARSET utf8mb4");
        start("0");

        scene.sql(
                "INSERT INTO word VALUES ('abc', 1)",
                "UPDATE word SET id = 'ABC' WHERE id = 'abc'",
                "UPDATE word SET v = 2 WHERE id = 'abc'");

        List<Received> messages = await("word", 4);
        assertThat(messages)
                .extracting(Received::type)
                .containsExactly("row_insert", "row_delete", "row_insert", "row_update");
        assertThat(keys(messages.get(1))).isEqualTo("{\"id\":\"abc\"}");
        assertThat(keys(messages.get(2))).isEqualTo("{\"id\":\"ABC\"}");
        assertThat(keys(messages.get(3))).isEqualTo("{\"id\":\"ABC\"}");
    }

    @Test
    void shouldTakeAUniqueKeyWithoutNullForTheKeyWhereThereIsNoPrimaryKey() throws Exception {
        start("0");

        scene.sql(
                "CREATE TABLE by_unique (a INT, b INT NOT NULL, UNIQUE (a), UNIQUE (b))",
                "CREATE TABLE nullable (a INT, b INT, UNIQUE (a, b))",
                "CREATE TABLE both_kinds (a INT NOT NULL UNIQUE, b INT PRIMARY KEY)",
                "INSERT INTO by_unique VALUES (1, 2)",
                "INSERT INTO nullable VALUES (1, 2)",
                "INSERT INTO both_kinds VALUES (1, 2)");

        assertThat(keys(await("by_unique", 1).get(0))).isEqualTo("{\"b\":2}");
        assertThat(keys(await("nullable", 1).get(0))).isEqualTo("{}");
        assertThat(keys(await("both_kinds", 1).get(0))).isEqualTo("{\"b\":2}");
    }

    @Test
    void shouldTakeAGeneratedInvisiblePrimaryKeyForTheKey() throws Exception {
        assumeThat(scene.isMariadb()).isFalse();
        start("0");

        scene.sql(
                "SET sql_generate_invisible_primary_key = ON",
                "CREATE TABLE invisible_key (v INT)",
                "SET sql_generate_invisible_primary_key = OFF",
                "INSERT INTO invisible_key VALUES (7)");

        Received insert = await("invisible_key", 1).get(0);
        assertThat(keys(insert)).isEqualTo("{\"my_row_id\":1}");
        assertThat(insert.body()).contains("\"v\":7");
    }

    @Test
    void shouldMergeNothingOfATableWithoutAKey() throws Exception {
        start(WINDOW);

        scene.sql(
                "CREATE TABLE keyless (id INT, v INT)",
                "INSERT INTO keyless VALUES (1, 0), (1, 0)",
                "UPDATE keyless SET v = 1 LIMIT 1",
                "UPDATE keyless SET v = 2 WHERE v = 1",
                "DELETE FROM keyless");

        List<Received> messages = await("keyless", 6);
        for (Received message : messages) {
            assertThat(keys(message)).isEqualTo("{}");
        }
    }

    @Test
    void shouldTakeNamedColumnsForTheKey() throws Exception {
        start("0");

        scene.sql(
                "CREATE TABLE named (id INT, seq INT, v INT)",
                "INSERT INTO named VALUES (1, 1, 0)",
                "UPDATE named SET v = 1",
                "UPDATE named SET seq = 2");

        List<Received> messages = await("named", 4);
        assertThat(messages)
                .extracting(Received::type)
                .containsExactly("row_insert", "row_update", "row_delete", "row_insert");
        assertThat(keys(messages.get(1))).isEqualTo("{\"id\":1,\"seq\":1}");
        assertThat(keys(messages.get(3))).isEqualTo("{\"id\":1,\"seq\":2}");
        assertThat(keyChange(messages.get(2))).isNotNull().isEqualTo(keyChange(messages.get(3)));
    }

    @Test
    void shouldLoseNoRowThatSharesItsNamedKeyWithOthers() throws Exception {
        start(WINDOW);

        scene.sql(
                "CREATE TABLE shared (id INT, kind INT, v INT)",
                "INSERT INTO shared VALUES (1, 1, 0), (2, 1, 0)",
                "UPDATE shared SET v = id");

        JsonNode first = null;
        for (Received message : await("shared", 4)) {
            JsonNode body = JSON.readTree(message.body());
            first = first == null ? body : first;
            assertThat(body.get("keys").toString()).isEqualTo("{\"kind\":1}");
        }
        assertThat(first.get("values").get("id").asInt()).isEqualTo(1);
    }
}

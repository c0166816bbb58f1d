package io.mysqlmonitor.fidelity;

import static io.mysqlmonitor.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The monitor between a real database and a real broker. */
class MonitorIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    private Scene scene;
    private RunningMonitor monitor;

    @BeforeEach
    void setUp() throws Exception {
        scene = new Scene(directory);
        scene.sql("CREATE TABLE employee (id INT PRIMARY KEY AUTO_INCREMENT, fname VARCHAR(50), lname VARCHAR(50))"
                + " DEFAULT CHARSET utf8mb4");
        monitor = new RunningMonitor(scene);
    }

    @AfterEach
    void tearDown() throws Exception {
        monitor.stopContext();
        scene.close();
    }

    @Test
    void shouldPublishEachTypeWithItsBody() throws Exception {
        monitor.start("monitor.dedupe.window", "0");

        scene.sql(
                "INSERT INTO employee VALUES (2760, 'abc', 'dëf 😀')",
                "UPDATE employee SET fname = 'xyz' WHERE id = 2760",
                "DELETE FROM employee WHERE id = 2760");

        List<Received> messages = scene.awaitChanges(3);
        assertThat(messages.get(0).body())
                .matches(
                        "\\{\"timestamp\":\\d{10},\"binlog_timestamp\":\\d{10},\"type\":\"row_insert\",\"table_name\":\"employee\","
                                + "\"keys\":\\{\"id\":2760},\"values\":\\{\"id\":2760,\"fname\":\"abc\",\"lname\":\"dëf 😀\"}}");
        assertThat(messages.get(1).body())
                .matches(
                        "\\{\"timestamp\":\\d{10},\"binlog_timestamp\":\\d{10},\"type\":\"row_update\",\"table_name\":\"employee\","
                                + "\"keys\":\\{\"id\":2760},\"before_values\":\\{\"fname\":\"abc\"},\"after_values\":\\{\"fname\":\"xyz\"}}");
        assertThat(messages.get(2).body())
                .matches(
                        "\\{\"timestamp\":\\d{10},\"binlog_timestamp\":\\d{10},\"type\":\"row_delete\",\"table_name\":\"employee\","
                                + "\"keys\":\\{\"id\":2760}}");
        for (Received message : messages) {
            JsonNode body = JSON.readTree(message.body());
            assertThat(body.get("timestamp").asLong()).isCloseTo(now(), offset(60L));
            assertThat(body.get("binlog_timestamp").asLong()).isCloseTo(now(), offset(60L));
        }
    }

    @Test
    void shouldPublishWithItsAmqpProperties() throws Exception {
        monitor.start("monitor.dedupe.window", "0", "rabbitmq.routing-key", "some.key");

        scene.sql("INSERT INTO employee VALUES (1, 'a', 'b'), (2, 'c', 'd')");

        List<Received> messages = scene.awaitChanges(2);
        AMQP.BasicProperties properties = messages.get(1).properties();
        Map<String, Object> headers = properties.getHeaders();
        assertThat(messages.get(1).routingKey()).isEqualTo("some.key");
        assertThat(properties.getContentType()).isEqualTo("application/json");
        assertThat(properties.getContentEncoding()).isEqualTo("utf-8");
        assertThat(properties.getDeliveryMode()).isEqualTo(2);
        assertThat(properties.getType()).isEqualTo("row_insert");
        assertThat(properties.getAppId()).isEqualTo("mysql-monitor");
        assertThat(properties.getTimestamp().toInstant()).isBefore(Instant.now().plusSeconds(1));
        assertThat(properties.getMessageId()) // with the event's number where events have no position
                .matches(headers.get("binlog_file") + ":" + headers.get("binlog_position") + "(\\.\\d+)?:1");
        assertThat(messages.get(0).properties().getMessageId()).endsWith(":0");
        headers.remove("gtid"); // where the server has them
        assertThat(headers.keySet())
                .containsExactlyInAnyOrder("database", "table", "type", "binlog_file", "binlog_position", "merged");
        assertThat(headers.get("database")).hasToString(scene.database());
        assertThat(headers.get("merged")).isEqualTo(1);
    }

    @Test
    void shouldPublishKeyChangeAsDeleteAndInsertOfDifferentIds() throws Exception {
        monitor.start("monitor.dedupe.window", "0");

        scene.sql("INSERT INTO employee VALUES (1, 'a', 'b')", "UPDATE employee SET id = 9 WHERE id = 1");

        List<Received> messages = scene.awaitChanges(3);
        assertThat(messages).extracting(Received::type).containsExactly("row_insert", "row_delete", "row_insert");
        assertThat(messages.get(1).body()).contains("\"keys\":{\"id\":1}");
        assertThat(messages.get(2).body()).contains("\"keys\":{\"id\":9}");
        assertThat(messages.get(2).properties().getMessageId())
                .isEqualTo(messages.get(1).properties().getMessageId() + ":insert");
    }

    @Test
    void shouldSendHeartbeatWhenIdle() throws Exception {
        monitor.start("monitor.heartbeat.idle", "1s");

        await().until(() -> !scene.received().isEmpty());

        Received heartbeat = scene.received().get(0);
        assertThat(heartbeat.body()).matches("\\{\"timestamp\":\\d{10},\"type\":\"heartbeat\"}");
        assertThat(heartbeat.type()).isEqualTo("heartbeat");
        assertThat(heartbeat.properties().getContentType()).isEqualTo("application/json");
        assertThat(heartbeat.properties().getDeliveryMode()).isEqualTo(2);
    }

    @Test
    void shouldMergeUpdatesOfOneRowIntoOneMessage() throws Exception {
        scene.sql("INSERT INTO employee VALUES (1, 'start', '')");
        monitor.start("monitor.dedupe.window", "5s");

        for (int i = 1; i <= 100; i++) {
            scene.sql("UPDATE employee SET fname = 'v" + i + "' WHERE id = 1");
        }

        Received message = scene.awaitChanges(1).get(0);
        assertThat(message.body())
                .contains("\"before_values\":{\"fname\":\"start\"},\"after_values\":{\"fname\":\"v100\"}");
        assertThat(message.properties().getHeaders().get("merged")).isEqualTo(100);
    }

    @Test
    void shouldPublishEveryUpdateInOrderWithoutWindow() throws Exception {
        scene.sql("INSERT INTO employee VALUES (1, 'v0', '')");
        monitor.start("monitor.dedupe.window", "0");

        for (int i = 1; i <= 100; i++) {
            scene.sql("UPDATE employee SET fname = 'v" + i + "' WHERE id = 1");
        }

        List<Received> messages = scene.awaitChanges(100);
        for (int i = 1; i <= 100; i++) {
            assertThat(messages.get(i - 1).body()).contains("\"after_values\":{\"fname\":\"v" + i + "\"}");
        }
    }

    @Test
    void shouldGoOnAfterRestartWhereTheLastWindowEnded() throws Exception {
        monitor.start("monitor.dedupe.window", "100ms");
        insert(1, 50);
        scene.awaitChanges(50);
        monitor.stopContext();
        insert(51, 100);

        monitor.start("monitor.dedupe.window", "100ms");
        insert(101, 150);

        scene.awaitChanges(150);
        assertThat(ids()).containsExactlyElementsOf(range(1, 150));
    }

    @Test
    void shouldPublishOnStopWhatIsStillInTheWindow() throws Exception {
        monitor.start("monitor.dedupe.window", "1m");
        insert(1, 10);
        monitor.awaitInFlight(10);
        assertThat(scene.changes()).isEmpty();

        monitor.stopContext();

        scene.awaitChanges(10);
    }

    @Test
    void shouldHoldNothingTwiceWhenCaptureStartsAgain() throws Exception {
        monitor.start("monitor.dedupe.window", "1m");
        insert(1, 1);
        monitor.awaitInFlight(1);

        monitor.context().getRouteController().stopRoute("mysql-monitor-capture"); // the supervisor starts it again

        scene.awaitChanges(1); // which closes the window that waits, and then reads on behind it
        insert(2, 2);
        monitor.awaitInFlight(1);
        monitor.stopContext();
        scene.awaitChanges(2);
        assertThat(ids()).containsExactly(1, 2);
    }

    @Test
    void shouldMergeNothingAwayThatWasPublishedBeforeACrash() throws Exception {
        monitor.start("monitor.dedupe.window", "100ms");
        byte[] beforeInsert = Files.readAllBytes(checkpointFile());
        insert(1, 1);
        scene.awaitChanges(1);
        monitor.stopContext();
        // As if the program had been killed after the confirm and before the position was stored.
        Files.write(checkpointFile(), beforeInsert);
        scene.sql("DELETE FROM employee WHERE id = 1");

        monitor.start("monitor.dedupe.window", "2s");

        assertThat(scene.awaitChanges(3))
                .extracting(Received::type)
                .containsExactly("row_insert", "row_insert", "row_delete");
        // Behind all that may have been published, which the engine tells with its next sign of life.
        await().until(() -> !Files.readString(checkpointFile()).contains("\"row\""));
        monitor.stopContext();
        assertThat(Files.readString(checkpointFile())).contains("\"clean\" : true");
    }

    @Test
    void shouldMergeTheBacklogAfterACleanStop() throws Exception {
        monitor.start("monitor.dedupe.window", "100ms");
        monitor.stopContext();
        assertThat(Files.readString(checkpointFile())).contains("\"clean\" : true");
        insert(1, 1);
        scene.sql("DELETE FROM employee WHERE id = 1", "INSERT INTO employee VALUES (2, 'a', 'b')");

        scene.expectLeftOut("employee", 2, "an insert and its delete");
        monitor.start("monitor.dedupe.window", "2s");

        assertThat(scene.awaitChanges(1).get(0).body()).contains("\"keys\":{\"id\":2}");
        assertThat(Files.readString(checkpointFile())).contains("\"clean\" : false");
    }

    private Path checkpointFile() {
        return scene.data().resolve("checkpoint.json");
    }

    @Test
    void shouldWatchOnlyTheTablesAskedFor() throws Exception {
        scene.sql("CREATE TABLE other (id INT PRIMARY KEY)");
        monitor.start("monitor.dedupe.window", "0", "mysql.tables", scene.database() + ".employee");

        scene.sql("INSERT INTO other VALUES (1)", "INSERT INTO employee VALUES (1, 'a', 'b')");

        assertThat(scene.awaitChanges(1).get(0).body()).contains("\"table_name\":\"employee\"");
    }

    @Test
    void shouldTakeRegularExpressionsAsTheyAre() throws Exception {
        scene.sql(
                "CREATE TABLE order_12 (id INT PRIMARY KEY, token_7 INT, note INT)",
                "CREATE TABLE order_x (id INT PRIMARY KEY)");
        monitor.start(
                "monitor.dedupe.window",
                "0",
                "mysql.tables",
                scene.database() + "\\.order_\\d+",
                "mysql.columns.exclude",
                scene.database() + "\\.order_12\\.token_\\d+");

        scene.sql("INSERT INTO order_x VALUES (1)", "INSERT INTO order_12 VALUES (1, 2, 3)");

        assertThat(scene.awaitChanges(1).get(0).body())
                .contains("\"table_name\":\"order_12\"", "\"values\":{\"id\":1,\"note\":3}");
    }

    @Test
    void shouldPassSettingsOnToTheConnector() throws Exception {
        monitor.start(
                "monitor.dedupe.window", "0", "debezium.column.exclude.list", scene.database() + ".employee.lname");

        scene.sql("INSERT INTO employee VALUES (1, 'a', 'b')");

        assertThat(scene.awaitChanges(1).get(0).body()).contains("\"values\":{\"id\":1,\"fname\":\"a\"}");
    }

    @Test
    void shouldNotWriteEachRowAsTextForDebeziumsMetrics() throws Exception {
        monitor.start("monitor.dedupe.window", "0");

        scene.sql("INSERT INTO employee VALUES (1, 'a', 'b')");
        scene.awaitChanges(1);

        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        Set<ObjectName> streaming = beans.queryNames(
                new ObjectName("debezium.*:type=connector-metrics,context=streaming,server=" + scene.database()), null);
        assertThat(streaming).hasSize(1);
        ObjectName metrics = streaming.iterator().next();
        assertThat(beans.getAttribute(metrics, "TotalNumberOfCreateEventsSeen")).isEqualTo(0L);
        assertThat(beans.getAttribute(metrics, "Connected")).isEqualTo(true);
    }

    @Test
    void shouldDeclareTheExchangeAgainWhenItWasDeleted() throws Exception {
        monitor.start("monitor.dedupe.window", "0");
        scene.deleteExchange();

        scene.sql("INSERT INTO employee VALUES (1, 'a', 'b')");

        monitor.awaitPublished(1);
        assertThat(scene.hasExchange()).isTrue();
    }

    @Test
    void shouldLeaveTheExchangeAloneWhenToldNotToDeclareIt() throws Exception {
        monitor.start("monitor.dedupe.window", "0", "rabbitmq.exchange-type", "topic", "rabbitmq.declare", "false");

        scene.sql("INSERT INTO employee VALUES (1, 'a', 'b')");

        scene.awaitChanges(1); // by the scene's exchange, which is a fanout
    }

    @Test
    void shouldPublishValuesAsTheContractSays() throws Exception {
        scene.sql(
                "CREATE TABLE kinds (tiny TINYINT, flag TINYINT(1), small SMALLINT UNSIGNED, medium MEDIUMINT, int_u INT UNSIGNED,"
                        + " big BIGINT, big_u BIGINT UNSIGNED, dec_ DECIMAL(20,5), dec_i DECIMAL(20,0), flt FLOAT, dbl DOUBLE,"
                        + " bit1 BIT(1), bit8 BIT(8), bit64 BIT(64), chr CHAR(5), latin VARCHAR(20) CHARACTER SET latin1,"
                        + " txt TEXT CHARACTER SET utf8mb4, bin BINARY(3), vbin VARBINARY(9), blb BLOB, en ENUM('a','b'), st SET('x','y','z'),"
                        + " dt DATE, dtm DATETIME, dtm6 DATETIME(6), dtm3 DATETIME(3), ts TIMESTAMP NULL, ts6 TIMESTAMP(6) NULL,"
                        + " tm TIME, tm6 TIME(6), yr YEAR, js JSON, pt POINT, nul VARCHAR(5))");
        monitor.start("monitor.dedupe.window", "0");

        scene.sql(
                "SET time_zone = '+02:00'",
                "INSERT INTO kinds VALUES (-128, 1, 65535, -8388608, 4294967295, -9223372036854775808, 18446744073709551615,"
                        + " -12345.60000, 18446744073709551616, 1.5, -2.25, b'1', b'10000001', 0xFFFFFFFFFFFFFFFF, 'ab', 'grüß', 'ä😀\"',"
                        + " 'a', 0x0001FF, 0x00FF, 'b', 'x,z', '2018-01-01', '2018-01-01 12:30:00', '2018-01-01 12:30:00.000100',"
                        + " '1969-12-31 23:59:59.900', '2018-01-01 12:30:00', '2018-01-01 12:30:00.5', '-838:59:59', '12:00:00.000001',"
                        + " 2018, '{\"a\": [1, 2.5, null]}', ST_GeomFromText('POINT(1 2)'), NULL)");

        JsonNode values = JSON.readTree(scene.awaitChanges(1).get(0).body()).get("values");
        Map<String, String> expected = new java.util.LinkedHashMap<>();
        expected.put("tiny", "-128");
        expected.put("flag", "1");
        expected.put("small", "65535");
        expected.put("medium", "-8388608");
        expected.put("int_u", "4294967295");
        expected.put("big", "-9223372036854775808");
        expected.put("big_u", "18446744073709551615");
        expected.put("dec_", "\"-12345.60000\"");
        expected.put("dec_i", "\"18446744073709551616\"");
        expected.put("flt", "1.5");
        expected.put("dbl", "-2.25");
        expected.put("bit1", "1");
        expected.put("bit8", "129");
        expected.put("bit64", "18446744073709551615");
        expected.put("chr", "\"ab\"");
        expected.put("latin", "\"grüß\"");
        expected.put("txt", "\"ä😀\\\"\"");
        expected.put("bin", "\"YQAA\"");
        expected.put("vbin", "\"AAH/\"");
        expected.put("blb", "\"AP8=\"");
        expected.put("en", "\"b\"");
        expected.put("st", "\"x,z\"");
        expected.put("dt", "\"2018-01-01\"");
        expected.put("dtm", "\"2018-01-01T12:30:00\"");
        expected.put("dtm6", "\"2018-01-01T12:30:00.000100\"");
        expected.put("dtm3", "\"1969-12-31T23:59:59.900000\"");
        expected.put("ts", "\"2018-01-01T10:30:00Z\"");
        expected.put("ts6", "\"2018-01-01T10:30:00.500000Z\"");
        expected.put("tm", "\"-838:59:59\"");
        expected.put("tm6", "\"12:00:00.000001\"");
        expected.put("yr", "2018");
        if (!scene.isMariadb()) { // whose JSON is a text
            expected.put("js", "{\"a\":[1,2.5,null]}");
        }
        expected.put("pt", "{\"srid\":0,\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAABA\"}");
        expected.put("nul", "null");
        expected.forEach((column, json) ->
                assertThat(values.get(column).toString()).as(column).isEqualTo(json));
    }

    private void insert(int from, int to) throws Exception {
        scene.sql("INSERT INTO employee VALUES "
                + IntStream.rangeClosed(from, to)
                        .mapToObj(id -> "(" + id + ", 'f', 'l')")
                        .collect(Collectors.joining(", ")));
    }

    private Stream<Integer> ids() {
        return scene.changes().stream().map(MonitorIT::id);
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.rangeClosed(from, to).boxed().toList();
    }

    private static int id(Received message) {
        try {
            return JSON.readTree(message.body()).at("/keys/id").asInt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }
}

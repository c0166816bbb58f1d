package io.mysqlmonitor.operation;

import static io.mysqlmonitor.testing.Patience.await;
import static io.mysqlmonitor.testing.Patience.awaitConstantly;
import static io.mysqlmonitor.testing.ServerContainer.assumeContainers;
import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.testing.MonitorConnections;
import io.mysqlmonitor.testing.Program;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.ServerContainer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the program shows of itself: health, metrics, log, and no password in any of them. */
class ObservationIT {

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private Scene scene;
    private int port;

    @BeforeEach
    void setUp() throws Exception {
        scene = new Scene(folder);
        scene.sql("CREATE TABLE employee (id INT PRIMARY KEY, name VARCHAR(50))");
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
    }

    @AfterEach
    void tearDown() throws Exception {
        scene.close();
    }

    private Program start(String... settings) throws IOException {
        Map<String, String> properties = scene.properties(settings);
        properties.put("monitor.http.enabled", "true");
        properties.put("monitor.http.port", String.valueOf(port));
        Program.configure(folder, properties);
        return Program.start(folder, "--config", "monitor.properties");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private void awaitReady(boolean ready) {
        await().ignoreExceptions().until(() -> get("/health/ready").statusCode() == (ready ? 200 : 503));
    }

    /** Sum of a metric over its tags. */
    private double metric(String name) throws IOException, InterruptedException {
        return get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void shouldShowHealthAndFigures() throws Exception {
        scene.expectLeftOut("employee", 2, "an insert and its delete");
        try (Program program = start("monitor.dedupe.window", "1s")) {
            awaitReady(true);

            scene.sql(
                    "INSERT INTO employee VALUES (1, 'a'), (2, 'b'), (3, 'c')",
                    "UPDATE employee SET name = 'x'",
                    "INSERT INTO employee VALUES (4, 'd')",
                    "DELETE FROM employee WHERE id = 4");
            scene.awaitChanges(3);

            await().until(() -> metric("mysql_monitor_rows_published_total") == 3);
            assertThat(get("/metrics").body())
                    .contains("mysql_monitor_rows_captured_total{table=\"" + scene.database()
                            + ".employee\",type=\"row_insert\"} 6.0");
            assertThat(metric("mysql_monitor_rows_merged_total")).isEqualTo(3);
            assertThat(metric("mysql_monitor_rows_merged_away_total")).isEqualTo(2);
            assertThat(metric("mysql_monitor_in_flight_rows")).isZero();
            assertThat(metric("mysql_monitor_confirm_seconds_count")).isPositive();
            assertThat(metric("mysql_monitor_capture_alive")).isEqualTo(1);
            assertThat(metric("mysql_monitor_capture_restarts_total")).isZero();
            assertThat(metric("mysql_monitor_rows_dead_lettered_total")).isZero();
            assertThat(metric("mysql_monitor_checkpoint_age_seconds")).isBetween(0.0, 120.0);
            assertThat(get("/health/live").statusCode()).isEqualTo(200);
            assertThat(get("/health").body())
                    .contains("mysql-monitor-capture", "mysql-monitor-broker", "mysql-monitor-checkpoint")
                    .containsPattern("\"checkpoint [^\"]+:\\d+, lag \\d+ s\"")
                    .containsPattern("\"stored \\d+ s ago\"")
                    .doesNotContain("route:", "consumer:");
            assertThat(get("/health?data=true").body()).contains("\"position\"", "\"lag\"", "\"age\"");
            assertThat(program.errors()).contains("; health at http://127.0.0.1:" + port + "/health");
            assertThat(program.isRunning()).isTrue();
        }
    }

    @Test
    void shouldCountWhatIsSentAgainAndWhatGoesToTheDeadLetters() throws Exception {
        assumeContainers(); // RabbitMQ's own queue arguments
        String tags = "{table=\"" + scene.database() + ".employee\",type=\"row_insert\"} ";
        String full = scene.database() + ".full";
        String deadLetters = scene.database() + ".dead";
        scene.deleteAtEnd(deadLetters);
        try (var connection = TestServers.get().rabbitmq().connect();
                var channel = connection.createChannel();
                Program program = start(
                        "monitor.dedupe.window", "0",
                        "monitor.message.max-bytes", "1KB",
                        "monitor.dead-letter", deadLetters)) {
            awaitReady(true);
            channel.queueDeclare(full, false, false, true, Map.of("x-max-length", 0, "x-overflow", "reject-publish"));
            channel.queueBind(full, scene.database(), "");

            scene.sql(
                    "ALTER TABLE employee MODIFY name TEXT",
                    "INSERT INTO employee VALUES (1, REPEAT('x', 2000)), (2, 'b')");
            await().untilAsserted(() -> {
                assertThat(program.isRunning()).isTrue();
                assertThat(metric("mysql_monitor_rows_resent_total"))
                        .as(program.errors())
                        .isPositive();
            });
            channel.queueDelete(full);

            await().until(() -> metric("mysql_monitor_rows_published_total") == 2);
            assertThat(get("/metrics").body())
                    .contains("mysql_monitor_rows_resent_total" + tags)
                    .contains("mysql_monitor_rows_dead_lettered_total" + tags);
            assertThat(metric("mysql_monitor_rows_dead_lettered_total")).isPositive();
            assertThat(program.isRunning()).isTrue();
        }
    }

    @Test
    void shouldNeverSendAHeartbeatWhileItSaysThatCaptureIsDead() throws Exception {
        try (Program program = start("monitor.heartbeat.idle", "1s")) {
            awaitReady(true);
            await().until(() -> !scene.received().isEmpty());

            TestServers.get().mysql().createMonitorUser("monitor", "another");
            new MonitorConnections().kill();
            awaitReady(false);
            assertThat(get("/health/ready").body()).contains("mysql-monitor-capture", "DOWN");
            assertThat(get("/health/live").statusCode()).isEqualTo(200);
            assertThat(metric("mysql_monitor_capture_alive")).isZero();
            int heartbeats = scene.received().size();
            awaitConstantly(Duration.ofSeconds(4), () -> scene.received().size() <= heartbeats + 1);
            TestServers.get().mysql().createMonitorUser("monitor", Scene.PASSWORD);

            awaitReady(true);
            await().until(() -> scene.received().size() > heartbeats + 1);
            assertThat(program.isRunning()).isTrue();
        }
    }

    /** Above which the broker raises its memory alarm. */
    private static void setMemoryLimit(String... limit) throws Exception {
        List<String> command = new ArrayList<>(List.of("rabbitmqctl", "set_vm_memory_high_watermark"));
        command.addAll(List.of(limit));
        ServerContainer.rabbitmq().run(command.toArray(String[]::new));
    }

    @Test
    void shouldWaitWhileTheBrokerHasAMemoryAlarm() throws Exception {
        assumeContainers();
        try (Program program = start("monitor.dedupe.window", "0", "rabbitmq.confirm-timeout", "1s")) {
            awaitReady(true);
            scene.sql("INSERT INTO employee VALUES (1, 'a')");
            scene.awaitChanges(1);

            setMemoryLimit("absolute", "1");
            try {
                scene.sql("INSERT INTO employee VALUES (2, 'b')"); // a connection is blocked when it publishes
                awaitReady(false);
                await().until(() -> metric("mysql_monitor_blocked_seconds_total") > 2);
                assertThat(get("/health/ready").body()).contains("mysql-monitor-broker", "has blocked the connection");
                assertThat(metric("mysql_monitor_in_flight_rows")).isEqualTo(1);
                assertThat(metric("mysql_monitor_rows_resent_total")).isZero();
            } finally {
                setMemoryLimit("0.6");
            }

            awaitReady(true);
            scene.awaitChanges(2);
            assertThat(program.isRunning()).isTrue();
            assertThat(program.errors())
                    .containsOnlyOnce("has blocked the connection")
                    .contains("no longer blocks the connection");
        }
    }

    @Test
    void shouldEndWithinTheShutdownTimeWhileTheBrokerIsBlocked() throws Exception {
        assumeContainers();
        try (Program program = start("monitor.dedupe.window", "0", "camel.main.shutdownTimeout", "5")) {
            awaitReady(true);
            setMemoryLimit("absolute", "1");
            try {
                scene.sql("INSERT INTO employee VALUES (2, 'b')");
                awaitReady(false);
                await().until(() -> metric("mysql_monitor_in_flight_rows") == 1);

                program.terminate();

                program.await();
                assertThat(program.errors()).contains("after 5 s not all was confirmed");
            } finally {
                setMemoryLimit("0.6");
            }
        }
        try (Program program = start("monitor.dedupe.window", "0")) {
            await().until(() -> !scene.changes().isEmpty());
            assertThat(scene.changes().get(0).body()).contains("\"keys\":{\"id\":2}");
            assertThat(program.isRunning()).isTrue();
        }
    }

    @Test
    void shouldEndWithinTheShutdownTimeWhilePublishingIsRefused() throws Exception {
        assumeContainers();
        scene.deleteExchange(); // with the subscriber's queue: no queue takes the message
        try (Program program =
                start("monitor.dedupe.window", "0", "rabbitmq.unroutable", "stop", "camel.main.shutdownTimeout", "5")) {
            awaitReady(true);
            scene.sql("INSERT INTO employee VALUES (3, 'c')");
            awaitReady(false);
            await().until(() -> metric("mysql_monitor_in_flight_rows") == 1);

            program.terminate();

            program.await();
            assertThat(program.errors())
                    .contains("after 5 s not all was confirmed")
                    .as("that Camel waits for it once more")
                    .doesNotContain("graceful shutdown");
        }
    }

    @Test
    void shouldSayThatItsPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                Program program = start()) {
            assertThat(program.await()).isEqualTo(2);
            assertThat(program.errors())
                    .hasLineCount(1)
                    .contains(
                            "monitor.http.port=" + taken.getLocalPort() + " cannot be used",
                            "monitor.http.enabled=false");
        }
    }

    @Test
    void shouldSayThatItsFolderIsInUseBeforeItsPort() throws Exception {
        try (Program first = start()) {
            await().ignoreExceptions().until(() -> get("/health/live").statusCode() == 200);
            try (Program second = start()) {
                assertThat(second.await()).isEqualTo(2);
                assertThat(second.errors()).hasLineCount(1).contains("is in use by another monitor, pid ");
            }
            assertThat(first.isRunning()).isTrue();
        }
    }

    @Test
    void shouldShowNoPassword() throws Exception {
        String secret = "S3cret-of-RabbitMQ";
        String logging =
                "<configuration><appender name=\"console\" class=\"ch.qos.logback.core.ConsoleAppender\"><encoder><pattern>%level"
                        + " %logger %msg%n%ex</pattern></encoder></appender><root level=\"DEBUG\"><appender-ref ref=\"console\"/></root>"
                        + "<logger name=\"io.mysqlmonitor\" level=\"TRACE\"/>"
                        // prints the whole configuration of the connector at DEBUG, as docs/guarantees.md says
                        + "<logger name=\"io.debezium.embedded.async.AsyncEmbeddedEngine\" level=\"INFO\"/>"
                        + "</configuration>";
        Files.writeString(folder.resolve("logback.xml"), logging);
        Map<String, String> properties = scene.properties("rabbitmq.password", secret);
        properties.put("monitor.http.enabled", "true");
        properties.put("monitor.http.port", String.valueOf(port));
        Program.configure(folder, properties);
        List<String> jvm = List.of("-Dlogback.configurationFile=logback.xml");

        try (Program program =
                Program.start(jvm, folder, "--config", "monitor.properties")) { // a wrong broker password
            await().until(() -> program.errors().concat(program.output()).contains("Retrying in"));
            assertNoPassword(program, secret);
        }
        properties.put("rabbitmq.password", TestServers.get().rabbitmq().password());
        Program.configure(folder, properties);
        try (Program program = Program.start(jvm, folder, "--config", "monitor.properties")) {
            awaitReady(true);
            scene.sql("INSERT INTO employee VALUES (1, 'a')");
            scene.awaitChanges(1);
            new MonitorConnections().kill();
            await().until(() -> metric("mysql_monitor_capture_restarts_total") > 0);
            awaitReady(true);
            assertNoPassword(program, secret);
        }
    }

    private void assertNoPassword(Program program, String secret) throws Exception {
        String shown = program.errors()
                + program.output()
                + get("/health").body()
                + get("/metrics").body();
        assertThat(shown).contains("mysql-monitor-capture");
        assertThat(shown.lines().filter(line -> line.contains(Scene.PASSWORD) || line.contains(secret)))
                .isEmpty();
    }
}

package io.mysqlmonitor.faults;

import static io.mysqlmonitor.testing.Patience.await;
import static io.mysqlmonitor.testing.Patience.awaitConstantly;
import static io.mysqlmonitor.testing.ServerContainer.assumeContainers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.rabbitmq.client.Channel;
import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.capture.CaptureConsumer;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.servers.ContainerServers;
import io.mysqlmonitor.servers.TcpProxy;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.testing.Gtids;
import io.mysqlmonitor.testing.MonitorConnections;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import io.mysqlmonitor.testing.ServerContainer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.mysql.MySQLContainer;

/** Faults on the way from the binary log, and of the files from which capture goes on. */
class CaptureFaultIT {

    private static final Duration BACK_OFF = Duration.ofSeconds(40);

    @TempDir
    private Path directory;

    private volatile Duration ahead = Duration.ZERO;
    /** The system's clock, put forward so that no test has to wait for a back-off. */
    private final Clock clock = ((InstantSource) () -> Instant.now().plus(ahead)).withZone(ZoneOffset.UTC);

    private final MonitorConnections connections = new MonitorConnections();
    private Scene scene;
    private RunningMonitor monitor;

    @BeforeEach
    void setUp() throws Exception {
        scene = new Scene(directory);
        monitor = new RunningMonitor(scene);
        monitor.setClock(clock);
        scene.sql("CREATE TABLE employee (id INT PRIMARY KEY, name VARCHAR(50))");
    }

    @AfterEach
    void tearDown() throws Exception {
        monitor.close();
        scene.close();
    }

    private void startAndInsert(int id, String... settings) throws Exception {
        monitor.start(settings);
        insert(id);
        awaitPublished(1);
    }

    private void insert(int id) throws SQLException {
        scene.sql("INSERT INTO employee VALUES (" + id + ", 'x')");
    }

    private void awaitPublished(int count) {
        await().until(() -> monitor.status().published() >= count);
    }

    private void awaitKeys(Integer... ids) {
        await().untilAsserted(() -> assertThat(keys()).contains(ids));
    }

    private List<Integer> keys() {
        return scene.changes().stream().map(Received::id).toList();
    }

    @Test
    void shouldGoOnAfterItsConnectionWasKilled() throws Exception {
        startAndInsert(1);

        connections.killReaders();
        insert(2);

        awaitKeys(1, 2);
        assertThat(monitor.halted()).isEmpty();
    }

    @Test
    void shouldReadNothingASecondTimeThatStillWaitsForItsConfirm() throws Exception {
        assumeContainers(); // RabbitMQ's alternate exchange
        scene.deleteExchange();
        monitor.start("rabbitmq.unroutable", "stop", "monitor.dedupe.window", "0");
        insert(1);
        monitor.awaitInFlight(1);

        connections.killReaders();
        insert(2);
        await().until(() -> monitor.status().failure().isPresent());
        awaitConstantly(Duration.ofSeconds(4), () -> monitor.status().restarts() == 0);
        assertThat(monitor.status().inFlight()).isEqualTo(1);

        String queue = scene.database() + ".late";
        try (com.rabbitmq.client.Connection rabbitmq =
                TestServers.get().rabbitmq().connect()) {
            Channel channel = rabbitmq.createChannel();
            channel.queueDeclare(queue, false, true, true, Map.of());
            List<Received> messages = Scene.consume(channel, queue);
            channel.queueBind(queue, scene.database(), "");

            awaitPublished(2);
            await().until(() -> messages.size() >= 2);
            assertThat(messages).extracting(Received::id).containsExactly(1, 2);
        }
    }

    @Test
    void shouldKeepNoThreadOfADeadEngine() throws Exception {
        startAndInsert(1, "monitor.stall-timeout", "24h");
        killAndAwaitRestart();
        long threads = threads();

        for (int i = 0; i < 50; i++) {
            killAndAwaitRestart();
        }

        insert(2);
        awaitKeys(1, 2);
        assertThat(threads()).isLessThanOrEqualTo(threads + 5);
    }

    private void killAndAwaitRestart() throws SQLException {
        connections.awaitReader();
        connections.killReaders();
        await().pollInterval(Duration.ofMillis(20))
                .until(() -> monitor.status().failure().isPresent());
        await().until(() -> monitor.context()
                .getRouteController()
                .getRouteStatus("mysql-monitor-capture")
                .isStopped());
        ahead = ahead.plus(BACK_OFF);
        connections.awaitReader();
    }

    private static long threads() {
        return Thread.getAllStackTraces().size();
    }

    @Test
    void shouldReadAgainWhatTheRouteRefused() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        monitor.wrapTransform(
                real -> refuseOnce(real, change -> change.keyValues().contains(2), refused));
        startAndInsert(1, "monitor.stall-timeout", "24h", "monitor.dedupe.window", "0");

        insert(2);

        await().untilAsserted(() -> assertThat(monitor.status().failure())
                .hasValueSatisfying(cause -> assertThat(cause).hasRootCauseMessage("not now")));
        awaitKeys(1, 2);
        assertThat(refused).hasValue(1);
        assertThat(monitor.status().restarts()).isEqualTo(1);
    }

    @Test
    void shouldLoseNothingWhenCaptureEndsBetweenDeleteAndInsertOfAKeyChange() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        monitor.wrapTransform(real -> refuseOnce(
                real,
                change ->
                        change.type() == ChangeType.INSERT && change.keyValues().contains(9),
                refused));
        startAndInsert(1, "monitor.stall-timeout", "24h", "monitor.dedupe.window", "0", "debezium.max.batch.size", "1");

        scene.sql("UPDATE employee SET id = 9 WHERE id = 1");

        awaitKeys(9);
        assertThat(refused).hasValue(1);
    }

    @Test
    void shouldSendNothingTwiceWhenStoppedWithinAKeyChange() throws Exception {
        AtomicReference<CompletableFuture<Void>> stopping = new AtomicReference<>();
        monitor.wrapTransform(real -> exchange -> {
            real.process(exchange);
            if (exchange.getMessage().getBody() instanceof RowChange change
                    && change.type() == ChangeType.DELETE
                    && stopping.get() == null) {
                DefaultCamelContext context = monitor.context();
                var consumer = (CaptureConsumer)
                        context.getRoute("mysql-monitor-capture").getConsumer();
                stopping.set(CompletableFuture.runAsync(context::stop));
                await().until(consumer::isStoppingOrStopped);
            }
        });
        startAndInsert(1, "monitor.stall-timeout", "24h", "monitor.dedupe.window", "0", "debezium.max.batch.size", "1");

        scene.sql("UPDATE employee SET id = 9 WHERE id = 1");
        await().until(() -> stopping.get() != null);
        stopping.get().join();
        monitor.stop();
        monitor.begin("monitor.dedupe.window", "0");
        insert(10);

        awaitKeys(10);
        assertThat(scene.changes())
                .extracting(Received::type)
                .containsExactly("row_insert", "row_delete", "row_insert", "row_insert");
    }

    /** With GTIDs the server sends the whole transaction again; without, the engine would have begun behind its first event. */
    @Test
    void shouldLoseNothingWhenCaptureEndsWithinAnXaTransaction() throws Exception {
        assumeContainers();
        AtomicInteger refused = new AtomicInteger();
        monitor.wrapTransform(
                real -> refuseOnce(real, change -> change.keyValues().contains(3), refused));
        scene.expectUncounted("a server with GTIDs does not send what was written without them");
        String before = Gtids.set("OFF");
        try {
            startAndInsert(
                    1, "monitor.stall-timeout", "24h", "monitor.dedupe.window", "0", "debezium.max.batch.size", "1");

            scene.sql(
                    "XA START 'x'",
                    "INSERT INTO employee VALUES (2, 'x'), (3, 'x')",
                    "INSERT INTO employee VALUES (4, 'x'), (5, 'x')",
                    "XA END 'x'",
                    "XA PREPARE 'x'",
                    "XA COMMIT 'x'");

            awaitKeys(2, 3, 4, 5);
            insert(6);
            awaitKeys(6);
            assertThat(refused).hasValue(1);
        } finally {
            monitor.stop();
            Gtids.set(before);
        }
    }

    /** Fails a change once, after all before it is confirmed. */
    private Processor refuseOnce(Processor real, Predicate<RowChange> condition, AtomicInteger refused) {
        return exchange -> {
            real.process(exchange);
            if (exchange.getMessage().getBody() instanceof RowChange change
                    && condition.test(change)
                    && refused.get() == 0) {
                await().until(() -> monitor.status().inFlight() == 0);
                refused.incrementAndGet();
                throw new IOException("not now");
            }
        };
    }

    @Test
    void shouldGoOnAfterThePasswordWasWrong() throws Exception {
        startAndInsert(1);

        TestServers.get().mysql().createMonitorUser("monitor", "another");
        connections.killReaders();
        await().until(() -> !monitor.status().isAlive());
        insert(2);
        TestServers.get().mysql().createMonitorUser("monitor", Scene.PASSWORD);

        awaitKeys(1, 2);
    }

    @Test
    void shouldGoOnAfterMysqlWasRestarted() throws Exception {
        ServerContainer mysql = ServerContainer.mysql();
        startAndInsert(1);

        mysql.restart(10);
        scene.reconnect();
        insert(2);

        awaitKeys(1, 2);
    }

    @Test
    void shouldStartWhenMysqlComes() throws Exception {
        ServerContainer mysql = ServerContainer.mysql();
        mysql.stop();
        try {
            monitor.begin();
            awaitConstantly(Duration.ofSeconds(2), () -> !monitor.status().isAlive());
        } finally {
            mysql.start();
        }
        scene.reconnect();

        scene.awaitCheckpoint();
        insert(1);

        awaitKeys(1);
    }

    @Test
    void shouldNoticeAConnectionThatWentMute() throws Exception {
        try (TcpProxy proxy = new TcpProxy(
                TestServers.get().mysql().host(), TestServers.get().mysql().port())) {
            startAndInsert(
                    1,
                    "mysql.host",
                    "127.0.0.1",
                    "mysql.port",
                    String.valueOf(proxy.port()),
                    "monitor.stall-timeout",
                    "15s");

            proxy.mute();
            insert(2);
            await().until(() -> !monitor.status().isAlive());
            proxy.resume();

            awaitKeys(1, 2);
        }
    }

    @Test
    void shouldRefuseToSkipWhatTheServerNoLongerHas() throws Exception {
        startAndInsert(1);
        monitor.stop();
        insert(2);
        purge();
        insert(3);

        monitor.begin();

        assertThat(monitor.awaitHalt())
                .contains("the checkpoint " + monitor.status().position())
                .contains("monitor.on-gap=earliest");
        assertThat(keys()).containsExactly(1);
    }

    @Test
    void shouldGoOnFromTheEarliestThatTheServerHasWithAGapMessage() throws Exception {
        startAndInsert(1);
        monitor.stop();
        insert(2);
        scene.sql("ALTER TABLE employee DROP COLUMN name, ADD COLUMN age INT");
        purge();
        scene.sql("INSERT INTO employee VALUES (3, 33)");

        monitor.begin("monitor.on-gap", "earliest");

        await().until(() -> scene.changes().size() == 3);
        assertThat(scene.changes()).extracting(Received::type).containsExactly("row_insert", "gap", "row_insert");
        assertThat(scene.changes().get(1).body())
                .matches(
                        "\\{\"timestamp\":\\d+,\"type\":\"gap\",\"from\":\\{\"file\":\"binlog.\\d+\",\"position\":\\d+.*},\"to\":\\{\"file\":"
                                + "\"binlog.\\d+\",\"position\":4.*}}");
        assertThat(scene.changes().get(2).body()).contains("\"values\":{\"id\":3,\"age\":33}");
    }

    @Test
    void shouldGoOnFromTheLatestWithAGapMessage() throws Exception {
        startAndInsert(1);
        monitor.stop();
        insert(2);
        scene.sql("ALTER TABLE employee ADD COLUMN age INT FIRST");
        purge();
        scene.sql("INSERT INTO employee VALUES (33, 3, 'x')");

        monitor.begin("monitor.on-gap", "latest");
        await().until(() -> scene.changes().size() == 2);
        scene.sql("INSERT INTO employee VALUES (44, 4, 'x')");

        await().until(() -> scene.changes().size() == 3);
        assertThat(scene.changes()).extracting(Received::type).containsExactly("row_insert", "gap", "row_insert");
        assertThat(scene.changes().get(2).body()).contains("\"values\":{\"age\":44,\"id\":4,\"name\":\"x\"}");
    }

    @Test
    void shouldRefuseAServerWithoutTheTransactionsOfTheCheckpoint() throws Exception {
        assumeContainers(); // which has GTIDs
        startAndInsert(1);
        monitor.stop();
        String file = monitor.status().place().orElseThrow().file();
        scene.expectUncounted("the binary log is reset");
        scene.sql("RESET BINARY LOGS AND GTIDS");
        while (binaryLogs().get(binaryLogs().size() - 1).compareTo(file) <= 0) { // so that its files tell no difference
            scene.sql("FLUSH BINARY LOGS");
        }
        insert(2);

        monitor.begin();

        assertThat(monitor.awaitHalt())
                .contains("the checkpoint " + monitor.status().position())
                .contains("if it is the wrong server, correct mysql.host");
        assertThat(keys()).containsExactly(1);
    }

    /** Without GTIDs a file of the same name, and even a position that fits, say nothing. */
    @Test
    void shouldRefuseTheSameServerAfterItsBinaryLogWasReset() throws Exception {
        assumeContainers();
        String before = Gtids.set("OFF");
        scene.expectUncounted("the binary log is reset");
        try {
            scene.sql("RESET BINARY LOGS AND GTIDS");
            startAndInsert(1);
            monitor.stop();
            String position = monitor.status().position();
            scene.sql("DO SLEEP(1.1)", "RESET BINARY LOGS AND GTIDS");
            insert(2);
            insert(3);
            insert(4);

            monitor.begin();

            assertThat(monitor.awaitHalt())
                    .contains("the checkpoint " + position, "the binary log was reset", "monitor.on-gap=");
            assertThat(keys()).containsExactly(1);
            monitor.stop();

            setServer("");
            Path checkpoint = scene.data().resolve("checkpoint.json");
            String text = Files.readString(checkpoint);
            long offset = Long.parseLong(position.replaceFirst(".*:", ""));
            Files.writeString(checkpoint, text.replaceAll("(\"pos(?:ition)?\" : )" + offset, "$1" + (offset - 7)));
            monitor.begin();

            assertThat(monitor.awaitHalt())
                    .contains("no event starts there", "monitor.on-gap=")
                    .doesNotContain("max_allowed_packet");
            monitor.stop();

            monitor.begin("monitor.on-gap", "latest");
            await().until(() -> scene.changes().size() == 2);
            insert(5);

            await().until(() -> scene.changes().size() == 3);
            assertThat(scene.changes()).extracting(Received::type).containsExactly("row_insert", "gap", "row_insert");
            assertThat(scene.changes().get(2).body()).contains("\"keys\":{\"id\":5}");
        } finally {
            monitor.stop();
            Gtids.set(before);
        }
    }

    @Test
    void shouldGoOnOnAnotherServerByGtidsAlone() throws Exception {
        String server = scene.isMariadb()
                ? "server_id:" + scene.select("SELECT @@GLOBAL.server_id").get(0)
                : scene.select("SELECT @@GLOBAL.server_uuid").get(0);
        startAndInsert(1);
        monitor.stop();
        assertThat(server()).contains(server);
        assertThat(monitor.status().place().orElseThrow().gtids()).isNotEmpty();

        setServer("");
        insert(2);
        monitor.begin();
        awaitKeys(1, 2);
        monitor.stop();
        assertThat(server()).as("of a checkpoint that had none").contains(server);

        String another = "\"server\" : { \"id\" : \"another\", \"file\" : \"binlog.000001\" },";
        setServer(another);
        insert(3);
        monitor.begin();
        awaitKeys(1, 2, 3);
        monitor.stop();
        assertThat(server()).contains(server);

        if (!scene.isMariadb()) {
            setServer(another);
            String before = Gtids.set("OFF");
            try {
                monitor.begin();
                assertThat(monitor.awaitHalt()).contains("it is of the server another, and this one is " + server);
            } finally {
                monitor.stop();
                Gtids.set(before);
            }
        }
    }

    /** Whose binary log the checkpoint says that it belongs to. */
    private String server() throws IOException {
        return Files.readString(scene.data().resolve("checkpoint.json"))
                .replaceAll("(?s).*(\"server\" : \\{[^}]*}).*", "$1");
    }

    private void setServer(String text) throws IOException {
        Path checkpoint = scene.data().resolve("checkpoint.json");
        Files.writeString(checkpoint, Files.readString(checkpoint).replaceAll("(?s)\"server\" : \\{[^}]*},", text));
    }

    /** A server keeps a file that a reader is at, and notices only at its next events that a reader has gone. */
    private void purge() {
        scene.expectUncounted("the server removes the binary log in which they would be counted");
        await().until(() -> {
            scene.sql("FLUSH BINARY LOGS");
            List<String> files = binaryLogs();
            scene.sql("PURGE BINARY LOGS TO '" + files.get(files.size() - 1) + "'");
            return binaryLogs().size() == 1;
        });
    }

    private static List<String> binaryLogs() throws SQLException {
        List<String> files = new ArrayList<>();
        try (Connection admin = TestServers.get().mysql().connect();
                Statement statement = admin.createStatement();
                ResultSet rows = statement.executeQuery("SHOW BINARY LOGS")) {
            while (rows.next()) {
                files.add(rows.getString(1));
            }
        }
        return files;
    }

    @Test
    void shouldRefuseToGuessLostTableDefinitions() throws Exception {
        startAndInsert(1);
        monitor.stop();
        Files.delete(schemaHistory());

        monitor.begin();

        assertThat(monitor.awaitHalt())
                .contains("schema-history.jsonl is lost")
                .contains("monitor.on-schema-loss=rebuild");
    }

    @Test
    void shouldRebuildLostTableDefinitionsWhenTold() throws Exception {
        startAndInsert(1);
        monitor.stop();
        Files.delete(schemaHistory());
        insert(2);

        monitor.begin("monitor.on-schema-loss", "rebuild");

        awaitKeys(1, 2);
    }

    @Test
    void shouldRefuseDamagedTableDefinitions() throws Exception {
        startAndInsert(1);
        monitor.stop();
        Files.writeString(schemaHistory(), "{\"source\":\n" + Files.readString(schemaHistory()));

        monitor.begin();

        assertThat(monitor.awaitHalt()).contains("schema-history.jsonl is damaged in line 1");
    }

    @Test
    void shouldCutOffATableDefinitionThatACrashLeftUnfinished() throws Exception {
        startAndInsert(1);
        monitor.stop();
        String before = Files.readString(schemaHistory());
        Files.writeString(schemaHistory(), "{\"source\":{\"ser", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        insert(2);

        monitor.begin();

        awaitKeys(1, 2);
        assertThat(schemaHistory()).hasContent(before);
    }

    private Path schemaHistory() {
        return scene.data().resolve("schema-history.jsonl");
    }

    @Test
    void shouldPublishWhileTheCheckpointCannotBeWritten() throws Exception {
        startAndInsert(1, "monitor.dedupe.window", "0");
        Path blocked = scene.data().resolve("checkpoint.json.tmp");
        Files.createDirectory(blocked);

        insert(2);
        awaitPublished(2);
        await().until(() -> monitor.status().writeFailure().isPresent());
        String before = monitor.status().position();
        Files.delete(blocked);

        await().until(() -> monitor.status().writeFailure().isEmpty());
        assertThat(monitor.status().position()).isNotEqualTo(before);
    }

    @Test
    void shouldGoOnWhenTheDiskIsFull() throws Exception {
        Files.createDirectories(scene.data());
        assumeThat(run(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "size=1m",
                        "tmpfs",
                        scene.data().toString()))
                .as("status of mount, which takes root")
                .isZero();
        scene.expectUncounted("the checkpoint goes with its file system");
        try {
            startAndInsert(1, "monitor.dedupe.window", "0");
            Path filling = scene.data().resolve("filling");
            assertThatThrownBy(() -> Files.write(filling, new byte[2 * 1024 * 1024]))
                    .hasMessageContaining("No space left on device");

            insert(2);
            awaitPublished(2);
            await().until(() -> monitor.status().writeFailure().isPresent());
            String before = monitor.status().position();
            assertThat(scene.data().resolve("checkpoint.json")).content().contains(before.replaceFirst(".*:", ""));
            Files.delete(filling);

            await().until(() -> monitor.status().writeFailure().isEmpty());
            assertThat(monitor.status().position()).isNotEqualTo(before);
            monitor.stop();
        } finally {
            assertThat(run("umount", "-l", scene.data().toString())).isZero();
        }
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    @Test
    void shouldRefuseAServerWithoutABinaryLog() throws Exception {
        assumeContainers();
        try (MySQLContainer server = ContainerServers.newMysqlContainer().withCommand("--skip-log-bin")) {
            server.start();
            monitor.begin(
                    "mysql.host",
                    server.getHost(),
                    "mysql.port",
                    String.valueOf(server.getMappedPort(MySQLContainer.MYSQL_PORT)),
                    "mysql.user",
                    server.getUsername(),
                    "mysql.password",
                    server.getPassword());

            assertThat(monitor.awaitHalt()).contains("writes no binary log; start it with --log-bin");
        }
    }

    @Test
    void shouldRefuseAServerThatDoesNotLogRows() throws Exception {
        withGlobal("binlog_format", "STATEMENT", () -> {
            monitor.begin();

            assertThat(monitor.awaitHalt()).contains("SET GLOBAL binlog_format = 'ROW'");
        });
    }

    @Test
    void shouldRefuseAServerThatDoesNotLogWholeRows() throws Exception {
        withGlobal("binlog_row_image", "MINIMAL", () -> {
            monitor.begin();

            assertThat(monitor.awaitHalt()).contains("SET GLOBAL binlog_row_image = 'FULL'");
        });
    }

    @Test
    void shouldRefuseAServerThatLogsUpdatesOfJsonInPart() throws Exception {
        assumeThat(scene.isMariadb()).isFalse();
        withGlobal("binlog_row_value_options", "PARTIAL_JSON", () -> {
            monitor.begin();

            assertThat(monitor.awaitHalt()).contains("SET GLOBAL binlog_row_value_options = ''");
        });
    }

    @Test
    void shouldStopWhenTheServerIsSetToLogNoWholeRowsMeanwhile() throws Exception {
        startAndInsert(1);

        withGlobal("binlog_row_image", "MINIMAL", () -> {
            ahead = ahead.plus(Duration.ofSeconds(31)); // to the next check of the settings

            assertThat(monitor.awaitHalt())
                    .contains("settings were changed while it ran")
                    .contains("SET GLOBAL binlog_row_image = 'FULL'");
        });
    }

    @Test
    void shouldRefuseTheServersOwnId() throws Exception {
        monitor.begin("mysql.server-id", global("server_id"));

        assertThat(monitor.awaitHalt()).contains("mysql.server-id").contains("is the server's own");
    }

    @Test
    void shouldRefuseTheIdOfAnotherReplica() throws Exception {
        String source = ServerContainer.mysql().address();
        try (MySQLContainer replica = ContainerServers.newMysqlContainer().withCommand("--server-id=4711")) {
            replica.start();
            execute(
                    replica,
                    "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '" + source
                            + "', SOURCE_USER = 'monitor', SOURCE_PASSWORD = '" + Scene.PASSWORD.replace("'", "''")
                            + "', GET_SOURCE_PUBLIC_KEY = 1");
            execute(replica, "START REPLICA IO_THREAD");
            await().until(() -> {
                try (Connection admin = TestServers.get().mysql().connect();
                        Statement statement = admin.createStatement();
                        ResultSet replicas = statement.executeQuery("SHOW REPLICAS")) {
                    return replicas.next();
                }
            });

            monitor.begin("mysql.server-id", "4711");

            assertThat(monitor.awaitHalt()).contains("mysql.server-id=4711 is the id of another replica");
            execute(replica, "STOP REPLICA");
        }
    }

    private static void execute(MySQLContainer server, String statement) throws SQLException {
        try (Connection admin = DriverManager.getConnection(server.getJdbcUrl(), "root", server.getPassword());
                Statement sql = admin.createStatement()) {
            sql.execute(statement);
        }
    }

    @Test
    void shouldSayThatAnotherReaderHasItsId() throws Exception {
        startAndInsert(1, "mysql.server-id", "4712");
        Path elsewhere = directory.resolve("elsewhere");

        try (RunningMonitor second = new RunningMonitor(scene)) {
            second.begin("mysql.server-id", "4712", "monitor.name", "second", "monitor.data", elsewhere.toString());

            await().untilAsserted(() -> assertThat(monitor.status().failure())
                    .hasValueSatisfying(cause -> assertThat(cause).rootCause().hasMessageContaining("same server")));
        }

        insert(2);
        awaitKeys(1, 2);
    }

    @Test
    void shouldNameMissingPrivileges() throws Exception {
        scene.sql(
                "DROP USER IF EXISTS 'poor'@'%'",
                "DROP USER IF EXISTS 'poor'@'localhost'",
                "CREATE USER 'poor'@'%' IDENTIFIED BY 'poor'",
                "CREATE USER 'poor'@'localhost' IDENTIFIED BY 'poor'",
                "GRANT SELECT ON " + scene.database() + ".* TO 'poor'@'%'",
                "GRANT SELECT ON " + scene.database() + ".* TO 'poor'@'localhost'");

        monitor.begin("mysql.user", "poor", "mysql.password", "poor");

        assertThat(monitor.awaitHalt()).contains("run GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'poor'@");
    }

    private interface Action {
        void run() throws Exception;
    }

    private void withGlobal(String variable, String value, Action action) throws Exception {
        String before = global(variable);
        scene.sql("SET GLOBAL " + variable + " = '" + value + "'");
        try {
            action.run();
        } finally {
            scene.sql("SET GLOBAL " + variable + " = '" + before + "'");
        }
    }

    private static String global(String variable) throws SQLException {
        try (Connection admin = TestServers.get().mysql().connect();
                Statement statement = admin.createStatement();
                ResultSet rows = statement.executeQuery("SELECT @@GLOBAL." + variable)) {
            rows.next();
            return rows.getString(1);
        }
    }
}

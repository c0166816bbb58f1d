package io.mysqlmonitor.operation;

import static io.mysqlmonitor.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.assertj.core.data.Index.atIndex;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.servers.Servers;
import io.mysqlmonitor.servers.TcpProxy;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.testing.FakeClock;
import io.mysqlmonitor.testing.Program;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged program, as a process of its own. */
class ProgramIT {

    private static final int ROWS = 100_000;
    private static final int ROWS_PER_TRANSACTION = 1_000;
    private static final Pattern ID = Pattern.compile("\"keys\":\\{\"id\":(\\d+)}");

    @TempDir
    private Path folder;

    @Test
    void shouldLoseNothingWhenStoppedAndStartedInTheMiddle() throws Exception {
        try (Scene scene = new Scene(folder)) {
            scene.sql("CREATE TABLE load_rows (id INT PRIMARY KEY, name VARCHAR(60), note VARCHAR(100))");
            Program.configure(folder, scene.properties());
            CompletableFuture<Void> load;
            try (Program program = Program.start(folder, "run", "--config", "monitor.properties")) {
                scene.awaitCheckpoint();
                load = CompletableFuture.runAsync(() -> load(scene));
                await().until(() -> scene.changes().size() > ROWS / 5);

                program.terminate();

                assertThat(program.await()).as(program.errors()).isEqualTo(143);
                assertThat(program.errors()).contains("all confirmed").doesNotContain("ERROR", Scene.PASSWORD);
            }
            int before = scene.changes().size();
            assertThat(before).isLessThan(ROWS);

            try (Program program = Program.start(folder, "--config", "monitor.properties")) {
                await().pollInterval(Duration.ofSeconds(1))
                        .until(() -> ids(scene).distinct().count() == ROWS);
                program.terminate();
                program.await();
            }

            load.join();
            List<Integer> all = IntStream.range(0, ROWS).boxed().toList();
            assertThat(ids(scene)).containsExactlyElementsOf(all);
        }
    }

    private static void load(Scene scene) {
        try {
            for (int from = 0; from < ROWS; from += ROWS_PER_TRANSACTION) {
                scene.sql("INSERT INTO load_rows VALUES "
                        + IntStream.range(from, from + ROWS_PER_TRANSACTION)
                                .mapToObj(id -> "(" + id + ",'name " + id + "','" + "x".repeat(60) + "')")
                                .collect(Collectors.joining(",")));
            }
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<Integer> ids(Scene scene) {
        return scene.changes().stream().map(Received::body).map(body -> {
            Matcher matcher = ID.matcher(body);
            assertThat(matcher.find()).isTrue();
            return Integer.valueOf(matcher.group(1));
        });
    }

    @Test
    void shouldPrintMessagesWithTail() throws Exception {
        try (Scene scene = new Scene(folder)) {
            scene.sql("CREATE TABLE t (id INT PRIMARY KEY)");
            Program.configure(folder, scene.properties("monitor.heartbeat.idle", "1s", "monitor.dedupe.window", "0"));
            try (Program monitor = Program.start(folder, "--config", "monitor.properties");
                    Program tail = Program.start(folder, "tail", "--config", "monitor.properties")) {
                await().until(() -> tail.output().contains("heartbeat"));
                scene.sql("INSERT INTO t VALUES (1)");

                await().until(() -> tail.output().contains("\"values\":{\"id\":1}}\n"));
                assertThat(tail.output().lines()).allMatch(line -> line.startsWith("{\"timestamp\":"));
                assertThat(tail.errors().lines())
                        .singleElement()
                        .asString()
                        .startsWith("tail: subscribed to exchange " + scene.database() + " on RabbitMQ at ");
                assertThat(monitor.isRunning()).isTrue();
            }
        }
    }

    @Test
    void shouldSubscribeAgainWhenTailLosesItsConnection() throws Exception {
        Servers.Rabbitmq rabbitmq = TestServers.get().rabbitmq();
        try (Scene scene = new Scene(folder);
                TcpProxy proxy = new TcpProxy(rabbitmq.host(), rabbitmq.port())) {
            scene.sql("CREATE TABLE t (id INT PRIMARY KEY)");
            Program.configure(
                    folder,
                    scene.properties(
                            "monitor.dedupe.window",
                            "0",
                            "rabbitmq.addresses",
                            proxy.host() + ':' + proxy.port() + ',' + rabbitmq.host() + ':' + rabbitmq.port()));
            try (Program tail = Program.start(folder, "tail", "--config", "monitor.properties");
                    RunningMonitor monitor = new RunningMonitor(scene, "monitor.dedupe.window", "0")) {
                await().until(() -> tail.errors().contains("waiting for messages"));

                proxy.close();

                await().until(() -> tail.errors().contains("tail: subscribed again; messages published in between"));
                monitor.start();
                scene.sql("INSERT INTO t VALUES (1)");
                await().until(() -> tail.output().contains("\"values\":{\"id\":1}}\n"));
                assertThat(tail.errors())
                        .containsOnlyOnce("tail: lost the connection to RabbitMQ at ")
                        .satisfies(errors -> assertThat(errors.lines()).allMatch(line -> line.startsWith("tail: ")));
            }
        }
    }

    @Test
    void shouldSayThatThereIsNothingToTail() throws Exception {
        try (Scene scene = new Scene(folder)) {
            Program.configure(folder, scene.properties());
            try (Program tail =
                    Program.start(folder, "tail", "--exchange", "nosuch", "--config", "monitor.properties")) {
                assertThat(tail.await()).isEqualTo(1);
                assertThat(tail.errors().lines())
                        .singleElement()
                        .asString()
                        .startsWith("mysql-monitor: exchange nosuch does not exist on RabbitMQ at ")
                        .endsWith("; the monitor publishes to rabbitmq.exchange=" + scene.database());
            }
        }
    }

    @Test
    void shouldUseRoutesOfTheWorkingDirectoryInPlaceOfThePackedOnes() throws Exception {
        try (Scene scene = new Scene(folder)) {
            scene.sql("CREATE TABLE t (id INT PRIMARY KEY)");
            Path routes = Files.createDirectory(folder.resolve("routes"));
            Path publish = routes.resolve("publish.camel.yaml");
            Files.copy(Path.of("routes", "publish.camel.yaml"), publish, StandardCopyOption.REPLACE_EXISTING);
            Files.writeString(
                    publish,
                    Files.readString(publish)
                            .replace(
                                    "                    - doTry:\n",
                                    "                    - setHeader:\n"
                                            + "                        name: tenant\n"
                                            + "                        constant: acme\n"
                                            + "                    - setHeader:\n"
                                            + "                        name: window\n"
                                            + "                        simple: ${properties:monitor.dedupe.window}\n"
                                            + "                    - doTry:\n"));
            Program.configure(folder, scene.properties("monitor.dedupe.window", "0"));
            try (Program program = Program.start(folder, "--config", "monitor.properties")) {
                scene.awaitCheckpoint();
                scene.sql("INSERT INTO t VALUES (1)");

                Received message = scene.awaitChanges(1).get(0);
                assertThat(message.properties().getHeaders().get("tenant")).hasToString("acme");
                assertThat(message.properties().getHeaders().get("window")).hasToString("0");
                assertThat(program.isRunning()).isTrue();
            }
        }
    }

    @Test
    void shouldPublishOneTableElsewhereAsTheDocumentShows() throws Exception {
        try (Scene scene = new Scene(folder);
                Connection connection = TestServers.get().rabbitmq().connect();
                Channel channel = connection.createChannel()) {
            scene.expectUncounted("messages go to a RabbitMQ exchange of the test's own");
            scene.sql("CREATE TABLE t (id INT PRIMARY KEY)", "CREATE TABLE orders (id INT PRIMARY KEY)");
            scene.deleteAtEnd("orders");
            channel.exchangeDeclare("orders", "direct", true);
            String queue = channel.queueDeclare().getQueue();
            channel.queueBind(queue, "orders", "orders");
            Path publish = Files.createDirectory(folder.resolve("routes")).resolve("publish.camel.yaml");
            String route = Files.readString(Path.of("routes", "publish.camel.yaml"));
            Matcher choice = Pattern.compile("(?m)^ +- choice:\n(?: {20}.*\n)+")
                    .matcher(Files.readString(Path.of("docs", "routing.md")));
            assertThat(choice.find()).isTrue();
            Files.writeString(
                    publish,
                    route.substring(0, route.lastIndexOf("                    - to:\n"))
                            + choice.group().indent(-4)); // the document's own
            Program.configure(folder, scene.properties("monitor.dedupe.window", "0"));
            try (Program program = Program.start(folder, "--config", "monitor.properties")) {
                scene.awaitCheckpoint();
                scene.sql("INSERT INTO orders VALUES (1)", "INSERT INTO t VALUES (2)");

                assertThat(scene.awaitChanges(1))
                        .extracting(Received::body)
                        .singleElement()
                        .asString()
                        .contains("{\"id\":2}");
                List<Received> elsewhere = Scene.consume(channel, queue);
                await().until(() -> elsewhere.size() == 1);
                assertThat(elsewhere.get(0).body()).contains("{\"id\":1}");
                assertThat(program.isRunning()).isTrue();
            }
        }
    }

    @Test
    void shouldSayInOneLineWhatIsWrongWithTheConfiguration() throws Exception {
        Files.writeString(folder.resolve("monitor.properties"), "mysql.user=u\nmysql.hots=x\n");

        try (Program program = Program.start(folder, "--config", "monitor.properties")) {
            assertThat(program.await()).isEqualTo(2);
            assertThat(program.errors().lines())
                    .containsExactly(
                            "mysql-monitor: mysql.password is missing in monitor.properties; set it there or in the environment as "
                                    + "MYSQL_PASSWORD, or name a file that holds it with mysql.password-file",
                            "mysql-monitor: unknown property mysql.hots in monitor.properties; did you mean mysql.host?");
        }
        try (Program program = Program.start(folder, "--config", "none.properties")) {
            assertThat(program.await()).isEqualTo(2);
            assertThat(program.errors().lines()).singleElement().asString().contains("none.properties does not exist");
        }
    }

    @Test
    void shouldAskWhatToTailWhereNoQueueGetsEveryMessage() throws Exception {
        Files.writeString(
                folder.resolve("monitor.properties"),
                "mysql.user=u\nmysql.password=p\nrabbitmq.exchange-type=direct\nrabbitmq.routing-key={table}\n");
        try (Program tail = Program.start(folder, "tail", "--config", "monitor.properties")) {
            assertThat(tail.await()).isEqualTo(2);
            assertThat(tail.errors().lines()).singleElement().asString().contains("type direct", "--routing-key");
        }
    }

    @Test
    void shouldTryServersThatDoNotAnswerAgain() throws Exception {
        Files.writeString(
                folder.resolve("monitor.properties"),
                "mysql.user=u\nmysql.password=topsecret\nmysql.port=1\nmonitor.http.enabled=false\n");

        try (Program program = Program.start(folder, "--config", "monitor.properties")) {
            await().until(() -> program.errors().contains("Retrying in"));

            assertThat(program.isRunning()).isTrue();
            assertThat(program.errors().lines())
                    .hasSize(2)
                    .satisfies(
                            first -> assertThat(first)
                                    .contains(
                                            "Publishing to exchange mysql-monitor (fanout) on RabbitMQ at localhost:5672, "
                                                    + "vhost /, without TLS; data folder ",
                                            "no health and metrics over HTTP"),
                            atIndex(0))
                    .satisfies(
                            second -> assertThat(second)
                                    .contains("MySQL at localhost:1 is not available: Connection refused; check "
                                            + "mysql.host and mysql.port"),
                            atIndex(1))
                    .noneMatch(line -> line.contains("topsecret"));

            try (Program second = Program.start(folder, "--config", "monitor.properties")) {
                assertThat(second.await()).isEqualTo(2);
                assertThat(second.errors().lines())
                        .singleElement()
                        .asString()
                        .contains("is in use by another monitor, pid ", "give each monitor its own monitor.data");
            }
            assertThat(program.isRunning()).isTrue();
            program.terminate();
            assertThat(program.await()).isEqualTo(143);
        }
    }

    @Test
    void shouldSayWhichServerRefusesThePassword() throws Exception {
        try (Scene scene = new Scene(folder)) {
            Program.configure(folder, scene.properties("mysql.password", "wrong"));
            try (Program program = Program.start(folder, "--config", "monitor.properties")) {
                await().until(() -> program.errors().contains("Retrying in"));
                assertThat(program.errors()).contains("Access denied", "check mysql.user and mysql.password");
            }
            Program.configure(folder, scene.properties("rabbitmq.password", "wrong"));
            try (Program program = Program.start(folder, "--config", "monitor.properties")) {
                await().until(() -> program.errors().contains("Retrying in"));
                assertThat(program.errors())
                        .contains("check rabbitmq.user and rabbitmq.password")
                        .doesNotContain(Scene.PASSWORD);
            }
        }
    }

    @Test
    void shouldSayThatARouteFileCannotBeLoaded() throws Exception {
        Path routes = Files.createDirectory(folder.resolve("routes"));
        Files.writeString(routes.resolve("publish.camel.yaml"), "- route:\n    form: x\n");
        Files.writeString(
                folder.resolve("monitor.properties"), "mysql.user=u\nmysql.password=p\nmonitor.http.enabled=false\n");

        try (Program program = Program.start(folder, "--config", "monitor.properties")) {
            assertThat(program.await()).isEqualTo(2);
            assertThat(program.errors().lines())
                    .singleElement()
                    .asString()
                    .startsWith("mysql-monitor: ")
                    .contains("publish.camel.yaml, line 2, column 5: Unsupported field: form");
        }
    }

    @Test
    void shouldSayThatTheCheckpointIsDamaged() throws Exception {
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("data").resolve("checkpoint.json"), "{");
        Files.writeString(
                folder.resolve("monitor.properties"), "mysql.user=u\nmysql.password=p\nmonitor.http.enabled=false\n");

        try (Program program = Program.start(folder, "--config", "monitor.properties")) {
            assertThat(program.await()).isEqualTo(1);
            assertThat(program.errors().lines()).singleElement().asString().contains("checkpoint.json is damaged");
        }
    }

    @Test
    void shouldNotBeginWhenTheCheckpointCannotBeWritten() throws Exception {
        try (Scene scene = new Scene(folder)) {
            Map<String, String> properties =
                    scene.properties("monitor.data", "/proc/mysql-monitor"); // not even for root
            Program.configure(folder, properties);
            try (Program program = Program.start(folder, "--config", "monitor.properties")) {
                await().until(() -> program.errors().contains("Retrying in"));
                assertThat(program.errors()).contains("checkpoint.json cannot be written", "fix the permissions");
            }
        }
    }

    @Test
    void shouldSayThatNoTableIsWatchedYet() throws Exception {
        try (Scene scene = new Scene(folder)) {
            Program.configure(folder, scene.properties());
            try (Program program = Program.start(folder, "--config", "monitor.properties")) {
                scene.awaitCheckpoint();
                scene.sql("CREATE TABLE employee (id INT PRIMARY KEY)", "INSERT INTO employee VALUES (1)");
                scene.awaitChanges(1);

                assertThat(program.errors().lines().filter(line -> line.contains("WARN")))
                        .singleElement()
                        .asString()
                        .contains(
                                "No existing table matches mysql.", "once a matching table is created", "mysql.tables");
            }
        }
    }

    @Test
    void shouldEndWithOneLineWhenOnlyAPersonCanHelp() throws Exception {
        try (Scene scene = new Scene(folder)) {
            Program.configure(folder, scene.properties());
            try (Program program = Program.start(folder, "--config", "monitor.properties")) {
                scene.awaitCheckpoint();
                scene.sql("CREATE TABLE employee (id INT PRIMARY KEY)", "INSERT INTO employee VALUES (1)");
                scene.awaitChanges(1);
                program.terminate();
                program.await();
            }
            Files.delete(scene.data().resolve("schema-history.jsonl"));

            try (Program program = Program.start(folder, "--config", "monitor.properties")) {
                assertThat(program.await()).isEqualTo(1);
                assertThat(program.errors().lines().filter(line -> line.contains("ERROR")))
                        .singleElement()
                        .asString()
                        .contains("schema-history.jsonl is lost", "monitor.on-schema-loss=rebuild");
            }
        }
    }

    @Test
    void shouldGoOnWhenTheClockIsSet() throws Exception {
        FakeClock clock = FakeClock.in(folder).orElse(null);
        assumeThat(clock).as("libfaketime").isNotNull();
        try (Scene scene = new Scene(folder)) {
            scene.sql("CREATE TABLE employee (id INT PRIMARY KEY)");
            // Without TLS: the server's certificate may be younger than the clock is set back.
            Program.configure(
                    folder,
                    scene.properties(
                            "monitor.heartbeat.idle", "1s",
                            "mysql.ssl-mode", "disabled",
                            "monitor.stall-timeout", "15s",
                            "monitor.dedupe.window", "0"));
            try (Program program =
                    Program.start(List.of(), clock.environment(), folder, "--config", "monitor.properties")) {
                await().untilAsserted(() -> assertThat(program.errors()).contains("Capture started"));
                scene.awaitCheckpoint();
                awaitHeartbeatAndChange(scene, 1);

                clock.jump(Duration.ofMinutes(-10));
                await().until(() -> program.errors().contains("clock was set back by"));
                awaitHeartbeatAndChange(scene, 2);

                clock.jump(Duration.ofMinutes(20));
                awaitHeartbeatAndChange(scene, 3);
                program.terminate();
                assertThat(program.await()).isEqualTo(143);
            }
        }
    }

    private static void awaitHeartbeatAndChange(Scene scene, int id) throws SQLException {
        int before = scene.received().size();
        await().until(() -> scene.received().stream().skip(before).anyMatch(message -> message.type()
                .equals("heartbeat")));
        scene.sql("INSERT INTO employee VALUES (" + id + ")");
        scene.awaitChanges(id);
    }

    @Test
    void shouldTellItsVersion() throws Exception {
        try (Program program = Program.start(folder, "--version")) {
            assertThat(program.await()).isZero();
            assertThat(program.output()).matches("mysql-monitor \\d+\\.\\d+\\.\\d+.*\\R");
        }
    }
}

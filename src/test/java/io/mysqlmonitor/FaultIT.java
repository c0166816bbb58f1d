package io.mysqlmonitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.DockerClient;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.mysqlmonitor.servers.ContainerServers;
import io.mysqlmonitor.servers.TestServers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.DockerClientFactory;

/** Faults of the servers and of the program; on containers only, which can be stopped and paused. */
class FaultIT {

    private static final int ROWS = 60_000;
    private static final int ROWS_PER_TRANSACTION = 1_000;
    private static final int ROWS_IN_FLIGHT = 4_000;
    /** The engine tells its place after this many rows, which may be confirmed by then. */
    private static final int ENGINE_BATCH = 2_048;

    private static final Duration AWAY = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Pattern ID = Pattern.compile("\"keys\":\\{\"id\":(\\d+)}");

    @TempDir
    private Path folder;

    private Scene scene;
    private String rabbitmq;
    private DockerClient docker;
    private int messages;

    @BeforeEach
    void setUp() throws Exception {
        assumeThat(TestServers.get()).isInstanceOf(ContainerServers.class);
        rabbitmq = ((ContainerServers) TestServers.get()).rabbitmqContainer().getContainerId();
        docker = DockerClientFactory.lazyClient();
        scene = new Scene(folder);
        scene.sql("CREATE TABLE load_rows (id INT PRIMARY KEY, note VARCHAR(100))");
        try (Connection connection = TestServers.get().rabbitmq().connect();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare(queue(), true, false, false, Map.of());
            channel.queueBind(queue(), scene.database(), "");
        }
    }

    @AfterEach
    void tearDown() throws Exception {
        if (scene != null) {
            try (Connection connection = TestServers.get().rabbitmq().connect();
                    Channel channel = connection.createChannel()) {
                channel.queueDelete(queue());
            }
            scene.close();
        }
    }

    private String queue() {
        return scene.database();
    }

    @Test
    void shouldStoreNoPositionWhileTheBrokerDoesNotConfirm() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            MysqlMonitor monitor =
                    new MysqlMonitor(MonitorConfiguration.of(scene.properties("monitor.dedupe.window", "0")));
            monitor.addTo(context);
            context.start();
            scene.awaitCheckpoint();
            scene.sql("INSERT INTO load_rows VALUES (1, '')");
            await().atMost(PATIENCE).until(() -> monitor.checkpoint().published() == 1);

            docker.pauseContainerCmd(rabbitmq).exec();
            String before;
            try {
                before = monitor.checkpoint().position();
                scene.sql("INSERT INTO load_rows VALUES (2, '')");
                await().atMost(PATIENCE).until(() -> monitor.checkpoint().inFlight() == 1);
                await().during(Duration.ofSeconds(3))
                        .atMost(Duration.ofSeconds(5))
                        .until(() -> monitor.checkpoint().position().equals(before));
                assertThat(monitor.checkpoint().inFlight()).isEqualTo(1);
            } finally {
                docker.unpauseContainerCmd(rabbitmq).exec();
            }

            await().atMost(PATIENCE).until(() -> monitor.checkpoint().published() == 2);
            await().atMost(PATIENCE)
                    .until(() -> !monitor.checkpoint().position().equals(before));
        }
    }

    @Test
    void shouldLoseNothingWhenKilledAgainAndAgain() throws Exception {
        Program.configure(folder, scene.properties("monitor.in-flight.rows", String.valueOf(ROWS_IN_FLIGHT)));
        CompletableFuture<Void> load = null;
        for (int kill = 1; kill <= 3; kill++) {
            int enough = kill * ROWS / 6;
            try (Program program = Program.start(folder, "--config", "monitor.properties")) {
                scene.awaitCheckpoint();
                load = load == null ? CompletableFuture.runAsync(this::load) : load;
                await().atMost(PATIENCE).until(() -> scene.changes().size() > enough);
            } // close is kill -9
        }
        try (Program program = Program.start(folder, "--config", "monitor.properties")) {
            load.join();
            awaitAllInOrder();
            assertThat(program.errors()).doesNotContain("ERROR");
        }
        assertThat(messages).isLessThanOrEqualTo(ROWS + 3 * (ROWS_IN_FLIGHT + ENGINE_BATCH));
    }

    @Test
    void shouldGoOnByItselfAfterTheBrokerWasAway() throws Exception {
        Program.configure(folder, scene.properties("monitor.dedupe.window", "0", "monitor.heartbeat.idle", "1s"));
        try (Program program = Program.start(folder, "--config", "monitor.properties")) {
            scene.awaitCheckpoint();
            scene.expectUncounted("the subscriber goes with the broker; the test counts in a queue that stays");
            CompletableFuture<Void> load = CompletableFuture.runAsync(this::load);
            await().atMost(PATIENCE).until(() -> scene.changes().size() > ROWS / 6);

            docker.stopContainerCmd(rabbitmq).exec();
            try {
                await().pollDelay(AWAY).atMost(PATIENCE).until(program::isRunning);
            } finally {
                docker.startContainerCmd(rabbitmq).exec();
            }

            load.join();
            awaitAllInOrder();
            assertThat(program.isRunning()).isTrue();
            assertThat(program.errors())
                    .doesNotContain("ERROR")
                    .containsOnlyOnce("does not take messages")
                    .containsOnlyOnce("confirms again");
        }
    }

    private void load() {
        try {
            for (int from = 0; from < ROWS; from += ROWS_PER_TRANSACTION) {
                scene.sql("INSERT INTO load_rows VALUES "
                        + IntStream.range(from, from + ROWS_PER_TRANSACTION)
                                .mapToObj(id -> "(" + id + ",'" + "x".repeat(80) + "')")
                                .collect(Collectors.joining(",")));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The queue has every row; and the first time that each comes, they come in order. */
    private void awaitAllInOrder() {
        Set<Integer> distinct = new HashSet<>();
        List<Integer> firstTimes = new ArrayList<>();
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    take(distinct, firstTimes);
                    return distinct.size() == ROWS;
                });
        assertThat(firstTimes).isEqualTo(IntStream.range(0, ROWS).boxed().toList());
    }

    private void take(Set<Integer> distinct, List<Integer> firstTimes) throws IOException, TimeoutException {
        try (Connection connection = TestServers.get().rabbitmq().connect();
                Channel channel = connection.createChannel()) {
            for (GetResponse message = channel.basicGet(queue(), true);
                    message != null;
                    message = channel.basicGet(queue(), true)) {
                messages++;
                Matcher id = ID.matcher(new String(message.getBody(), StandardCharsets.UTF_8));
                if (id.find() && distinct.add(Integer.valueOf(id.group(1)))) {
                    firstTimes.add(Integer.valueOf(id.group(1)));
                }
            }
        }
    }
}

package io.mysqlmonitor.faults;

import static io.mysqlmonitor.testing.Patience.await;
import static io.mysqlmonitor.testing.Patience.awaitConstantly;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.testing.Program;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.ServerContainer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults of the servers and of the program; on containers only, which can be stopped and paused. */
class FaultIT {

    private static final int ROWS = 60_000;
    private static final int ROWS_PER_TRANSACTION = 1_000;
    private static final int ROWS_IN_FLIGHT = 4_000;
    /** The engine tells its place after this many rows, which may be confirmed by then. */
    private static final int ENGINE_BATCH = 2_048;

    private static final Duration AWAY = Duration.ofSeconds(20);
    private static final Pattern ID = Pattern.compile("\"keys\":\\{\"id\":(\\d+)}");

    @TempDir
    private Path folder;

    private Scene scene;
    private ServerContainer rabbitmq;
    private String queue;
    private int messages;

    @BeforeEach
    void setUp() throws Exception {
        rabbitmq = ServerContainer.rabbitmq();
        scene = new Scene(folder);
        scene.sql("CREATE TABLE load_rows (id INT PRIMARY KEY, note VARCHAR(100))");
        queue = scene.bindDurableQueue();
    }

    @AfterEach
    void tearDown() throws Exception {
        if (scene != null) {
            scene.close();
        }
    }

    @Test
    void shouldStoreNoPositionWhileTheBrokerDoesNotConfirm() throws Exception {
        try (RunningMonitor monitor = new RunningMonitor(scene)) {
            monitor.start("monitor.dedupe.window", "0");
            scene.sql("INSERT INTO load_rows VALUES (1, '')");
            monitor.awaitPublished(1);

            rabbitmq.pause();
            String before;
            try {
                before = monitor.status().position();
                scene.sql("INSERT INTO load_rows VALUES (2, '')");
                monitor.awaitInFlight(1);
                awaitConstantly(
                        Duration.ofSeconds(3), () -> monitor.status().position().equals(before));
                assertThat(monitor.status().inFlight()).isEqualTo(1);
            } finally {
                rabbitmq.unpause();
            }

            monitor.awaitPublished(2);
            await().until(() -> !monitor.status().position().equals(before));
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
                await().until(() -> scene.changes().size() > enough);
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
            await().until(() -> scene.changes().size() > ROWS / 6);

            rabbitmq.stop();
            try {
                await().pollDelay(AWAY).until(program::isRunning);
            } finally {
                rabbitmq.start();
            }

            load.join();
            awaitAllInOrder();
            assertThat(program.isRunning()).isTrue();
            assertThat(program.errors())
                    .doesNotContain("ERROR")
                    .containsOnlyOnce("Unconfirmed messages are kept and sent again until RabbitMQ confirms them.")
                    .containsPattern("RabbitMQ at .* (is unreachable|does not accept messages): ")
                    .containsOnlyOnce("accepts messages again");
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
        await().ignoreExceptions().pollInterval(Duration.ofSeconds(1)).until(() -> {
            take(distinct, firstTimes);
            return distinct.size() == ROWS;
        });
        assertThat(firstTimes).isEqualTo(IntStream.range(0, ROWS).boxed().toList());
    }

    private void take(Set<Integer> distinct, List<Integer> firstTimes) throws IOException, TimeoutException {
        try (Connection connection = TestServers.get().rabbitmq().connect();
                Channel channel = connection.createChannel()) {
            for (GetResponse message = channel.basicGet(queue, true);
                    message != null;
                    message = channel.basicGet(queue, true)) {
                messages++;
                Matcher id = ID.matcher(new String(message.getBody(), StandardCharsets.UTF_8));
                if (id.find() && distinct.add(Integer.valueOf(id.group(1)))) {
                    firstTimes.add(Integer.valueOf(id.group(1)));
                }
            }
        }
    }
}

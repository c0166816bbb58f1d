package io.mysqlmonitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.mysqlmonitor.servers.ContainerServers;
import io.mysqlmonitor.servers.Servers;
import io.mysqlmonitor.servers.TestServers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.testcontainers.DockerClientFactory;

/**
 * Whatever happens, a consumer that applies the messages in order ends with what the database holds: a random workload, faults at
 * random moments, and a comparison in the end.
 *
 * <p>{@code -Dconvergence.seeds} is the number of runs, {@code -Dconvergence.seed} the first one's seed. The seed gives workload,
 * faults and window; threads and servers are not repeatable.
 */
class ConvergenceIT {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int CONNECTIONS = 3;
    private static final int TRANSACTIONS = 6_000;
    private static final String[] WINDOWS = {"0", "500ms", "2s"};

    /** What may happen in the middle. */
    private enum Fault {
        KILL,
        STOP,
        BROKER_RESTART,
        DATABASE_RESTART
    }

    @TempDir
    private Path folder;

    private final Servers servers = TestServers.get();
    private final RowModel model = new RowModel();
    private final List<String> orphans = new ArrayList<>();
    private volatile boolean consuming = true;
    private volatile boolean marked;
    /** A fault after which messages come twice, and so, for a moment, from an earlier state of the database. */
    private volatile boolean repeats;

    static LongStream seeds() {
        long first = Long.getLong("convergence.seed", 20_181_016L);
        return LongStream.range(first, first + Integer.getInteger("convergence.seeds", 4));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void shouldEndWithWhatTheDatabaseHolds(long seed) throws Exception {
        assumeThat(servers).isInstanceOf(ContainerServers.class);
        Random random = new Random(seed);
        String window = WINDOWS[(int) (seed % WINDOWS.length)];
        String run = "-Dconvergence.seed=" + seed + " -Dconvergence.seeds=1, window " + window;
        try (Scene scene = new Scene(folder)) {
            String queue = scene.database() + ".model";
            scene.sql(Workload.tables());
            declare(queue, scene.database());
            Program.configure(folder, scene.properties("monitor.dedupe.window", window));
            Program program = start();
            try {
                scene.awaitCheckpoint();
                CompletableFuture<Void> consumer = CompletableFuture.runAsync(() -> consume(queue));
                AtomicInteger transactions = new AtomicInteger(TRANSACTIONS);
                CompletableFuture<?>[] workload = LongStream.range(0, CONNECTIONS)
                        .mapToObj(i -> new Workload(servers.mysql(), scene.database(), seed * 31 + i, transactions))
                        .map(CompletableFuture::runAsync)
                        .toArray(CompletableFuture[]::new);
                for (int left : new int[] {TRANSACTIONS * 2 / 3, TRANSACTIONS / 3}) {
                    int moment = left - random.nextInt(TRANSACTIONS / 4);
                    await().atMost(PATIENCE)
                            .pollInterval(Duration.ofMillis(5))
                            .until(() -> transactions.get() <= moment);
                    program = suffer(Fault.values()[random.nextInt(Fault.values().length)], program, scene);
                }
                CompletableFuture.allOf(workload).join();
                scene.sql("INSERT INTO marker VALUES (1)");

                await(run).atMost(PATIENCE).until(() -> marked);
                for (String table : Workload.TABLES_WITH_KEY) {
                    await(run).atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(model.describe(table))
                            .as(table + " with " + run)
                            .isEqualTo(held(scene.database(), table)));
                }
                assertThat(orphans).as("children without a parent, with " + run).isEmpty();
                assertThat(program.isRunning()).isTrue();
                consuming = false;
                consumer.join();
            } finally {
                program.close();
                delete(queue);
            }
        }
    }

    private Program start() throws IOException {
        return Program.start(folder, "--config", "monitor.properties");
    }

    private Program suffer(Fault fault, Program program, Scene scene) throws Exception {
        ContainerServers containers = (ContainerServers) servers;
        repeats |= fault != Fault.STOP;
        switch (fault) {
            case KILL -> {
                program.close();
                return start();
            }
            case STOP -> {
                program.terminate();
                program.await();
                return start();
            }
            case BROKER_RESTART -> restart(containers.rabbitmqContainer().getContainerId());
            case DATABASE_RESTART -> {
                restart(containers.mysqlContainer().getContainerId());
                scene.reconnect();
            }
        }
        return program;
    }

    private static void restart(String container) {
        DockerClientFactory.lazyClient().restartContainerCmd(container).exec();
    }

    private static String held(String database, String table) throws SQLException {
        try (java.sql.Connection connection = TestServers.get().mysql().connect()) {
            return RowModel.describe(connection, database + "." + table);
        }
    }

    private void declare(String queue, String exchange) throws IOException, TimeoutException {
        try (Connection connection = servers.rabbitmq().connect()) {
            Channel channel = connection.createChannel();
            channel.queueDeclare(queue, true, false, false, Map.of());
            channel.queueBind(queue, exchange, "");
        }
    }

    private void delete(String queue) throws IOException, TimeoutException {
        consuming = false;
        try (Connection connection = servers.rabbitmq().connect()) {
            connection.createChannel().queueDelete(queue);
        }
    }

    /** Applies each message before it is acknowledged, so that none is lost with a connection. */
    private void consume(String queue) {
        while (consuming) {
            try (Connection connection = servers.rabbitmq().connect()) {
                Channel channel = connection.createChannel();
                while (consuming) {
                    GetResponse message = channel.basicGet(queue, false);
                    if (message != null) {
                        apply(new String(message.getBody(), StandardCharsets.UTF_8));
                        channel.basicAck(message.getEnvelope().getDeliveryTag(), false);
                    }
                }
            } catch (IOException | TimeoutException | AlreadyClosedException e) {
                Thread.onSpinWait(); // the broker is away: connect again
            }
        }
    }

    private void apply(String message) throws IOException {
        JsonNode change = model.apply(message);
        String type = change.get("type").asText();
        if (change.path("table_name").asText().equals("marker")) {
            marked = true;
        }
        boolean orphaned =
                switch (change.path("table_name").asText() + ' ' + type) {
                    case "child row_insert" -> !model.has(
                            "parent", "id", change.get("values").get("parent_id"));
                    case "parent row_delete" -> model.refers(
                            "child", "parent_id", change.get("keys").get("id"));
                    default -> false;
                };
        if (orphaned && !repeats) {
            orphans.add(message);
        }
    }
}

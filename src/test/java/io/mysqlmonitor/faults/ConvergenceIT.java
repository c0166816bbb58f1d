package io.mysqlmonitor.faults;

import static io.mysqlmonitor.testing.Patience.await;
import static io.mysqlmonitor.testing.ServerContainer.assumeContainers;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.testing.FakeClock;
import io.mysqlmonitor.testing.JournalEntry;
import io.mysqlmonitor.testing.Program;
import io.mysqlmonitor.testing.RowModel;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import io.mysqlmonitor.testing.ServerContainer;
import io.mysqlmonitor.testing.Workload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whoever applies the messages in order ends with the rows of the database, whatever fails in between: a random workload, the
 * program as a process, and faults at random moments.
 *
 * <p>Seeds run from {@code -Dconvergence.seed} (default 6), as many as {@code -Dconvergence.seeds} says (default 4), with de-dupe
 * off for even ones and on for odd ones. A seed fixes settings, statements, and kind and order of the faults, but not how the
 * connections interleave. In one seed of four the broker is away for at most {@code -Dconvergence.outage} seconds (default 15) while a row
 * is changed by one small transaction after the other. The system's clock jumps where libfaketime is installed. A seed that fails leaves settings, log and
 * messages in {@code target/convergence/}.
 */
class ConvergenceIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int STOPPED_BY_SIGTERM = 143;
    private static final int REFUSED = 2;

    /** A message of the test's own, behind all of the program's. */
    private static final String LAST = "{}";

    /** The remainder by 4 of those seeds, without de-dupe, in which the broker is away for long. */
    private static final int OUTAGE_SEEDS = 0;

    /** There are many starts, and little to do after each. */
    private static final List<String> QUICK_START = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    /** Small transactions in an outage: more windows than wait in any queue of a thread pool. */
    private static final int TICKS = 1_500;

    private static final Duration OUTAGE = Duration.ofSeconds(Long.getLong("convergence.outage", 15));

    private static final Duration JUMP = Duration.ofMinutes(10);

    /** Seeds that are close to each other would give much the same first numbers. */
    private static final long SCATTER = 0x9E3779B97F4A7C15L;

    @TempDir
    private Path folder;

    private Scene scene;
    private String queue;
    private Workload workload;
    private Program program;
    private boolean movesChildren;
    private FakeClock clock;
    private final List<Program> programs = new ArrayList<>();
    private final List<String> story = new ArrayList<>();
    private final List<Disturbance> disturbances = new ArrayList<>();
    private final List<Delivered> messages = new ArrayList<>();

    private enum Fault {
        KILL,
        TERMINATE,
        RESTART_RABBITMQ,
        RESTART_MYSQL,
        /** Another process is started on the same data folder. */
        SECOND_PROCESS,
        /** The system's clock is set back or ahead by ten minutes, where libfaketime is installed. */
        CLOCK,
        /** The broker is away while changes go on, for as long as {@code -Dconvergence.outage} says. */
        OUTAGE;

        private static final Fault[] RANDOM = {
            KILL, KILL, TERMINATE, RESTART_RABBITMQ, RESTART_MYSQL, SECOND_PROCESS, CLOCK
        };

        static Fault any(Random random) {
            return RANDOM[random.nextInt(RANDOM.length)];
        }
    }

    /** A message of the queue; heartbeats are left out. */
    private record Delivered(String id, JsonNode body) {

        String table() {
            return body.get("table_name").asText();
        }
    }

    /**
     * A part of the queue in which messages may come again: from the place where it ended when the fault began to the message
     * about a marker that was written when the fault was over.
     */
    private record Disturbance(int from, long marker) {}

    static LongStream seeds() {
        long first = Long.getLong("convergence.seed", 6);
        return LongStream.range(first, first + Long.getLong("convergence.seeds", 4));
    }

    @BeforeEach
    void setUp() throws Exception {
        assumeContainers();
        scene = new Scene(folder);
        scene.expectUncounted("the rows are compared, through restarts of the broker and of its subscriber");
        queue = scene.bindDurableQueue();
    }

    @AfterEach
    void tearDown() throws Exception {
        programs.forEach(Program::close);
        if (workload != null) {
            workload.close();
        }
        if (scene != null) {
            scene.close();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void shouldEndWithTheRowsOfTheDatabase(long seed) throws Exception {
        try {
            run(seed);

            assertRowsAreThoseOfTheDatabase();
            assertEachChangeWithoutKeyIsThere();
            assertMessagesFitTheRowsBefore();
            assertTicksAreInOrder();
            System.err.println("Converged: seed " + seed + ", " + String.join(", ", story));
        } catch (Exception | AssertionError e) {
            Path evidence = writeEvidence(seed, e);
            throw new AssertionError(
                    "seed " + seed + " (" + String.join(", ", story) + "; see " + evidence
                            + "; again with -Dconvergence.seeds=1 -Dconvergence.seed=" + seed + "): " + e.getMessage(),
                    e);
        }
    }

    private void run(long seed) throws Exception {
        Random random = new Random(seed * SCATTER);
        boolean merging = seed % 2 != 0;
        movesChildren =
                !merging; // its net change stands where its first one stood: maybe before that of its new parent
        String window = !merging ? "0" : random.nextBoolean() ? "500ms" : "2s";
        String rowsInFlight = random.nextBoolean() ? "50000" : "100";
        String batch = random.nextBoolean() ? "2048" : "5";
        story.add("window " + window + ", in flight " + rowsInFlight + ", engine's batch " + batch);
        List<Fault> faults = faults(seed, random);
        clock = faults.contains(Fault.CLOCK) ? FakeClock.in(folder).orElse(null) : null;
        Program.configure(
                folder,
                scene.properties(
                        "mysql.ssl-mode",
                        clock == null ? "preferred" : "disabled", // or its certificate may be of the future
                        "monitor.dedupe.window",
                        window,
                        "monitor.in-flight.rows",
                        rowsInFlight,
                        "monitor.stall-timeout",
                        "15s",
                        "monitor.message.types",
                        "table_truncate,schema_change",
                        "debezium.max.batch.size",
                        batch));
        workload = new Workload(TestServers.get().mysql(), scene.database(), seed, movesChildren);
        startProgram();
        scene.awaitCheckpoint();

        workload.start();
        for (int fault = 1; fault <= faults.size(); fault++) {
            awaitMoment(random);
            inject(faults.get(fault - 1), random, -fault);
        }
        workload.await(20 + random.nextInt(200));
        workload.stop();
        story.add(workload.count() + " transactions");

        long end = -faults.size() - 1;
        workload.mark(end);
        try (Connection connection = TestServers.get().rabbitmq().connect()) {
            Channel channel = connection.createChannel();
            List<Received> received = Scene.consume(channel, queue);
            awaitBody(received, "\"number\":" + end + "}");
            program.terminate();
            assertThat(program.await()).isEqualTo(STOPPED_BY_SIGTERM);
            channel.basicPublish("", queue, null, LAST.getBytes(StandardCharsets.UTF_8));
            await("the last message")
                    .until(() -> received.get(received.size() - 1).body().equals(LAST));
            for (Received message : received.subList(0, received.size() - 1)) {
                messages.add(new Delivered(message.properties().getMessageId(), JSON.readTree(message.body())));
            }
        }
        story.add(messages.size() + " messages");
    }

    private static void awaitBody(List<Received> received, String part) {
        await("a message with " + part).until(() -> received.stream()
                .anyMatch(message -> message.body().contains(part)));
    }

    private static List<Fault> faults(long seed, Random random) {
        List<Fault> faults = new ArrayList<>();
        for (int count = 2 + random.nextInt(2); count > 0; count--) {
            boolean outage = faults.isEmpty() && seed % 4 == OUTAGE_SEEDS;
            faults.add(outage ? Fault.OUTAGE : Fault.any(random));
        }
        return faults;
    }

    /** Mostly one at which the program publishes; else it may still be busy with the last fault. */
    private void awaitMoment(Random random) throws Exception {
        if (random.nextInt(4) > 0) {
            int before = queued();
            await("a message").until(() -> queued() > before);
        }
        workload.await(20 + random.nextInt(200));
    }

    private void startProgram() throws IOException {
        Map<String, String> environment = clock == null ? Map.of() : clock.environment();
        program = Program.start(QUICK_START, environment, folder, "--config", "monitor.properties");
        programs.add(program);
    }

    private void inject(Fault fault, Random random, long marker) throws Exception {
        int from = queued();
        story.add(fault + " after " + workload.count() + " transactions and " + from + " messages");
        switch (fault) {
            case KILL -> {
                program.close();
                workload.await(random.nextInt(100));
                startProgram();
            }
            case TERMINATE -> {
                program.terminate();
                assertThat(program.await()).isEqualTo(STOPPED_BY_SIGTERM);
                workload.await(random.nextInt(100));
                startProgram();
                return; // after which nothing comes again
            }
            case RESTART_RABBITMQ -> {
                restart(ServerContainer.rabbitmq(), random);
                await().ignoreExceptions().until(() -> queued() >= 0);
            }
            case OUTAGE -> {
                ServerContainer broker = ServerContainer.rabbitmq();
                broker.stop();
                story.add(workload.tick(TICKS, OUTAGE) + " small transactions in the outage");
                broker.start();
                await().ignoreExceptions().until(() -> queued() >= 0);
            }
            case SECOND_PROCESS -> {
                try (Program second = Program.start(QUICK_START, folder, "--config", "monitor.properties")) {
                    assertThat(second.await()).isEqualTo(REFUSED);
                    assertThat(second.errors()).contains("is in use by another monitor");
                }
                assertThat(program.isRunning()).isTrue();
                return; // which the first does not notice
            }
            case CLOCK -> {
                if (clock == null) {
                    story.add("left out, since libfaketime is not installed");
                    return;
                }
                clock.jump(random.nextBoolean() ? JUMP : JUMP.negated());
            }
            case RESTART_MYSQL -> {
                restart(ServerContainer.mysql(), random);
                scene.reconnect();
            }
        }
        workload.mark(marker);
        disturbances.add(new Disturbance(from, marker));
    }

    /** Stops the server in good order, or kills it. */
    private static void restart(ServerContainer server, Random random) {
        server.restart(random.nextBoolean() ? 10 : 0);
    }

    /** Number of messages so far: nothing is taken out of the queue before all faults are over. */
    private int queued() throws IOException, TimeoutException {
        try (Connection connection = TestServers.get().rabbitmq().connect();
                Channel channel = connection.createChannel()) {
            return channel.queueDeclarePassive(queue).getMessageCount();
        }
    }

    private static boolean isMarker(Delivered message, long marker) {
        return message.id() != null
                && message.table().equals("ledger")
                && message.body().get("keys").get("number").asLong() == marker;
    }

    private void assertRowsAreThoseOfTheDatabase() throws Exception {
        RowModel model = new RowModel(movesChildren);
        changes().forEach(message -> model.apply(message.id(), message.body()));
        for (String table : Workload.KEYS.keySet()) {
            Map<Map<String, String>, Map<String, String>> expected = workload.rows(table);
            Map<Map<String, String>, Map<String, String>> actual = model.rows(table);
            Set<Map<String, String>> keys = new HashSet<>(expected.keySet());
            keys.addAll(actual.keySet());
            for (Map<String, String> key : keys) {
                assertThat(actual.get(key))
                        .as(() -> table + " " + key + ", of which was told:\n" + told(table, key))
                        .isEqualTo(expected.get(key));
            }
        }
    }

    private void assertEachChangeWithoutKeyIsThere() throws Exception {
        Set<String> ids = new HashSet<>();
        List<String> told = changes().stream()
                .filter(message -> message.table().equals("journal"))
                .filter(message -> ids.add(message.id())) // the same when it comes again
                .map(message -> JournalEntry.of(message.body()))
                .toList();
        assertThat(told).as("changes of journal").containsExactlyInAnyOrderElementsOf(workload.journal());
    }

    /** Where nothing comes again, each message continues from where the one before it left the row, foreign key included. */
    private void assertMessagesFitTheRowsBefore() {
        RowModel model = new RowModel(movesChildren);
        List<Disturbance> ahead = new ArrayList<>(disturbances);
        Disturbance within = null;
        for (int i = 0; i < messages.size(); i++) {
            Delivered message = messages.get(i);
            while (!ahead.isEmpty() && ahead.get(0).from() <= i) {
                within = ahead.remove(0);
            }
            if (message.id() == null) {
                continue;
            }
            if (within != null && isMarker(message, within.marker())) {
                within = null;
            }
            if (message.table().equals("journal")) {
                continue;
            }
            List<String> misfits = model.apply(message.id(), message.body());
            if (within == null) {
                int number = i;
                assertThat(misfits)
                        .as(() -> "message " + number + ", " + message + ", after:\n"
                                + told(
                                        message.table(),
                                        message.body().has("keys") ? RowModel.key(message.body()) : Map.of()))
                        .isEmpty();
            }
        }
    }

    /** What comes again comes with its id of before; what comes first comes in order, through an outage too. */
    private void assertTicksAreInOrder() {
        Set<String> ids = new HashSet<>();
        List<Integer> ticks = changes().stream()
                .filter(message -> message.table().equals("ticker"))
                .filter(message -> ids.add(message.id()))
                .map(message ->
                        message.body().path("after_values").path("count").asInt())
                .toList();
        assertThat(ticks).as("values of the row that was changed in the outage").isSorted();
    }

    private List<Delivered> changes() {
        return messages.stream().filter(message -> message.id() != null).toList();
    }

    private String told(String table, Map<String, String> key) {
        StringBuilder told = new StringBuilder();
        for (int i = 0; i < messages.size(); i++) {
            Delivered message = messages.get(i);
            if (message.id() != null
                    && message.table().equals(table)
                    && (!message.body().has("keys")
                            || RowModel.key(message.body()).equals(key))) {
                told.append(i).append(": ").append(message).append('\n');
            }
        }
        return told.toString();
    }

    private Path writeEvidence(long seed, Throwable failure) throws IOException {
        List<String> lines = new ArrayList<>(story);
        lines.add(String.valueOf(failure.getMessage()));
        disturbances.forEach(disturbance -> lines.add(disturbance.toString()));
        programs.forEach(each -> lines.add(each.errors()));
        for (int i = 0; i < messages.size(); i++) {
            lines.add(i + ": " + messages.get(i));
        }
        Path file = Files.createDirectories(Path.of("target", "convergence")).resolve("seed-" + seed + ".log");
        return Files.write(file, lines);
    }
}

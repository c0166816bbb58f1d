package io.mysqlmonitor.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import one.profiler.AsyncProfilerLoader;
import org.springframework.util.FileSystemUtils;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the workloads through the contenders, in one run on one machine, and reports. */
@Command(
        name = "bench/run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Loads a backlog into MySQL while nothing reads, and drains it through each contender in turn.")
final class Bench implements Callable<Integer> {

    private static final int START_SECONDS = 120;
    private static final int DRAIN_SECONDS = 1200;
    private static final int INSERTS_PER_SECOND = 200;
    private static final int WARM_UP_SECONDS = 20;
    private static final int LATENCY_SECONDS = 30;
    private static final double PER = 100_000;
    private static final double TRAINING_SCALE = 0.1;
    private static final List<String> CONTENDERS =
            List.of("monitor", "monitor-trained", "debezium-server", "floor", "floor-headers");

    @Spec
    private CommandSpec spec;

    @Option(names = "--root", hidden = true, required = true)
    private Path root;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "How often each is run; the median counts (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--only",
            split = ",",
            description = "Workloads: w1, w2, w3, w3-dedupe, w4, l (these), tables, wide.")
    private List<String> only;

    @Option(
            names = "--contenders",
            split = ",",
            description = "monitor, monitor-trained, debezium-server, floor, floor-headers (all).")
    private List<String> contenders;

    @Option(
            names = "--scale",
            defaultValue = "1",
            description = "Part of the changes to make, to try it out (${DEFAULT-VALUE}).")
    private double scale;

    @Option(
            names = "--java",
            defaultValue = "java",
            description = "The java command for monitor and floor (${DEFAULT-VALUE}).")
    private String java;

    @Option(names = "--jvm-options", split = " ", description = "More JVM options for monitor.")
    private List<String> jvmOptions = List.of();

    @Option(
            names = "--debezium-java",
            description = "The java command, 21 or newer, for Debezium Server (one in /usr/lib/jvm).")
    private String debeziumJava;

    @Option(
            names = "--debezium-server",
            description = "Its unpacked distribution (fetched by Maven and unpacked in bench/target).")
    private Path debeziumServer;

    @Option(names = "--profile", description = "Has async-profiler write a flame graph of each run to this folder.")
    private Path profiles;

    private final List<Measurement> measurements = new ArrayList<>();
    private BenchServers servers;
    private Path work;

    public static void main(String[] args) {
        System.exit(new CommandLine(new Bench()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        check(
                "--only",
                only,
                Arrays.stream(Workload.values()).map(Workload::title).toList());
        check("--contenders", contenders, CONTENDERS);
        List<Workload> workloads = Arrays.stream(Workload.values())
                .filter(workload -> only == null ? !workload.isExtra() : only.contains(workload.title()))
                .toList();
        work = Files.createTempDirectory("mysql-monitor-bench");
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopServers));
        try {
            List<Contender> chosen = contenders();
            servers = BenchServers.start();
            for (Contender contender : chosen) {
                if (contender instanceof MonitorContender monitor && monitor.isToBeTrained()) {
                    train(monitor);
                }
            }
            for (Workload workload : workloads) {
                run(workload, chosen);
            }
            Report report = new Report(javaVersion(), servers.describe(), rounds, scale, measurements);
            report.write(root.resolve("bench/results"));
            System.out.println(report.table());
        } finally {
            FileSystemUtils.deleteRecursively(work);
        }
        return CommandLine.ExitCode.OK;
    }

    private String javaVersion() throws IOException {
        Process version = new ProcessBuilder(java, "--version").start();
        try (BufferedReader lines = version.inputReader()) {
            return lines.readLine();
        }
    }

    private void check(String option, List<String> given, List<String> known) {
        for (String name : given == null ? List.<String>of() : given) {
            if (!known.contains(name)) {
                throw new CommandLine.ParameterException(
                        spec.commandLine(), option + ": " + name + " is none of " + String.join(", ", known));
            }
        }
    }

    private void stopServers() {
        if (servers != null) {
            servers.close();
        }
    }

    private List<Contender> contenders() throws IOException, InterruptedException {
        List<Contender> chosen = new ArrayList<>();
        if (isChosen("monitor")) {
            chosen.add(new MonitorContender(root, java, null));
        }
        if (isChosen("monitor-trained")) {
            chosen.add(new MonitorContender(root, java, work.resolve("archive")));
        }
        if (isChosen("debezium-server")) {
            chosen.add(DebeziumServer.find(root.resolve("bench/target"), debeziumServer, debeziumJava));
        }
        if (isChosen("floor")) {
            chosen.add(new FloorContender(java, false));
        }
        if (isChosen("floor-headers")) {
            chosen.add(new FloorContender(java, true));
        }
        return chosen;
    }

    private boolean isChosen(String title) {
        return contenders == null || contenders.contains(title);
    }

    private void run(Workload workload, List<Contender> chosen) throws Exception {
        if (workload == Workload.L) {
            for (int round = 1; round <= rounds; round++) {
                for (Contender contender : chosen) {
                    add(latency(workload, contender, round));
                }
            }
            return;
        }
        try (Connection connection = servers.connect()) {
            workload.prepare(connection);
            List<Path> primed = new ArrayList<>();
            for (Contender contender : chosen) {
                Path folder =
                        Files.createDirectories(work.resolve(workload.title()).resolve(contender.title()));
                contender.prime(workload, servers, folder);
                primed.add(folder);
            }
            BenchServers.Position start = servers.position();
            say("%s: loading %,d changes (%s)", workload.title(), workload.changes(scale), workload.description());
            workload.load(connection, scale);
            for (int round = 1; round <= rounds; round++) {
                for (int i = 0; i < chosen.size(); i++) {
                    if (workload.windowSeconds() == 0 || chosen.get(i) instanceof MonitorContender) {
                        add(drain(workload, scale, chosen.get(i), round, start, primed.get(i)));
                    }
                }
            }
            workload.drop(connection);
        }
    }

    private void train(MonitorContender monitor) throws Exception {
        say("%s: its training run", monitor.title());
        Workload workload = Workload.W1;
        try (Connection connection = servers.connect()) {
            workload.prepare(connection);
            BenchServers.Position start = servers.position();
            workload.load(connection, TRAINING_SCALE);
            drain(workload, TRAINING_SCALE, monitor, 0, start, Files.createDirectories(work.resolve("training")));
            workload.drop(connection);
        }
    }

    private void add(Measurement measurement) {
        measurements.add(measurement);
        say("%s", Report.line(measurement));
    }

    private Measurement drain(
            Workload workload, double scale, Contender contender, int round, BenchServers.Position start, Path primed)
            throws Exception {
        Path folder = copyOf(primed, round);
        int changes = workload.changes(scale);
        AtomicReference<MeasuredProcess> running = new AtomicReference<>();
        AtomicReference<Duration> cpuAtHalf = new AtomicReference<>();
        try (CountingConsumer consumer = new CountingConsumer(
                        servers,
                        contender.routingKey(workload),
                        changes / 2,
                        () -> cpuAtHalf.set(running.get().cpu()),
                        false);
                MeasuredProcess process =
                        contender.start(workload, servers, start, folder, options(workload, contender, round))) {
            running.set(process);
            await(consumer, process);
            Duration cpu = process.cpu();
            double peak = process.peakMegabytes();
            long messages = consumer.count();
            long expected = changes + 1L;
            if (workload.windowSeconds() == 0 && messages != expected) {
                throw new IOException(
                        contender.title() + " published " + messages + " messages for " + expected + " changes");
            }
            if (consumer.persistent() != messages) {
                throw new IOException(contender.title() + " published messages that are not persistent");
            }
            double seconds = seconds(consumer.firstNanos(), consumer.endNanos()) + workload.windowSeconds();
            double measured = changes;
            if (workload.isWarm()) {
                seconds = seconds(consumer.middleNanos(), consumer.endNanos());
                measured = changes / 2.0;
                cpu = cpu.minus(cpuAtHalf.get());
            }
            return new Measurement(
                    workload.title(),
                    contender.title(),
                    round,
                    changes,
                    messages,
                    measured / seconds,
                    cpu.toMillis() / 1e3 * PER / measured,
                    peak,
                    seconds(process.startNanos(), consumer.firstNanos()),
                    null,
                    null,
                    null);
        }
    }

    private static void await(CountingConsumer consumer, MeasuredProcess process)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
        while (!consumer.awaitLast(1)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new IOException("it " + (process.isAlive() ? "did not publish all" : "ended") + " after "
                        + consumer.count() + " messages:\n" + tail(process.log()));
            }
        }
    }

    private static String tail(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
    }

    private static double seconds(long fromNanos, long toNanos) {
        return (toNanos - fromNanos) / 1e9;
    }

    private List<String> options(Workload workload, Contender contender, int round) throws IOException {
        List<String> options = new ArrayList<>();
        if (contender instanceof MonitorContender) {
            options.addAll(jvmOptions);
        }
        if (profiles != null) {
            Path file = Files.createDirectories(profiles.toAbsolutePath())
                    .resolve(String.join("-", workload.title(), contender.title(), Integer.toString(round)));
            options.add("-agentpath:" + AsyncProfilerLoader.getAsyncProfilerPath()
                    + "=start,event=itimer,interval=1ms,threads,file=" + file + ".html");
            options.addAll(List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:+DebugNonSafepoints"));
        }
        return options;
    }

    private Measurement latency(Workload workload, Contender contender, int round) throws Exception {
        Path folder = Files.createDirectories(work.resolve(workload.title()).resolve(contender.title() + round));
        Map<Long, Long> committed = new TreeMap<>();
        try (Connection connection = servers.connect()) {
            workload.prepare(connection);
            try (CountingConsumer consumer = new CountingConsumer(
                            servers, contender.routingKey(workload), Long.MAX_VALUE, () -> {}, true);
                    MeasuredProcess process = contender.start(
                            workload, servers, servers.position(), folder, options(workload, contender, round));
                    PreparedStatement insert = workload.prepareInsert(connection)) {
                long id = 0;
                long began = System.nanoTime();
                while (!consumer.awaitFirst(0)) {
                    if (!process.isAlive() || seconds(began, System.nanoTime()) > START_SECONDS) {
                        throw new IOException(contender.title() + " published nothing:\n" + tail(process.log()));
                    }
                    id = insertFor(workload, 1, id, insert, null);
                }
                id = insertFor(workload, WARM_UP_SECONDS, id, insert, null);
                Duration before = process.cpu();
                id = insertFor(workload, LATENCY_SECONDS, id, insert, committed);
                Duration cpu = process.cpu().minus(before);
                awaitRow(id, consumer);
                List<Double> millis = new ArrayList<>();
                committed.forEach((row, nanos) ->
                        millis.add(Math.max(0, consumer.arrivals().get(row) - nanos) / 1e6));
                Collections.sort(millis);
                return new Measurement(
                        workload.title(),
                        contender.title(),
                        round,
                        committed.size(),
                        committed.size(),
                        null,
                        cpu.toMillis() / 1e3 * PER / committed.size(),
                        process.peakMegabytes(),
                        seconds(process.startNanos(), consumer.firstNanos()),
                        percentile(millis, 50),
                        percentile(millis, 95),
                        percentile(millis, 99));
            }
        }
    }

    /** Inserts rows at an even pace, and notes when each commit returned. */
    private static long insertFor(
            Workload workload, int seconds, long lastId, PreparedStatement insert, Map<Long, Long> committed)
            throws SQLException, InterruptedException {
        Random random = new Random(lastId);
        long begin = System.nanoTime();
        for (int i = 0; i < seconds * INSERTS_PER_SECOND; i++) {
            long id = lastId + i + 1;
            workload.bind(insert, id, random);
            long due = begin + i * TimeUnit.SECONDS.toNanos(1) / INSERTS_PER_SECOND;
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            insert.executeUpdate();
            if (committed != null) {
                committed.put(id, System.nanoTime());
            }
        }
        return lastId + (long) seconds * INSERTS_PER_SECOND;
    }

    private static void awaitRow(long id, CountingConsumer consumer) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!consumer.arrivals().containsKey(id)) {
            if (System.nanoTime() > deadline) {
                throw new IOException("the message about row " + id + " did not come");
            }
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    private static double percentile(List<Double> sorted, int percent) {
        return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
    }

    private static Path copyOf(Path primed, int round) throws IOException {
        Path folder = primed.resolveSibling(primed.getFileName() + "-" + round);
        FileSystemUtils.copyRecursively(primed, folder);
        return folder;
    }

    private static void say(String format, Object... arguments) {
        System.err.printf(Locale.ROOT, "bench: " + format + "%n", arguments);
    }
}

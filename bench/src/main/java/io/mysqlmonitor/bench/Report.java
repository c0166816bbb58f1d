package io.mysqlmonitor.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The medians of all rounds and their ratios, as a Markdown table and as {@code latest.json}. */
final class Report {

    private final Map<String, Object> machine = new LinkedHashMap<>();
    private final List<Measurement> measurements;
    private final List<Measurement> medians;

    /**
     * @param java the version of the JVM that monitor and floor ran on
     * @param servers their versions
     * @param measurements of all rounds
     */
    Report(String java, String servers, int rounds, double scale, List<Measurement> measurements) throws IOException {
        machine.put("time", Instant.now().toString());
        machine.put("processors", Runtime.getRuntime().availableProcessors());
        machine.put("cpu", processor());
        machine.put("os", System.getProperty("os.name") + ' ' + System.getProperty("os.version"));
        machine.put("java", java);
        machine.put("servers", servers);
        machine.put("rounds", rounds);
        machine.put("scale", scale);
        this.measurements = List.copyOf(measurements);
        this.medians = measurements.stream()
                .collect(Collectors.groupingBy(
                        m -> List.of(m.workload(), m.contender()), LinkedHashMap::new, Collectors.toList()))
                .values()
                .stream()
                .map(Report::median)
                .toList();
    }

    private static String processor() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.replaceFirst(".*:\\s*", ""))
                .findFirst()
                .orElse("unknown");
    }

    private static Measurement median(List<Measurement> runs) {
        Measurement first = runs.get(0);
        return new Measurement(
                first.workload(),
                first.contender(),
                0,
                first.changes(),
                median(runs, m -> (double) m.messages()).longValue(),
                median(runs, Measurement::changesPerSecond),
                median(runs, Measurement::cpuSecondsPer100k),
                median(runs, Measurement::peakMegabytes),
                median(runs, Measurement::secondsToFirstMessage),
                median(runs, Measurement::p50),
                median(runs, Measurement::p95),
                median(runs, Measurement::p99));
    }

    private static Double median(List<Measurement> runs, Function<Measurement, Double> value) {
        List<Double> sorted = new ArrayList<>(
                runs.stream().map(value).filter(Objects::nonNull).sorted().toList());
        return sorted.isEmpty() ? null : sorted.get(sorted.size() / 2);
    }

    /** Writes {@code latest.json} in the folder. */
    void write(Path folder) throws IOException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("machine", machine);
        document.put("medians", medians);
        document.put("runs", measurements);
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(
                        Files.createDirectories(folder).resolve("latest.json").toFile(), document);
    }

    /** One run in a line. */
    static String line(Measurement m) {
        return String.join(", ", m.workload(), m.contender(), cells(m));
    }

    private static String cells(Measurement m) {
        return String.format(
                Locale.ROOT,
                "%s changes/s, %.1f CPU-s per 100,000, %.0f MB, first message after %.1f s, %,d messages%s",
                m.changesPerSecond() == null ? "-" : String.format(Locale.ROOT, "%,.0f", m.changesPerSecond()),
                m.cpuSecondsPer100k(),
                m.peakMegabytes(),
                m.secondsToFirstMessage(),
                m.messages(),
                m.p50() == null
                        ? ""
                        : String.format(Locale.ROOT, ", p50 %.1f ms, p95 %.1f, p99 %.1f", m.p50(), m.p95(), m.p99()));
    }

    /** The medians as a Markdown table. */
    String table() {
        StringBuilder table = new StringBuilder();
        machine.forEach(
                (name, value) -> table.append(name).append(": ").append(value).append('\n'));
        table.append(
                "\n| workload | contender | changes/s | to Debezium Server | to the floor | CPU-s per 100,000 | peak RSS, MB |"
                        + " first message, s | messages | p50, p95, p99, ms |\n|---|---|---|---|---|---|---|---|---|---|\n");
        for (Measurement m : medians) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %s | %.1f | %.0f | %.1f | %,d | %s |%n",
                    m.workload(),
                    m.contender(),
                    m.changesPerSecond() == null ? "" : String.format(Locale.ROOT, "%,.0f", m.changesPerSecond()),
                    ratio(m, "debezium-server"),
                    ratio(m, "floor"),
                    m.cpuSecondsPer100k(),
                    m.peakMegabytes(),
                    m.secondsToFirstMessage(),
                    m.messages(),
                    m.p50() == null ? "" : String.format(Locale.ROOT, "%.1f, %.1f, %.1f", m.p50(), m.p95(), m.p99())));
        }
        return table.toString();
    }

    /** To the contender in the same workload; in the one with a window, which only MySQL Monitor has, to it without. */
    private String ratio(Measurement m, String contender) {
        Optional<Measurement> other = medians.stream()
                .filter(o -> o.workload().equals(m.workload().replace("-dedupe", ""))
                        && o.contender().equals(contender))
                .findAny();
        return m.changesPerSecond() == null || other.isEmpty() || other.get().changesPerSecond() == null
                ? ""
                : String.format(
                        Locale.ROOT, "%.2f", m.changesPerSecond() / other.get().changesPerSecond());
    }
}

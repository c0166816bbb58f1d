package io.mysqlmonitor.checkpoint;

import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.dedupe.Window;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How far a snapshot is: rows that RabbitMQ has confirmed, of the rows that the server estimates, per table.
 *
 * <p>Thread-safe.
 */
public final class SnapshotProgress {

    private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(10);

    private final Clock clock;

    // guarded by this
    private final Map<String, Long> done = new LinkedHashMap<>();
    private final Map<String, Long> doneSinceReport = new LinkedHashMap<>();
    private Map<String, Long> estimates = Map.of();
    private Instant lastReport = Instant.MIN;

    SnapshotProgress(Clock clock) {
        this.clock = clock;
    }

    /**
     * A snapshot begins.
     *
     * @param estimatedRows by {@code database.table}
     */
    public synchronized void begin(Map<String, Long> estimatedRows) {
        estimates = Map.copyOf(estimatedRows);
        done.clear();
        doneSinceReport.clear();
        lastReport = clock.instant();
    }

    /** Rows that the server estimates; empty if it said nothing of that table. */
    public synchronized Optional<Long> estimatedRows(String table) {
        return Optional.ofNullable(estimates.get(table));
    }

    /**
     * Counts the rows of a confirmed window.
     *
     * @return what to tell people, now and then
     */
    synchronized Optional<String> confirmed(Window window) {
        for (Change change : window.changes()) {
            if (change instanceof RowChange row && row.type() == ChangeType.SNAPSHOT) {
                done.merge(row.table().toString(), 1L, Long::sum);
                doneSinceReport.merge(row.table().toString(), 1L, Long::sum);
            }
        }
        if (doneSinceReport.isEmpty() || clock.instant().isBefore(lastReport.plus(BETWEEN_REPORTS))) {
            return Optional.empty();
        }
        lastReport = clock.instant();
        String report = doneSinceReport.keySet().stream()
                .map(table -> table + ' ' + done.get(table) + " of about " + estimates.getOrDefault(table, 0L))
                .collect(Collectors.joining(", "));
        doneSinceReport.clear();
        return Optional.of(report);
    }

    /** What to tell people at the end. */
    synchronized String summary() {
        return done.values().stream().mapToLong(Long::longValue).sum() + " rows of " + done.size() + " tables";
    }
}

package io.mysqlmonitor.observe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.checkpoint.CaptureProgress;
import io.mysqlmonitor.checkpoint.CaptureStatus;
import io.mysqlmonitor.dedupe.Window;
import io.mysqlmonitor.publish.Broker;
import io.mysqlmonitor.publish.DeadLetterProcessor;
import io.mysqlmonitor.publish.PublisherConfirmsPolicy;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * The figures of a monitor as Micrometer meters, whose names begin with {@code mysql.monitor.}; docs/operation.md lists them.
 *
 * <p>Rows are counted once per window, when the broker has confirmed it or has not, and not in the way of each row.
 */
public final class MonitorMetrics implements MeterBinder, AutoCloseable {

    /** Tables with counters of their own; the rest is counted as one table named {@value #OTHER_TABLES}. */
    static final int MAX_TABLES = 1_000;

    static final String OTHER_TABLES = "(other)";
    private static final String PREFIX = "mysql.monitor.";

    private final CaptureProgress progress;
    private final CaptureStatus status;
    private final Broker broker;
    private final PublisherConfirmsPolicy confirms;
    private final DeadLetterProcessor deadLetters;
    private final Clock timeOfDay;
    private final Queue<Meter> meters = new ConcurrentLinkedQueue<>();

    // touched by the thread that publishes windows
    private final Map<String, Map<String, Counters>> byTable = new HashMap<>();
    private MeterRegistry registry;
    private DistributionSummary windowSize;

    private record Counters(
            Counter captured, Counter merged, Counter published, Counter resent, Counter deadLettered) {}

    /**
     * @param timeOfDay by which the checkpoint is stored
     */
    public MonitorMetrics(
            CaptureProgress progress,
            Broker broker,
            PublisherConfirmsPolicy confirms,
            DeadLetterProcessor deadLetters,
            Clock timeOfDay) {
        this.progress = progress;
        this.status = progress.status();
        this.broker = broker;
        this.confirms = confirms;
        this.deadLetters = deadLetters;
        this.timeOfDay = timeOfDay;
    }

    @Override
    public void bindTo(MeterRegistry meterRegistry) {
        registry = meterRegistry;
        windowSize = keep(DistributionSummary.builder(PREFIX + "window.rows")
                .description("Messages in a window")
                .register(registry));
        keep(FunctionCounter.builder(PREFIX + "rows.merged.away", status, CaptureStatus::mergedAway)
                .description("Changes that cancelled each other out, so that nothing was published")
                .register(registry));
        keep(FunctionCounter.builder(PREFIX + "capture.restarts", status, CaptureStatus::restarts)
                .description("Restarts of capture")
                .register(registry));
        keep(Gauge.builder(PREFIX + "in.flight.rows", status, CaptureStatus::inFlight)
                .description("Messages that wait to be published or confirmed")
                .register(registry));
        keep(Gauge.builder(PREFIX + "in.flight.bytes", status, CaptureStatus::bytesInFlight)
                .description("Heap used by messages that wait to be published or confirmed")
                .baseUnit("bytes")
                .register(registry));
        keep(Gauge.builder(PREFIX + "capture.alive", status, alive -> alive.isAlive() ? 1 : 0)
                .description("1 while capture is alive")
                .register(registry));
        keep(Gauge.builder(PREFIX + "snapshot.running", status, running -> running.isSnapshotRunning() ? 1 : 0)
                .description("1 while a snapshot runs")
                .register(registry));
        keep(FunctionTimer.builder(
                        PREFIX + "confirm",
                        confirms,
                        PublisherConfirmsPolicy::awaits,
                        PublisherConfirmsPolicy::awaitedNanos,
                        TimeUnit.NANOSECONDS)
                .description("Time spent waiting for the confirms of a window")
                .register(registry));
        keep(TimeGauge.builder(PREFIX + "lag", status, TimeUnit.MILLISECONDS, late -> late.lag()
                        .toMillis())
                .description("Age of the oldest change in flight, 0 if there is none; assumes synchronised clocks")
                .register(registry));
        keep(TimeGauge.builder(PREFIX + "checkpoint.age", status, TimeUnit.MILLISECONDS, this::checkpointAge)
                .description("Time since the position was stored")
                .register(registry));
        keep(FunctionCounter.builder(
                        PREFIX + "blocked.seconds",
                        broker,
                        blocked -> blocked.blockedTime().toMillis() / 1_000.0)
                .description("Time for which the broker blocked the connection")
                .register(registry));
        progress.onConfirmed(this::confirmed);
        confirms.onUnconfirmed(this::unconfirmed);
        deadLetters.onDeadLetter(change -> counters(change).deadLettered.increment());
    }

    private double checkpointAge(CaptureStatus stored) {
        return stored.storedAt()
                .map(at -> (double)
                        Math.max(0, Duration.between(at, timeOfDay.instant()).toMillis()))
                .orElse(Double.NaN);
    }

    private <M extends Meter> M keep(M meter) {
        meters.add(meter);
        return meter;
    }

    private void confirmed(Window window) {
        windowSize.record(window.rows());
        for (Change change : window.changes()) {
            Counters counters = counters(change);
            counters.captured.increment(change.merged());
            counters.merged.increment(change.merged() - 1);
            counters.published.increment();
        }
    }

    private void unconfirmed(Collection<?> messages) {
        for (Object message : messages) {
            if (message instanceof Change change) {
                counters(change).resent.increment();
            }
        }
    }

    private Counters counters(Change change) {
        String table = change.database() == null
                ? OTHER_TABLES
                : change.tableName() == null ? change.database() : change.database() + '.' + change.tableName();
        String tag = byTable.containsKey(table) || byTable.size() < MAX_TABLES ? table : OTHER_TABLES;
        return byTable.computeIfAbsent(tag, name -> new HashMap<>()).computeIfAbsent(change.typeName(), type -> {
            if (type.equals(ChangeType.SNAPSHOT.wireName())) {
                estimatedRows(tag);
            }
            return new Counters(
                    counter(
                            "rows.captured",
                            "Changes read from the binary log, counted when their window is confirmed",
                            tag,
                            type),
                    counter(
                            "rows.merged",
                            "Captured changes that were merged into another change of the same row",
                            tag,
                            type),
                    counter("rows.published", "Messages confirmed by the broker", tag, type),
                    counter(
                            "rows.resent",
                            "Messages whose window was not confirmed and is sent again; each attempt counts",
                            tag,
                            type),
                    counter(
                            "rows.dead.lettered",
                            "Changes sent to the dead letters; counted again if their window is sent again",
                            tag,
                            type));
        });
    }

    private void estimatedRows(String table) {
        keep(Gauge.builder(PREFIX + "snapshot.rows.estimated", status, of -> of.estimatedRows(table)
                        .map(Long::doubleValue)
                        .orElse(Double.NaN))
                .description("Rows that the server estimates for a snapshot")
                .tag("table", table)
                .register(registry));
    }

    private Counter counter(String name, String description, String table, String type) {
        return keep(Counter.builder(PREFIX + name)
                .description(description)
                .tag("table", table)
                .tag("type", type)
                .register(registry));
    }

    @Override
    public void close() {
        progress.onConfirmed(window -> {});
        confirms.onUnconfirmed(messages -> {});
        deadLetters.onDeadLetter(change -> {});
        if (registry != null) {
            meters.forEach(registry::remove);
        }
    }
}

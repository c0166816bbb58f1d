package io.mysqlmonitor.checkpoint;

import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.dedupe.Window;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What was captured, merged and published since the monitor was made.
 *
 * <p>Thread-safe.
 */
final class Figures {

    private final Clock clock;
    private final AtomicLong captured = new AtomicLong();
    private final AtomicLong merged = new AtomicLong();
    private final AtomicLong mergedAway = new AtomicLong();
    private final AtomicLong published = new AtomicLong();
    private final AtomicLong runs = new AtomicLong();

    /** Written by the threads that publish windows and heartbeats. */
    private volatile Instant lastPublished;

    /**
     * @param clock gives durations, and is not set back
     */
    Figures(Clock clock) {
        this.clock = clock;
        this.lastPublished = clock.instant();
    }

    void runBegins() {
        runs.incrementAndGet();
    }

    void confirmed(Window window) {
        captured.addAndGet(window.captured());
        merged.addAndGet(window.captured() - window.rows());
        mergedAway.addAndGet(window.captured()
                - window.changes().stream().mapToLong(Change::merged).sum());
        if (window.rows() > 0) {
            published.addAndGet(window.rows());
            messagePublished();
        }
    }

    /** The time until the next heartbeat starts again. */
    void messagePublished() {
        lastPublished = clock.instant();
    }

    /** Time since a message was last published. */
    Duration idle() {
        return Duration.between(lastPublished, clock.instant());
    }

    long captured() {
        return captured.get();
    }

    long merged() {
        return merged.get();
    }

    long mergedAway() {
        return mergedAway.get();
    }

    long published() {
        return published.get();
    }

    /** Starts of capture after the first. */
    long restarts() {
        return Math.max(0, runs.get() - 1);
    }
}

package io.mysqlmonitor.supervise;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.function.LongSupplier;

/**
 * A clock for durations: starts at the time of the system's clock and advances with the time that passes, whatever the system's clock is
 * set to meanwhile. Not for a time of day that is published or stored.
 *
 * <p>Thread-safe.
 */
public final class MonotonicClock extends Clock {

    private final LongSupplier nanos;
    private final long start;
    private final Instant startedAt;
    private final ZoneId zone;

    public MonotonicClock() {
        this(System::nanoTime, Instant.now());
    }

    /**
     * @param nanos passes as {@link System#nanoTime} does
     * @param startedAt the time at which this clock starts
     */
    public MonotonicClock(LongSupplier nanos, Instant startedAt) {
        this(nanos, nanos.getAsLong(), startedAt, ZoneOffset.UTC);
    }

    private MonotonicClock(LongSupplier nanos, long start, Instant startedAt, ZoneId zone) {
        this.nanos = nanos;
        this.start = start;
        this.startedAt = startedAt;
        this.zone = zone;
    }

    @Override
    public Instant instant() {
        return startedAt.plus(Duration.ofNanos(nanos.getAsLong() - start));
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    @Override
    public Clock withZone(ZoneId other) {
        return new MonotonicClock(nanos, start, startedAt, other);
    }
}

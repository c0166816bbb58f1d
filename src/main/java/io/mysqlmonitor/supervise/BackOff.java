package io.mysqlmonitor.supervise;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * The time between two tries: twice as long after each one that fails, from one second up to a limit.
 *
 * <p>For one thread.
 */
final class BackOff {

    /** The longest delay where nothing says otherwise; what has lasted for so long is taken for lasting. */
    static final Duration LONGEST = Duration.ofSeconds(30);

    private static final Duration SHORTEST = Duration.ofSeconds(1);

    private final Clock clock;
    private Duration delay = Duration.ZERO;
    private Instant next = Instant.MIN;

    /**
     * @param clock gives durations, and is not set back
     */
    BackOff(Clock clock) {
        this.clock = clock;
    }

    /** A try failed; returns how long it is until the next, at most {@code longest}. */
    Duration failed(Duration longest) {
        Duration doubled = delay.multipliedBy(2);
        Duration atLeast = doubled.compareTo(SHORTEST) < 0 ? SHORTEST : doubled;
        delay = atLeast.compareTo(longest) > 0 ? longest : atLeast;
        next = clock.instant().plus(delay);
        return delay;
    }

    /** Whether it is too early for the next try. */
    boolean isWaiting() {
        return clock.instant().isBefore(next);
    }

    /** What was tried has lasted: the next failure is the first. */
    void reset() {
        delay = Duration.ZERO;
        next = Instant.MIN;
    }

    /** The next try may come at once; for when there is no memory to reckon with. */
    void tryAtOnce() {
        next = Instant.MIN;
    }
}

package io.mysqlmonitor.supervise;

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Notices that the system's clock was set back. Camel and Debezium measure some of their waits by it, and would wait for as long as it
 * was set back. Steps of less than {@value #NOTABLE_SECONDS} s are not worth a restart.
 *
 * <p>For one thread.
 */
final class ClockSteps {

    private static final int NOTABLE_SECONDS = 5;

    private final Clock system;
    private final Clock monotonic;
    private Duration ahead;

    /**
     * @param system the system's clock
     * @param monotonic a clock that nobody sets
     */
    ClockSteps(Clock system, Clock monotonic) {
        this.system = system;
        this.monotonic = monotonic;
        this.ahead = difference();
    }

    private Duration difference() {
        return Duration.between(monotonic.instant(), system.instant());
    }

    /** By how much the clock was set back since the last call; empty if it was not. */
    Optional<Duration> setBack() {
        Duration before = ahead;
        ahead = difference();
        return Optional.of(before.minus(ahead)).filter(step -> step.toSeconds() >= NOTABLE_SECONDS);
    }
}

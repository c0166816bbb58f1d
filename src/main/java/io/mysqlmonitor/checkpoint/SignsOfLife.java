package io.mysqlmonitor.checkpoint;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Signs of life of the engine: a live engine hands over a record every few seconds, even on an idle server.
 *
 * <p>Thread-safe: the engine's threads give signs, others look at them.
 */
final class SignsOfLife {

    /** The engine asks the server for all definitions, and parses them, before it stores the first. */
    private static final int STALL_TIMEOUTS_FOR_DEFINITIONS = 10;

    private final Duration stallTimeout;
    private final Clock clock;

    // written by the thread that starts and stops the route, and by the engine's
    private volatile boolean running;
    private volatile Instant last;
    private volatile boolean awaitsDefinitions;
    private volatile boolean throttled;

    /**
     * @param stallTimeout silence after which the engine is taken for dead; ten times as long until it stores the first definition of a
     *     table, where it reads them from the server
     * @param clock gives durations, and is not set back
     */
    SignsOfLife(Duration stallTimeout, Clock clock) {
        this.stallTimeout = stallTimeout;
        this.clock = clock;
    }

    /** The engine is started; that counts as a sign. */
    void started() {
        last = clock.instant();
        running = true;
    }

    void stopped() {
        running = false;
    }

    /** The next engine reads the definitions of tables from the server before it does anything else, or does not. */
    void expectDefinitions(boolean expected) {
        awaitsDefinitions = expected;
    }

    /** The engine is made to wait: its silence is not its own. */
    void throttled() {
        throttled = true;
    }

    /** The engine has handed over a record, or stored the definition of a table. */
    void given() {
        last = clock.instant();
        throttled = false;
        awaitsDefinitions = false;
    }

    /** Whether the engine runs and its silence is not longer than it may be. */
    boolean areRecent() {
        Duration longest = awaitsDefinitions ? stallTimeout.multipliedBy(STALL_TIMEOUTS_FOR_DEFINITIONS) : stallTimeout;
        return running
                && silence().filter(silence -> silence.compareTo(longest) <= 0).isPresent();
    }

    /** Time since the last sign, zero while the engine is made to wait; empty if none was started yet. */
    Optional<Duration> silence() {
        return Optional.ofNullable(last)
                .map(sign -> throttled ? Duration.ZERO : Duration.between(sign, clock.instant()));
    }
}

package io.mysqlmonitor.publish;

import com.rabbitmq.client.BlockedListener;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the broker has blocked the connection, because of a memory or disk alarm: it then reads nothing that is sent to it.
 *
 * <p>Thread-safe.
 */
final class BlockedConnection implements BlockedListener {

    private static final Logger LOG = LoggerFactory.getLogger(BlockedConnection.class);

    private final String broker;
    private final Clock clock;

    // Written under the lock of this object, by the threads of the connection; read without it.
    private volatile Instant since;
    private volatile String reason = "";
    private volatile Duration before = Duration.ZERO; // in all, without the time that is not over

    /**
     * @param broker names it in log lines
     * @param clock measures how long the connection is blocked
     */
    BlockedConnection(String broker, Clock clock) {
        this.broker = broker;
        this.clock = clock;
    }

    /** Repeated by the broker for each further alarm; the first counts. */
    @Override
    public synchronized void handleBlocked(String why) {
        if (since == null) {
            reason = why;
            since = clock.instant();
            LOG.warn(
                    "{} has blocked the connection: {}. Publishing waits until it unblocks it; free its memory or disk.",
                    broker,
                    why);
        }
    }

    /** To be called when the connection is closed, too: the next one is not blocked. */
    @Override
    public synchronized void handleUnblocked() {
        Instant begin = since;
        if (begin != null) {
            Duration time = Duration.between(begin, clock.instant());
            before = before.plus(time);
            since = null;
            LOG.info("{} no longer blocks the connection, after {} s", broker, time.toSeconds());
        }
    }

    /** Since when the connection is blocked; empty if it is not. */
    Optional<Instant> since() {
        return Optional.ofNullable(since);
    }

    /** The broker's reason for the last time; empty if there was none. */
    String reason() {
        return reason;
    }

    /** For how long in all, with the time that is not over. */
    synchronized Duration time() {
        return since == null ? before : before.plus(Duration.between(since, clock.instant()));
    }
}

package io.mysqlmonitor.supervise;

import io.mysqlmonitor.checkpoint.CaptureProgress;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of capture: what was read is published and confirmed, or given up after a limit. Camel's graceful shutdown does not see windows that
 * wait for their turn to be published, so this has to come before it.
 */
public final class Drain {

    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

    private final CheckpointKeeper keeper;
    private final CaptureProgress progress;
    private final Windows windows;
    private final Clock clock;

    /**
     * @param clock gives durations, and is not set back
     */
    public Drain(CheckpointKeeper keeper, CaptureProgress progress, Windows windows, Clock clock) {
        this.keeper = keeper;
        this.progress = progress;
        this.windows = windows;
        this.clock = clock;
    }

    /**
     * Publishes what was read, and waits for the confirms. The engine must have been stopped.
     *
     * @param wasRunning whether capture was running: then its end is noted
     * @param begin when the stop began
     * @param limit Camel's time for it, of which a tenth is left for Camel to stop the routes
     */
    public void run(boolean wasRunning, Instant begin, Duration limit) {
        windows.close();
        if (!wasRunning && !keeper.awaitsConfirms()) {
            return;
        }
        Instant end = begin.plus(limit.multipliedBy(9).dividedBy(10));
        if (awaitConfirms(end)) {
            progress.markClean();
            LOG.info("Capture stopped, all confirmed, checkpoint {}", keeper.described());
            return;
        }
        LOG.warn(
                "Capture stopped; after {} s not all was confirmed. The next start publishes again from {}.",
                Duration.between(begin, clock.instant()).plusMillis(999).toSeconds(),
                keeper.position());
        windows.abandon(); // or Camel would wait for it once more
        keeper.endRun();
    }

    /** Waits until all is confirmed; not for a window that nobody publishes. */
    private boolean awaitConfirms(Instant end) {
        LostWindow lost = new LostWindow(keeper::oldestWindow, windows::areIdle);
        while (true) {
            Duration left = Duration.between(clock.instant(), end);
            if (keeper.awaitDrained(left.compareTo(LostWindow.LOOK) < 0 ? left : LostWindow.LOOK)) {
                return true;
            }
            if (left.isNegative()
                    || !keeper.awaitsConfirms()
                    || lost.look().isPresent()
                    || Thread.currentThread().isInterrupted()) {
                return false;
            }
        }
    }
}

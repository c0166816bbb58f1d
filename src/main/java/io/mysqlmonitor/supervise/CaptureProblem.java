package io.mysqlmonitor.supervise;

import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why capture does not run or did not last, said in the log once however often it comes in a row, and once when it is over.
 *
 * <p>Written by the supervisor's thread, read by any.
 */
final class CaptureProblem {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureSupervisor.class);

    private static final String NONE_YET = "none yet";

    private volatile String current = "";

    /** With which problem before it the last start was said. Supervisor's thread alone. */
    private String said = NONE_YET;

    /** Capture starts for the first time since the context was started. */
    void clear() {
        current = "";
        said = NONE_YET;
    }

    /** Why capture does not run; empty if it runs well. */
    Optional<String> current() {
        return Optional.of(current).filter(problem -> !problem.isEmpty());
    }

    /**
     * Capture cannot run, and is tried again.
     *
     * @param cause what to log with it; null for nothing
     */
    void retried(String problem, Duration delay, Throwable cause) {
        if (!problem.equals(current)) {
            LOG.warn("{}. Retrying in {} s, with back-off, until it succeeds.", problem, delay.toSeconds(), cause);
        }
        current = problem;
    }

    /** Capture is started again at once, from the checkpoint. */
    void restarted(String problem, String checkpoint) {
        current = problem;
        LOG.warn("{}. Capture starts again from the checkpoint {}.", problem, checkpoint);
    }

    /** Capture was started. */
    void started(String server, String checkpoint) {
        if (!current.equals(said)) {
            LOG.info("Capture started on {}, checkpoint {}", server, checkpoint);
            said = current;
        }
    }

    /** Capture has lasted. */
    void over() {
        current = "";
        said = "";
    }
}

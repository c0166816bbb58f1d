package io.mysqlmonitor.supervise;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log what a start waits for if a step of it takes longer than {@value #USUAL_SECONDS} s, once per step.
 *
 * <p>Thread-safe: one thread takes the steps, another one looks now and then.
 */
final class SlowSteps implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(SlowSteps.class);
    private static final int USUAL_SECONDS = 5;

    private final Clock clock;
    private final AtomicReference<Step> current = new AtomicReference<>();

    private record Step(String waitsFor, Instant begin, boolean told) {
        Step tell() {
            return new Step(waitsFor, begin, true);
        }
    }

    /**
     * @param clock gives durations
     */
    SlowSteps(Clock clock) {
        this.clock = clock;
    }

    /**
     * A step begins, unless it is the current one, and the one before it is done.
     *
     * @param waitsFor completes the sentence "waiting for"
     */
    void begin(String waitsFor) {
        Step before = current.get();
        if (before == null || !before.waitsFor().equals(waitsFor)) {
            end(current.getAndSet(new Step(waitsFor, clock.instant(), false)));
        }
    }

    /** The last step is done. */
    void end() {
        end(current.getAndSet(null));
    }

    private void end(Step step) {
        if (step != null && step.told()) {
            LOG.info("Waited {} s for {}", seconds(step), step.waitsFor());
        }
    }

    private long seconds(Step step) {
        return Duration.between(step.begin(), clock.instant()).toSeconds();
    }

    /** Tells of the current step if it is slow and was not told of. */
    @Override
    public void run() {
        Step step = current.get();
        if (step != null
                && !step.told()
                && seconds(step) >= USUAL_SECONDS
                && current.compareAndSet(step, step.tell())) {
            LOG.info("Waiting for {}, {} s so far", step.waitsFor(), seconds(step));
        }
    }
}

package io.mysqlmonitor.checkpoint;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Why capture has to start again at the checkpoint, if it has to. While there is a failure, no position passes.
 *
 * <p>Thread-safe: any thread may find one, and the supervisor's ends it with the next run.
 */
final class CaptureFailure {

    private final AtomicReference<Throwable> cause = new AtomicReference<>();

    /** The engine ended, or a window was not published: that says more than what was found before. */
    void set(Throwable newCause) {
        cause.set(newCause);
    }

    /** Something that is only said if nothing else is wrong. */
    void setIfNone(Throwable newCause) {
        cause.compareAndSet(null, newCause);
    }

    void clear() {
        cause.set(null);
    }

    boolean isSet() {
        return cause.get() != null;
    }

    Optional<Throwable> cause() {
        return Optional.ofNullable(cause.get());
    }
}

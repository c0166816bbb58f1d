package io.mysqlmonitor;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Why capture does not run and will not, if only a person can do something about it.
 *
 * <p>Thread-safe: set by the supervisor's thread.
 */
final class Halt implements Consumer<String> {

    private volatile String reason;
    private volatile Runnable action = () -> {};

    /** Capture halts. */
    @Override
    public void accept(String why) {
        reason = why;
        action.run();
    }

    Optional<String> reason() {
        return Optional.ofNullable(reason);
    }

    /** What to do when capture halts. */
    void then(Runnable newAction) {
        action = newAction;
    }

    /** The context starts again, and capture with it. */
    void clear() {
        reason = null;
    }
}

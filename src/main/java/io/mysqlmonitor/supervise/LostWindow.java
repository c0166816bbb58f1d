package io.mysqlmonitor.supervise;

import io.mysqlmonitor.dedupe.Window;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Finds the window that is never published: Camel's executor passes over an Error that ends the way of a window, which is then neither
 * confirmed nor failed.
 */
final class LostWindow {

    /** The time between two looks. */
    static final Duration LOOK = Duration.ofMillis(500);

    /** A window on its way from the aggregator to the publishing thread is with neither for a moment. */
    private static final int LOOKS = 4;

    private final Supplier<Optional<Window>> oldest;
    private final BooleanSupplier isPublisherIdle;
    private Window last;
    private int looks;

    /**
     * @param oldest gives the window that has waited longest for its confirm
     * @param isPublisherIdle whether no window is open, waits to be published, or is being published
     */
    LostWindow(Supplier<Optional<Window>> oldest, BooleanSupplier isPublisherIdle) {
        this.oldest = oldest;
        this.isPublisherIdle = isPublisherIdle;
    }

    /** Looks once; the window that nobody publishes, if it was so at the looks before as well. */
    Optional<Window> look() {
        Window now = isPublisherIdle.getAsBoolean() ? oldest.get().orElse(null) : null;
        looks = now != null && now == last ? looks + 1 : 0;
        last = now;
        return looks >= LOOKS ? Optional.of(now) : Optional.empty();
    }
}

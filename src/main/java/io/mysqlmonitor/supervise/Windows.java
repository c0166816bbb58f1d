package io.mysqlmonitor.supervise;

import io.mysqlmonitor.dedupe.WindowAggregationStrategy;
import io.mysqlmonitor.publish.PublishingThread;
import java.util.function.Supplier;
import org.apache.camel.processor.aggregate.AggregateController;

/** The windows between the capture route and the publishing thread, as far as they are supervised. */
public final class Windows {

    private final WindowAggregationStrategy strategy;
    private final AggregateController controller;
    private final Supplier<PublishingThread> publisher;

    /**
     * @param publisher the publishing thread of now: a context that is started again gets another one
     */
    public Windows(
            WindowAggregationStrategy strategy, AggregateController controller, Supplier<PublishingThread> publisher) {
        this.strategy = strategy;
        this.controller = controller;
        this.publisher = publisher;
    }

    /** Whether a window is open though its time is over. */
    boolean areOverdue() {
        return strategy.isOverdue();
    }

    /** Whether no window is open, waits to be published, or is being published. */
    boolean areIdle() {
        return !strategy.isOpen() && publisher.get().isIdle();
    }

    /** Completes the window that is open, if one is. */
    void close() {
        controller.forceCompletionOfAllGroups();
    }

    /** What ended the way of a window to the broker, once; null if nothing did. */
    Throwable takeError() {
        return publisher.get().takeError();
    }

    /** Publishes no more, neither what is being published nor what waits for it. */
    void abandon() {
        publisher.get().shutdownNow();
    }
}

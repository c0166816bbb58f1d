package io.mysqlmonitor.dedupe;

import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.Confirmation;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.Predicate;
import org.apache.camel.spi.Synchronization;

/**
 * Fills a {@link Window} with the changes that reach the aggregator, all in one group.
 *
 * <p>The body of the aggregated exchange is the window. It is complete when it holds its fill of rows or bytes (this strategy
 * is the aggregator's completion predicate too), or after the completion timeout. That timeout must run from the first change
 * and not from the latest, or a steady stream would never complete: so the first exchange of a window, and no other, carries it
 * in milliseconds in the property {@value #TIMEOUT}, from where the route's {@code completionTimeoutExpression} takes it.
 */
public final class WindowAggregationStrategy implements AggregationStrategy, Predicate {

    /** Exchange property with the milliseconds until the window just opened is complete. */
    public static final String TIMEOUT = "MysqlMonitorWindowTimeout";

    private static final long MAX_PATIENCE_MILLIS = 100;
    /** About what can be published in that time. */
    private static final long ROWS_PER_MILLI = 20;

    /** How late Camel may complete a window after its timeout before it is taken for forgotten. */
    private static final long LATE_MILLIS = 2_000;

    private final WindowListener listener;
    private final BooleanSupplier isPublishingThread;
    private final long timeoutMillis;
    private final boolean merging;
    private final int maxRows;
    private final long maxBytes;

    // written by the thread that holds the aggregator's lock
    private volatile boolean open;
    private volatile long openedAt;

    /**
     * @param listener told of each window
     * @param isPublishingThread whether the calling thread is the one that publishes windows
     * @param timeout how long a window stays open after its first change; up to a tenth of a second longer without merging, while much
     *     is in flight
     * @param merging whether changes of one row become one
     * @param maxRows net changes that complete a window early
     * @param maxBytes heap taken by the net changes that completes a window early
     */
    public WindowAggregationStrategy(
            WindowListener listener,
            BooleanSupplier isPublishingThread,
            Duration timeout,
            boolean merging,
            int maxRows,
            long maxBytes) {
        this.listener = Objects.requireNonNull(listener);
        this.isPublishingThread = isPublishingThread;
        this.timeoutMillis = Math.max(1, timeout.toMillis());
        this.merging = merging;
        this.maxRows = maxRows;
        this.maxBytes = maxBytes;
    }

    @Override
    public Exchange aggregate(Exchange windowExchange, Exchange changeExchange) {
        Change change = changeExchange.getMessage().getBody(Change.class);
        if (windowExchange != null) {
            add(change, windowExchange.getMessage().getBody(Window.class));
            Passage.enterWindow(changeExchange);
            return windowExchange;
        }
        Window window = new Window(merging);
        listener.opened(window);
        try {
            add(change, window);
        } catch (RuntimeException | Error e) {
            listener.failed(window, e); // nobody else has it
            throw e;
        }
        Passage.enterWindow(changeExchange);
        openedAt = System.nanoTime();
        open = true;
        changeExchange.getMessage().setBody(window);
        changeExchange.setProperty(TIMEOUT, timeoutMillis + (merging ? 0 : patience()));
        return changeExchange;
    }

    /** A publisher that is busy anyway gets larger windows, and so awaits confirms less often. */
    private long patience() {
        return Math.min(MAX_PATIENCE_MILLIS, listener.inFlight() / ROWS_PER_MILLI);
    }

    private void add(Change change, Window window) {
        if (listener.isReplayed(change)) {
            window.addAsItIs(change);
        } else {
            window.add(change);
        }
    }

    @Override
    public boolean matches(Exchange windowExchange) {
        Window window = windowExchange.getMessage().getBody(Window.class);
        return window.rows() >= maxRows || window.weight() >= maxBytes;
    }

    /** Whether a window is open. */
    public boolean isOpen() {
        return open;
    }

    /**
     * Whether a window is open though its time is long over. Camel's timeouts are by the system's clock, which may have been set back,
     * and its checker of timeouts does not survive an Error.
     */
    public boolean isOverdue() {
        long limit = timeoutMillis + MAX_PATIENCE_MILLIS + LATE_MILLIS;
        return open && System.nanoTime() - openedAt > TimeUnit.MILLISECONDS.toNanos(limit);
    }

    @Override
    public void onCompletion(Exchange windowExchange) {
        open = false;
        Window window = windowExchange.getMessage().getBody(Window.class);
        Confirmation confirmation = new Confirmation(window.rows(), isPublishingThread);
        windowExchange.setProperty(Confirmation.PROPERTY, confirmation);
        // An on-completion of the exchange and not a route policy's onExchangeDone: Camel skips the latter while it
        // stops.
        windowExchange.getExchangeExtension().addOnCompletion(new Synchronization() {
            @Override
            public void onComplete(Exchange exchange) {
                if (confirmation.isConfirmed()) {
                    listener.confirmed(window);
                } else { // an error that somebody handled, or a way past the broker
                    listener.failed(window, new UnconfirmedWindowException(window));
                }
            }

            @Override
            public void onFailure(Exchange exchange) {
                listener.failed(window, exchange.getException());
            }
        });
    }
}

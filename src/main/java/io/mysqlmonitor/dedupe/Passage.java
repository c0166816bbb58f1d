package io.mysqlmonitor.dedupe;

import org.apache.camel.Exchange;

/**
 * The way of one captured change to its window, along with its exchange and the copies of that. When the capture route is done with the
 * exchange, the change has to be in a window, or to have been ended by a filter or a stop. Otherwise a step such as {@code seda} or
 * {@code wireTap} may have handed it to another thread, which brings it to a window later or never, while the position passes it.
 *
 * <p>Thread-safe.
 */
public final class Passage {

    /** Exchange property that a filter step of the capture route sets to false when it ends a change: its {@code statusPropertyName}. */
    public static final String FILTER_STATUS = "MysqlMonitorFilterMatched";

    private static final String PROPERTY = "MysqlMonitorPassage";

    private final Exchange exchange;
    private final Runnable onLate;
    private volatile boolean entered;
    private volatile boolean over;

    private Passage(Exchange exchange, Runnable onLate) {
        this.exchange = exchange;
        this.onLate = onLate;
    }

    /**
     * Begins the way of an exchange that was just captured.
     *
     * @param onLate what to do if the change enters a window after {@link #end}
     */
    public static Passage begin(Exchange exchange, Runnable onLate) {
        Passage passage = new Passage(exchange, onLate);
        exchange.setProperty(PROPERTY, passage);
        return passage;
    }

    /** The change of an exchange is in a window. */
    static void enterWindow(Exchange change) {
        Passage passage = change.getProperty(PROPERTY, Passage.class);
        if (passage != null) {
            passage.entered = true;
            if (passage.over) {
                passage.onLate.run();
            }
        }
    }

    /**
     * The capture route is done with the exchange.
     *
     * @return whether it is known where the change is
     */
    public boolean end() {
        over = true;
        return entered
                || exchange.isFailed()
                || exchange.isRouteStop()
                || Boolean.FALSE.equals(exchange.getProperty(FILTER_STATUS));
    }
}

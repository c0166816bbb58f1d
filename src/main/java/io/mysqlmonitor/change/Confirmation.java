package io.mysqlmonitor.change;

import java.util.function.BooleanSupplier;

/**
 * What the messages of one window wait for: the sink's own word that it has all of them safely. Nothing else makes a window count as
 * published, however its exchange ends.
 *
 * <p>It travels with the exchange, as the property {@value #PROPERTY}. Whoever hands messages to a sink calls {@link #begin} before the
 * first of them, each time that they are sent, and {@link #confirm} when the sink has said that it has as many as {@code begin} returned.
 *
 * <p>Thread-safe.
 */
public final class Confirmation {

    /** Name of the exchange property. */
    public static final String PROPERTY = "MysqlMonitorConfirmation";

    private final int messages;
    private final BooleanSupplier isPublishingThread;
    private volatile boolean confirmed;

    /**
     * @param messages number of messages that have to be safe
     * @param isPublishingThread whether the calling thread is the one that publishes
     */
    public Confirmation(int messages, BooleanSupplier isPublishingThread) {
        this.messages = messages;
        this.isPublishingThread = isPublishingThread;
    }

    /**
     * The messages are about to be handed to the sink.
     *
     * @return how many it has to have in the end
     * @throws IllegalStateException if another thread than the one that publishes is about to do it, which would break their order
     */
    public int begin() {
        if (!isPublishingThread.getAsBoolean()) {
            throw new IllegalStateException("a window would be published by the thread "
                    + Thread.currentThread().getName()
                    + ", and only one thread publishes, or the order is lost: take threads, seda, wireTap or parallel steps out of "
                    + "publish.camel.yaml");
        }
        return messages;
    }

    /** The sink has said that it has all of the messages. */
    public void confirm() {
        confirmed = true;
    }

    /** Whether the sink has said so. */
    public boolean isConfirmed() {
        return confirmed;
    }
}

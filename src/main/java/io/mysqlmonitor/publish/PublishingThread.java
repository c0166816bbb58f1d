package io.mysqlmonitor.publish;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The one thread that publishes windows, in the order in which they are given to it, however many wait.
 *
 * <p>The aggregator's executor service. Its own default is a pool with a bounded queue of which the caller runs what does not fit: with
 * many windows waiting, the thread that closes the next one would publish it ahead of all others, on a channel of its own. The queue
 * here has no bound, because what is in flight has one.
 */
public final class PublishingThread extends ThreadPoolExecutor {

    private final AtomicReference<Throwable> error = new AtomicReference<>();
    private volatile Thread thread;

    /**
     * @param name of the thread
     */
    public PublishingThread(String name) {
        super(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        setThreadFactory(task -> {
            thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** An Error, such as OutOfMemoryError, ends the way of a window and this thread, of which another takes the place. */
    @Override
    protected void afterExecute(Runnable window, Throwable thrown) {
        super.afterExecute(window, thrown);
        if (thrown != null) {
            error.set(thrown);
        }
    }

    /** What last ended the way of a window, once; null if nothing did. */
    public Throwable takeError() {
        return error.getAndSet(null);
    }

    /** Whether no window is being published or waits for it. */
    public boolean isIdle() {
        return getActiveCount() == 0 && getQueue().isEmpty();
    }

    /** Whether the calling thread is this one. */
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }
}

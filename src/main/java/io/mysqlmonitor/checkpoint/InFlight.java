package io.mysqlmonitor.checkpoint;

import io.mysqlmonitor.dedupe.Window;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The windows between capture and confirm, in the order of the binary log.
 *
 * <p>An offset is released once every window opened before it was reported is confirmed: it waits with the newest window, and
 * is released when that window and all older ones are. Windows may be confirmed in any order. Once a window has failed, no offset
 * is released any more.
 *
 * <p>All that belongs to a run, which {@link #clear} ends: what comes of it later changes nothing.
 *
 * <p>Thread-safe; nothing is waited for under its lock.
 *
 * @param <O> a place in the binary log
 */
final class InFlight<O> {

    /** Heap that a window takes beside its changes, with the exchange in which it waits. */
    private static final long WINDOW_BYTES = 2_000;

    private final int maxRows;
    private final long maxBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition fewer = lock.newCondition();

    // guarded by lock
    private final Deque<Window> windows = new ArrayDeque<>();
    private final Map<Window, O> waiting = new HashMap<>();
    private final Set<Window> confirmed = new HashSet<>();
    private long run;
    private boolean failed;
    private O latest;
    private O released;

    /**
     * @param maxRows rows in flight at which capture has to wait
     * @param maxBytes heap taken by windows in flight at which capture has to wait
     */
    InFlight(int maxRows, long maxBytes) {
        this.maxRows = maxRows;
        this.maxBytes = maxBytes;
    }

    /** The number of the run. */
    long run() {
        lock.lock();
        try {
            return run;
        } finally {
            lock.unlock();
        }
    }

    void opened(Window window) {
        lock.lock();
        try {
            windows.addLast(window);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The engine has handed over everything up to {@code offset}; to be called on the thread that fills the windows.
     *
     * @param of the run in which that engine was started
     * @return false if that run is over
     */
    boolean reported(long of, O offset) {
        lock.lock();
        try {
            if (of != run) {
                return false;
            }
            if (failed) {
                return true;
            }
            latest = offset;
            Window newest = windows.peekLast();
            if (newest == null) {
                released = offset;
            } else {
                waiting.put(newest, offset);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    void confirmed(Window window) {
        lock.lock();
        try {
            if (!windows.contains(window)) {
                return;
            }
            confirmed.add(window);
            while (!windows.isEmpty() && confirmed.remove(windows.peekFirst())) {
                O offset = waiting.remove(windows.removeFirst());
                released = offset == null ? released : offset;
            }
            fewer.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The window was not published: no later offset is released in this run.
     *
     * @return false if its run is over
     */
    boolean failed(Window window) {
        lock.lock();
        try {
            if (!windows.remove(window)) {
                return false;
            }
            failed = true;
            waiting.clear();
            // those behind it, too, are only waited for
            windows.removeAll(confirmed);
            confirmed.clear();
            fewer.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean hasReleased() {
        lock.lock();
        try {
            return released != null;
        } finally {
            lock.unlock();
        }
    }

    /** The newest offset that is safe to store, once; empty if there is no newer one than the last time. */
    Optional<O> takeReleased() {
        lock.lock();
        try {
            O offset = released;
            released = null;
            return Optional.ofNullable(offset);
        } finally {
            lock.unlock();
        }
    }

    /** The last offset of this run, if all before it is confirmed. */
    Optional<O> latestIfAllConfirmed() {
        lock.lock();
        try {
            return windows.isEmpty() && !failed ? Optional.ofNullable(latest) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the run and forgets all that is in flight. */
    void clear() {
        lock.lock();
        try {
            run++;
            failed = false;
            latest = null;
            released = null;
            windows.clear();
            waiting.clear();
            confirmed.clear();
            fewer.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits while the limit is reached.
     *
     * @return whether there is room; false when the timeout passed
     */
    boolean awaitRoom(Duration timeout) throws InterruptedException {
        return await(() -> !isFull(), timeout);
    }

    /**
     * Waits until no window waits for its confirm.
     *
     * @return whether all were confirmed; false when the timeout passed, or one failed
     */
    boolean awaitEmpty(Duration timeout) throws InterruptedException {
        return await(windows::isEmpty, timeout) && !hasFailed();
    }

    private boolean hasFailed() {
        lock.lock();
        try {
            return failed;
        } finally {
            lock.unlock();
        }
    }

    private boolean await(BooleanSupplier condition, Duration timeout) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = timeout.toNanos();
            while (!condition.getAsBoolean()) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = fewer.awaitNanos(nanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Net changes in flight. */
    long rows() {
        lock.lock();
        try {
            return windows.stream().mapToLong(Window::rows).sum();
        } finally {
            lock.unlock();
        }
    }

    /** Roughly the heap that these take, in bytes. */
    long bytes() {
        lock.lock();
        try {
            return windows.stream().mapToLong(Window::weight).sum() + WINDOW_BYTES * windows.size();
        } finally {
            lock.unlock();
        }
    }

    /** The window that waits longest for its confirm. */
    Optional<Window> oldest() {
        lock.lock();
        try {
            return Optional.ofNullable(windows.peekFirst());
        } finally {
            lock.unlock();
        }
    }

    private boolean isFull() {
        long rows = 0;
        long bytes = WINDOW_BYTES * windows.size();
        for (Window window : windows) {
            rows += window.rows();
            bytes += window.weight();
        }
        return rows >= maxRows || bytes >= maxBytes;
    }
}

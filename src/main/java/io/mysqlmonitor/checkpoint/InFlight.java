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
import java.util.function.Consumer;

/**
 * The windows between capture and confirm, in the order of the binary log.
 *
 * <p>An offset is released once every window opened before it was reported is confirmed: it waits with the newest window, and
 * is released when that window and all older ones are. Windows may be confirmed in any order.
 *
 * <p>Thread-safe.
 *
 * @param <O> a place in the binary log
 */
final class InFlight<O> {

    private final int maxRows;
    private final long maxBytes;
    private final Consumer<O> released;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition fewer = lock.newCondition();

    // guarded by lock
    private final Deque<Window> windows = new ArrayDeque<>();
    private final Map<Window, O> waiting = new HashMap<>();
    private final Set<Window> confirmed = new HashSet<>();

    /**
     * @param maxRows rows in flight at which capture has to wait
     * @param maxBytes heap taken by rows in flight at which capture has to wait
     * @param released takes each offset that is safe to store; called under this object's lock, in order
     */
    InFlight(int maxRows, long maxBytes, Consumer<O> released) {
        this.maxRows = maxRows;
        this.maxBytes = maxBytes;
        this.released = released;
    }

    void opened(Window window) {
        lock.lock();
        try {
            windows.addLast(window);
        } finally {
            lock.unlock();
        }
    }

    /** The engine has handed over everything up to {@code offset}; to be called on the thread that fills the windows. */
    void captured(O offset) {
        lock.lock();
        try {
            Window newest = windows.peekLast();
            if (newest == null) {
                released.accept(offset);
            } else {
                waiting.put(newest, offset);
            }
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
            O latest = null;
            while (!windows.isEmpty() && confirmed.remove(windows.peekFirst())) {
                O offset = waiting.remove(windows.removeFirst());
                latest = offset == null ? latest : offset;
            }
            if (latest != null) {
                released.accept(latest);
            }
            fewer.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets all that is in flight: capture is going to read it again. */
    void clear() {
        lock.lock();
        try {
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
     * Waits until every window is confirmed.
     *
     * @return whether that is so; false when the timeout passed
     */
    boolean awaitEmpty(Duration timeout) throws InterruptedException {
        return await(windows::isEmpty, timeout);
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
            return windows.stream().mapToLong(Window::weight).sum();
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
        long bytes = 0;
        for (Window window : windows) {
            rows += window.rows();
            bytes += window.weight();
        }
        return rows >= maxRows || bytes >= maxBytes;
    }
}

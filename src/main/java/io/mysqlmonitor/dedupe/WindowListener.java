package io.mysqlmonitor.dedupe;

import io.mysqlmonitor.change.Change;

/** Follows each window from its first change until the broker has confirmed it. */
public interface WindowListener {

    /** Whether the change may have been published before a restart; called on the capture thread, in order. */
    boolean isReplayed(Change change);

    /** A window begins; called before its first change is added, on the capture thread. */
    void opened(Window window);

    /** Every message of the window is confirmed by the broker, which has said so by the window's {@link io.mysqlmonitor.change.Confirmation}. */
    void confirmed(Window window);

    /** The window left the route unpublished; whatever comes after it must not be taken as done. */
    void failed(Window window, Throwable cause);

    /** Messages that wait to be published or confirmed. */
    long inFlight();
}

package io.mysqlmonitor.binlog;

import java.io.EOFException;

/**
 * Capture ends before an event that cannot be read.
 *
 * <p>It is an end of the stream to the binlog client, which would report any other exception and hand on the next event.
 */
public final class UnreadableEventException extends EOFException {

    private static final long serialVersionUID = 1L;

    public UnreadableEventException(UnreadableEvent event) {
        super(event.toString());
    }
}

package io.mysqlmonitor.server;

/** The place at which capture was told to begin is not one; the message says why, and what is. */
public final class StartRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    public StartRefusedException(String message) {
        super(message);
    }
}

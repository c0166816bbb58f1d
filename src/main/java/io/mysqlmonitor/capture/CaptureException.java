package io.mysqlmonitor.capture;

/** A record of the engine that the route could not take; ends the engine, which is then started again at the checkpoint. */
final class CaptureException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CaptureException(Throwable cause) {
        super(cause.toString(), cause);
    }
}

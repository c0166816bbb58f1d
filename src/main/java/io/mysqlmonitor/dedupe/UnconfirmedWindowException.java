package io.mysqlmonitor.dedupe;

/** A window whose exchange ended without an error, and without the confirm of what it holds. */
final class UnconfirmedWindowException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnconfirmedWindowException(Window window) {
        super("a " + window
                + " left the publish route without a confirm from the broker and does not count as published. In publish.camel.yaml "
                + "every window has to reach the step monitorConfirms, and no step may swallow its failure: look for onException with "
                + "handled or continued, doTry, filter, stop, wireTap and seda");
    }
}

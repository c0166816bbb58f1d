package io.mysqlmonitor.publish;

import io.mysqlmonitor.change.UnpublishableException;

/** A message is larger than the broker takes. */
final class MessageTooLargeException extends UnpublishableException {

    private static final long serialVersionUID = 1L;

    MessageTooLargeException(long bytes, long maxBytes) {
        super("the message has " + bytes + " bytes, more than monitor.message.max-bytes or the broker allows: "
                + maxBytes);
    }
}

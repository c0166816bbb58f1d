package io.mysqlmonitor.publish;

import java.io.IOException;

/** The broker did not confirm a message. */
final class UnconfirmedException extends IOException {

    private static final long serialVersionUID = 1L;

    UnconfirmedException(String problem) {
        super(problem);
    }
}

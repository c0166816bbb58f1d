package io.mysqlmonitor.publish;

import java.io.IOException;

/** Fewer messages went over the monitor's channel than the window has changes. */
final class MessagesMissingException extends IOException {

    private static final long serialVersionUID = 1L;

    MessagesMissingException(long sent, int messages) {
        super("only " + sent + " messages for the " + messages
                + " changes of a window were sent over the monitor's connection. In the route "
                + "mysql-monitor-send each change has to be sent, by the connection factory #monitorRabbitmq: take filter, doTry, threads "
                + "and other destinations out of it; what is not to be published is filtered in capture.camel.yaml");
    }
}

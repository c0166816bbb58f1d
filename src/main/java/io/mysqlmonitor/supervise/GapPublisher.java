package io.mysqlmonitor.supervise;

import io.mysqlmonitor.change.Confirmation;
import io.mysqlmonitor.change.Gap;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;

/** Publishes a {@link Gap} while capture is stopped and nothing else waits, and returns when it is confirmed. */
public final class GapPublisher {

    static final String SEND_URI = "direct:mysql-monitor-send";

    private final CamelContext context;

    public GapPublisher(CamelContext context) {
        this.context = context;
    }

    /**
     * @throws CamelExecutionException if the message could not be published, or nobody says that it is safe
     */
    public void publish(Gap gap) {
        Confirmation confirmation = new Confirmation(1, () -> true);
        ProducerTemplate producer = context.createProducerTemplate();
        try {
            Exchange sent = producer.send(SEND_URI, exchange -> {
                exchange.getMessage().setBody(List.of(gap));
                exchange.setProperty(Confirmation.PROPERTY, confirmation);
            });
            if (sent.getException() == null && !confirmation.isConfirmed()) {
                sent.setException(
                        new IllegalStateException(
                                "the broker's confirm is missing: a step of publish.camel.yaml swallowed an error or left the message out"));
            }
            if (sent.getException() != null) {
                throw new CamelExecutionException("The gap message was not published", sent, sent.getException());
            }
        } finally {
            producer.stop();
        }
    }
}

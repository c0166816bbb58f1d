package io.mysqlmonitor.publish;

import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.DeadLetter;
import io.mysqlmonitor.change.Undecided;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.springrabbit.SpringRabbitMQConstants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a {@link DeadLetter}, bound for the dead-letter RabbitMQ exchange, in the place of a change that cannot be published:
 * a value is not convertible, or the message is too large. The stream goes on; the dead letter is confirmed with its window.
 */
public final class DeadLetterProcessor implements Processor {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterProcessor.class);

    private final String destination;
    private volatile Consumer<Change> onDeadLetter = change -> {};

    /**
     * @param destination name of the RabbitMQ exchange for dead letters
     */
    public DeadLetterProcessor(String destination) {
        this.destination = destination;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        Change change = exchange.getProperty(MessagePropertiesProcessor.CHANGE, Change.class);
        if (change == null) {
            throw cause; // no change, and so a fault of the program
        }
        String reason = reason(cause);
        onDeadLetter.accept(change);
        LOG.error(
                "{} cannot be published: {}. Its keys and position are in {}; the stream goes on.",
                change,
                reason,
                destination);
        exchange.getMessage()
                .setBody(new DeadLetter(change instanceof Undecided undecided ? undecided.change() : change, reason));
        exchange.getMessage().setHeader("type", DeadLetter.WIRE_NAME);
        exchange.getMessage().setHeader(SpringRabbitMQConstants.TYPE, DeadLetter.WIRE_NAME);
        exchange.getMessage().setHeader(SpringRabbitMQConstants.EXCHANGE_OVERRIDE_NAME, destination);
        exchange.getMessage().removeHeader(SpringRabbitMQConstants.ROUTING_OVERRIDE_KEY);
    }

    /** Jackson adds the place in its source to a message, which nobody needs here. */
    private static String reason(Exception cause) {
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return message.lines().findFirst().orElse(message);
    }

    /** What to do with each change of which a dead letter is sent, again when its window is sent again; for figures. */
    public void onDeadLetter(Consumer<Change> listener) {
        onDeadLetter = listener;
    }
}

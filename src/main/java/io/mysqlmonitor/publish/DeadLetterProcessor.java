package io.mysqlmonitor.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.DeadLetter;
import io.mysqlmonitor.change.Undecided;
import io.mysqlmonitor.change.UnpublishableException;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.springrabbit.SpringRabbitMQConstants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a {@link DeadLetter}, bound for the dead-letter RabbitMQ exchange, in the place of a change that cannot be published:
 * a value is not convertible, or the message is too large. The stream goes on; the dead letter is confirmed with its window. Every other
 * failure is passed on, so that the window is sent again.
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
        if (change == null || !isAboutTheChange(cause)) {
            throw cause; // sent again with its window: another try, or a correction of the route, can help
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

    /** Not a full disk or a step that somebody added, which would make a dead letter of every change. */
    private static boolean isAboutTheChange(Exception cause) {
        return cause instanceof UnpublishableException || cause instanceof JsonProcessingException;
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

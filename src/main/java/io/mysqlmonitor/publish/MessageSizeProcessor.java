package io.mysqlmonitor.publish;

import java.io.IOException;
import java.io.InputStream;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Makes the body the bytes of the message, and fails an exchange with more of them than the broker takes. */
public final class MessageSizeProcessor implements Processor {

    private final MessageLimit limit;

    /**
     * @param broker knows the limit
     */
    public MessageSizeProcessor(Broker broker) {
        this.limit = broker.messageLimit();
    }

    @Override
    public void process(Exchange exchange) throws IOException {
        // Camel's stream cache in memory, which its converters would read through another buffer, here and at the
        // endpoint.
        byte[] body = exchange.getMessage().getBody() instanceof InputStream stream
                ? stream.readAllBytes()
                : exchange.getMessage().getBody(byte[].class);
        exchange.getMessage().setBody(body);
        if (body.length > limit.bytes()) {
            throw new MessageTooLargeException(body.length, limit.bytes());
        }
    }
}

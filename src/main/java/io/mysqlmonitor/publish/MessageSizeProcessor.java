package io.mysqlmonitor.publish;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Fails an exchange whose body, the bytes of a message, is larger than the broker takes. */
public final class MessageSizeProcessor implements Processor {

    private final Broker broker;

    /**
     * @param broker knows the limit
     */
    public MessageSizeProcessor(Broker broker) {
        this.broker = broker;
    }

    @Override
    public void process(Exchange exchange) {
        byte[] body = exchange.getMessage().getBody(byte[].class);
        if (body.length > broker.maxMessageBytes()) {
            throw new MessageTooLargeException(body.length, broker.maxMessageBytes());
        }
    }
}

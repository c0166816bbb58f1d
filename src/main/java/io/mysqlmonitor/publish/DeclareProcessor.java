package io.mysqlmonitor.publish;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.springrabbit.SpringRabbitMQConstants;

/**
 * Declares the RabbitMQ exchange that a message is addressed to, the first time on each connection: one that is not there would close
 * the channel. Left out of the route where the name is the same for every message, or nothing is to be declared.
 */
public final class DeclareProcessor implements Processor {

    private final Broker broker;

    /**
     * @param broker where to declare
     */
    public DeclareProcessor(Broker broker) {
        this.broker = broker;
    }

    @Override
    public void process(Exchange exchange) {
        String name = exchange.getMessage().getHeader(SpringRabbitMQConstants.EXCHANGE_OVERRIDE_NAME, String.class);
        broker.topology().declareOnce(name);
    }
}

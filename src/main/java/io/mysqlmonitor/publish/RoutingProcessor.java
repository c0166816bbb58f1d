package io.mysqlmonitor.publish;

import io.mysqlmonitor.change.UnpublishableException;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.springrabbit.SpringRabbitMQConstants;

/**
 * Addresses each message by itself: fills the templates of the RabbitMQ exchange and of the routing key. Fails an exchange whose
 * message has a name or a key that the broker cannot take, so that it becomes a dead letter.
 *
 * <p>For a body that is not JSON yet. Left out of the route where both are the same for every message.
 */
public final class RoutingProcessor implements Processor {

    /** Keeps the routing key for steps that follow the first endpoint: its producer takes the headers off the message. */
    static final String ROUTING_KEY = "MysqlMonitorRoutingKey";

    private final RoutingTemplate exchange;
    private final RoutingTemplate routingKey;
    private final int maxNameBytes;

    /**
     * @param settings with the templates
     */
    public RoutingProcessor(RabbitmqSettings settings) {
        this.exchange = settings.exchange();
        this.routingKey = settings.routingKey();
        this.maxNameBytes = RoutingTemplate.MAX_BYTES - settings.longestSuffix();
    }

    @Override
    public void process(Exchange camelExchange) throws UnpublishableException {
        Message message = camelExchange.getMessage();
        String name = exchange.fill(message.getHeaders(), message.getBody());
        if (RoutingTemplate.bytes(name) > maxNameBytes) {
            throw refusal("rabbitmq.exchange", exchange, "more than " + maxNameBytes + " bytes");
        }
        if (!exchange.isConstant() && RabbitmqSettings.isReserved(name)) {
            throw refusal("rabbitmq.exchange", exchange, "a reserved name");
        }
        String key = routingKey.fill(message.getHeaders(), message.getBody());
        if (RoutingTemplate.bytes(key) > RoutingTemplate.MAX_BYTES) {
            throw refusal("rabbitmq.routing-key", routingKey, "more than " + RoutingTemplate.MAX_BYTES + " bytes");
        }
        message.setHeader(SpringRabbitMQConstants.EXCHANGE_OVERRIDE_NAME, name);
        message.setHeader(SpringRabbitMQConstants.ROUTING_OVERRIDE_KEY, key);
        camelExchange.setProperty(ROUTING_KEY, key);
    }

    /** Without the text itself, which may hold values of the row. */
    private static UnpublishableException refusal(String property, RoutingTemplate template, String problem) {
        return new UnpublishableException(property + "=" + template + " gives " + problem);
    }
}

package io.mysqlmonitor.publish;

import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.ExchangeBuilder;
import org.springframework.amqp.core.FanoutExchange;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;

/**
 * The RabbitMQ exchanges and queues that the monitor declares (durable): those that it publishes to, their alternate exchanges, and the
 * one for dead letters. All are declared again on every new connection, so that a broker that lost them gets them back.
 *
 * <p>Thread-safe.
 */
final class Topology {

    /** Names of exchanges to remember as declared: then each is declared once more. */
    private static final int MAX_REMEMBERED = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(Topology.class);

    private final RabbitmqSettings settings;
    private final RabbitAdmin admin;

    /** Exchanges declared on the present connection because a message was bound for them; a concurrent set. */
    private final Set<String> declared = ConcurrentHashMap.newKeySet();

    /**
     * @param settings what to declare
     * @param connectionFactory opens the connection to declare on
     */
    Topology(RabbitmqSettings settings, ConnectionFactory connectionFactory) {
        this.settings = settings;
        this.admin = new RabbitAdmin(connectionFactory);
    }

    /**
     * Declares what is known before the first message, if the settings say so.
     *
     * @throws AmqpException if the broker refuses, or if the alternate exchange that somebody else declares is not there
     */
    void onNewConnection(Connection connection) {
        declared.clear();
        if (!settings.declare()) {
            checkDeadLetter(connection);
            return;
        }
        declareWithQueue(settings.deadLetter(), QueueBuilder.durable(settings.deadLetter()));
        if (!settings.alternateExchange().isEmpty()) {
            admin.getRabbitTemplate().execute(channel -> channel.exchangeDeclarePassive(settings.alternateExchange()));
        }
        if (settings.exchange().isConstant()) {
            declare(settings.exchange().toString());
        }
    }

    /** Warns now, and not when the first dead letter comes and blocks the stream, that there is no exchange for it. */
    private void checkDeadLetter(Connection connection) {
        Channel channel = connection.createChannel(false);
        try {
            channel.exchangeDeclarePassive(settings.deadLetter());
            channel.close();
        } catch (IOException | TimeoutException e) { // which has closed the channel
            LOG.warn(
                    "There is no RabbitMQ exchange {} for dead letters (monitor.dead-letter), and rabbitmq.declare=false: the first change that "
                            + "cannot be published would stop the stream. Declare the exchange, with a queue.",
                    settings.deadLetter());
            LOG.debug("Not there", e);
        }
    }

    /**
     * Declares the RabbitMQ exchange as configured, on the channel of this thread, unless that was done on this connection. One that
     * is deleted meanwhile closes the channel, and is declared again on the connection that follows.
     *
     * @throws AmqpException if the broker cannot be reached or refuses
     */
    void declareOnce(String exchange) {
        if (exchange.equals(settings.deadLetter()) || declared.contains(exchange)) {
            return;
        }
        declare(exchange);
        if (declared.size() >= MAX_REMEMBERED) {
            declared.clear();
        }
        declared.add(exchange);
    }

    private void declare(String name) {
        ExchangeBuilder exchange = new ExchangeBuilder(name, settings.exchangeType())
                .durable(true)
                .withArguments(settings.exchangeArguments());
        String alternate = settings.alternateExchange();
        if (!settings.unroutable().equals("drop")) {
            alternate = name + RabbitmqSettings.UNROUTABLE;
            declareWithQueue(alternate, queueOfUnroutable(alternate));
        }
        if (!alternate.isEmpty()) {
            exchange.alternate(alternate);
        }
        admin.declareExchange(exchange.build());
    }

    private QueueBuilder queueOfUnroutable(String alternate) {
        return settings.unroutable().equals("park")
                ? QueueBuilder.durable(alternate)
                // A queue that accepts nothing, so that the broker refuses the message (nack).
                : QueueBuilder.durable(alternate + RabbitmqSettings.REFUSED)
                        .maxLength(0)
                        .overflow(QueueBuilder.Overflow.rejectPublish);
    }

    private void declareWithQueue(String exchange, QueueBuilder builder) {
        FanoutExchange fanout =
                ExchangeBuilder.fanoutExchange(exchange).durable(true).build();
        Queue queue = builder.build();
        admin.declareExchange(fanout);
        admin.declareQueue(queue);
        admin.declareBinding(BindingBuilder.bind(queue).to(fanout));
    }
}

package io.mysqlmonitor.publish;

import com.rabbitmq.client.Channel;
import java.security.GeneralSecurityException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.BindingBuilder;
import org.springframework.amqp.core.ExchangeBuilder;
import org.springframework.amqp.core.FanoutExchange;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.core.QueueBuilder;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionListener;
import org.springframework.amqp.rabbit.connection.ThreadChannelConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;

/**
 * The connection to RabbitMQ: one channel per publishing thread, and the RabbitMQ exchanges declared (durable) on every
 * new connection, so that a broker that lost them gets them back.
 */
public final class Broker implements AutoCloseable {

    private static final int HEARTBEAT_SECONDS = 10;
    private static final int CONNECT_MILLIS = 10_000;
    private static final Pattern SIZE_LIMIT = Pattern.compile("larger than configured max size (\\d+)");

    private final RabbitmqSettings settings;
    private final ThreadChannelConnectionFactory connectionFactory;
    private volatile long maxMessageBytes;

    /**
     * @param settings how to reach it
     * @param connectionName shown by the broker's tools
     */
    public Broker(RabbitmqSettings settings, String connectionName) {
        this.settings = settings;
        this.maxMessageBytes = settings.maxMessageBytes();
        com.rabbitmq.client.ConnectionFactory rabbit = new com.rabbitmq.client.ConnectionFactory();
        rabbit.setUsername(settings.user());
        rabbit.setPassword(settings.password());
        rabbit.setVirtualHost(settings.virtualHost());
        rabbit.setRequestedHeartbeat(HEARTBEAT_SECONDS);
        rabbit.setConnectionTimeout(CONNECT_MILLIS);
        rabbit.setAutomaticRecoveryEnabled(false); // Spring opens a new connection by itself
        if (settings.tls()) {
            try {
                rabbit.useSslProtocol(javax.net.ssl.SSLContext.getDefault());
                rabbit.enableHostnameVerification();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("TLS to RabbitMQ is not possible with this JVM: " + e.getMessage(), e);
            }
        }
        this.connectionFactory = new ThreadChannelConnectionFactory(rabbit);
        // A RabbitTemplate takes a factory's publisher connection, and so another channel, where
        // camel-spring-rabbitmq's endpoint
        // takes its own: confirms would be awaited on a channel on which nothing was sent. Without one all share one
        // connection.
        connectionFactory.setPublisherConnectionFactory(null);
        connectionFactory.setAddresses(settings.addresses());
        connectionFactory.setConnectionNameStrategy(factory -> connectionName);
        if (settings.declare()) {
            connectionFactory.addConnectionListener(new ConnectionListener() {
                @Override
                public void onCreate(Connection connection) {
                    declareExchanges();
                }
            });
        }
    }

    private void declareExchanges() {
        RabbitAdmin admin = new RabbitAdmin(connectionFactory);
        declareWithQueue(admin, settings.deadLetter(), QueueBuilder.durable(settings.deadLetter()));
        ExchangeBuilder exchange = new ExchangeBuilder(settings.exchange(), settings.exchangeType()).durable(true);
        if (!settings.unroutable().equals("drop")) {
            String alternate = settings.exchange() + ".unroutable";
            if (settings.unroutable().equals("park")) {
                declareWithQueue(admin, alternate, QueueBuilder.durable(alternate));
            } else {
                // A queue that takes nothing, so that the broker refuses the message (nack).
                declareWithQueue(
                        admin,
                        alternate,
                        QueueBuilder.durable(alternate + ".refused")
                                .maxLength(0)
                                .overflow(QueueBuilder.Overflow.rejectPublish));
            }
            exchange.alternate(alternate);
        }
        admin.declareExchange(exchange.build());
    }

    private static void declareWithQueue(RabbitAdmin admin, String exchange, QueueBuilder queue) {
        FanoutExchange fanout =
                ExchangeBuilder.fanoutExchange(exchange).durable(true).build();
        admin.declareExchange(fanout);
        Queue declared = queue.build();
        admin.declareQueue(declared);
        admin.declareBinding(BindingBuilder.bind(declared).to(fanout));
    }

    /** Size of the largest message body that the broker takes, as far as it is known. */
    long maxMessageBytes() {
        return maxMessageBytes;
    }

    /** Takes the broker's own limit out of its refusal of a message that was larger. */
    void learnFrom(Throwable refusal) {
        for (Throwable e = refusal; e != null; e = e.getCause()) {
            Matcher limit = SIZE_LIMIT.matcher(String.valueOf(e.getMessage()));
            if (limit.find()) {
                maxMessageBytes = Long.parseLong(limit.group(1));
            }
        }
    }

    /** The connection factory for the routes' RabbitMQ endpoint. */
    public ThreadChannelConnectionFactory connectionFactory() {
        return connectionFactory;
    }

    /**
     * Opens the connection if it is not open.
     *
     * @throws AmqpException if the broker cannot be reached, refuses the user or the exchange
     */
    public void connect() {
        try {
            new RabbitTemplate(connectionFactory).execute(Channel::isOpen);
        } catch (AmqpException e) {
            reset(); // a connection on which the exchanges could not be declared stays open, and would not declare them
            // again
            throw e;
        }
    }

    /** Gives up the connection, so that the next use opens a new one and declares the RabbitMQ exchange again. */
    void reset() {
        connectionFactory.resetConnection();
    }

    /** One line for people: what is wrong and what to do about it. */
    public String explain(AmqpException e) {
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String cause = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        boolean refused = cause.contains("ACCESS_REFUSED") || cause.contains("Authentication");
        String remedy = refused
                ? "check rabbitmq.user, rabbitmq.password and the user's permissions"
                : cause.contains("PRECONDITION_FAILED")
                        ? "check rabbitmq.exchange-type and rabbitmq.unroutable, delete the exchange, or set rabbitmq.declare=false"
                        : "check rabbitmq.addresses and that the broker runs";
        return settings + " is not available: " + cause.replaceAll("\\s+", " ") + "; " + remedy;
    }

    @Override
    public void close() {
        connectionFactory.destroy();
    }
}

package io.mysqlmonitor.publish;

import com.rabbitmq.client.Channel;
import java.security.GeneralSecurityException;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.core.ExchangeBuilder;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionListener;
import org.springframework.amqp.rabbit.connection.ThreadChannelConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.core.RabbitTemplate;

/**
 * The connection to RabbitMQ: one channel per publishing thread, and the RabbitMQ exchange declared (durable) on every new
 * connection, so that a broker that lost it gets it back.
 */
public final class Broker implements AutoCloseable {

    private static final int HEARTBEAT_SECONDS = 10;
    private static final int CONNECT_MILLIS = 10_000;

    private final RabbitmqSettings settings;
    private final ThreadChannelConnectionFactory connectionFactory;

    /**
     * @param settings how to reach it
     * @param connectionName shown by the broker's tools
     */
    public Broker(RabbitmqSettings settings, String connectionName) {
        this.settings = settings;
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
                    declareExchange();
                }
            });
        }
    }

    private void declareExchange() {
        new RabbitAdmin(connectionFactory)
                .declareExchange(new ExchangeBuilder(settings.exchange(), settings.exchangeType())
                        .durable(true)
                        .build());
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
        new RabbitTemplate(connectionFactory).execute(Channel::isOpen);
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
                        ? "check rabbitmq.exchange-type, or set rabbitmq.declare=false"
                        : "check rabbitmq.addresses and that the broker runs";
        return settings + " is not available: " + cause.replaceAll("\\s+", " ") + "; " + remedy;
    }

    @Override
    public void close() {
        connectionFactory.destroy();
    }
}

package io.mysqlmonitor.publish;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.rabbit.connection.ThreadChannelConnectionFactory;

/**
 * RabbitMQ as the monitor sees it: the {@link BrokerConnection}, the {@link Topology} declared on it, and what its failures mean.
 *
 * <p>Thread-safe.
 */
public final class Broker implements AutoCloseable {

    private final RabbitmqSettings settings;
    private final BrokerConnection connection;
    private final Topology topology;
    private final MessageLimit messageLimit;

    /**
     * Does not connect yet.
     *
     * @param settings how to reach it
     * @param connectionName shown by the broker's tools
     * @param clock measures how long the connection is blocked
     */
    public Broker(RabbitmqSettings settings, String connectionName, Clock clock) {
        this(settings, connectionName, clock, new CorkableConnectionFactory());
    }

    /**
     * @param rabbit opens connections
     */
    Broker(RabbitmqSettings settings, String connectionName, Clock clock, CorkableConnectionFactory rabbit) {
        this.settings = settings;
        this.connection = new BrokerConnection(settings, connectionName, clock, rabbit);
        this.topology = new Topology(settings, connection.connectionFactory());
        this.messageLimit = new MessageLimit(settings.maxMessageBytes());
        connection.declare(topology);
    }

    RabbitmqSettings settings() {
        return settings;
    }

    BrokerConnection connection() {
        return connection;
    }

    Topology topology() {
        return topology;
    }

    MessageLimit messageLimit() {
        return messageLimit;
    }

    /** The connection factory for the routes' RabbitMQ endpoint. */
    public ThreadChannelConnectionFactory connectionFactory() {
        return connection.connectionFactory();
    }

    /** Whether the URI is that of an endpoint with the monitor's connection factory. */
    public static boolean isEndpoint(String uri) {
        return BrokerEndpoint.isOwn(uri);
    }

    /**
     * The endpoint for such a URI, on this connection, by a component of its own.
     *
     * @param uri with placeholders as in the route file
     */
    public Endpoint endpoint(CamelContext context, String uri) throws Exception {
        return BrokerEndpoint.create(context, uri, connectionFactory());
    }

    /**
     * Opens the connection if it is not open.
     *
     * @throws AmqpException if the broker cannot be reached, or refuses the user or a declaration
     */
    public void connect() {
        connection.connect();
    }

    /** Whether there is a connection. */
    public boolean isConnected() {
        return connection.isOpen();
    }

    /** Since when the broker has blocked the connection; empty if it has not. */
    public Optional<Instant> blockedSince() {
        return connection.blocked().since();
    }

    /** What the broker gave as the reason for that. */
    public String blockedReason() {
        return connection.blocked().reason();
    }

    /** For how long the broker has blocked connections in all. */
    public Duration blockedTime() {
        return connection.blocked().time();
    }

    /** One line for operators: what is wrong and what to do about it. */
    public String explain(Exception e) {
        return BrokerProblem.explain(e, settings);
    }

    @Override
    public void close() {
        connection.close();
    }

    @Override
    public String toString() {
        return settings.toString();
    }
}

package io.mysqlmonitor.publish;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Clock;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.rabbit.connection.ChannelProxy;
import org.springframework.amqp.rabbit.connection.Connection;
import org.springframework.amqp.rabbit.connection.ConnectionListener;
import org.springframework.amqp.rabbit.connection.ThreadChannelConnectionFactory;
import org.springframework.amqp.rabbit.core.ChannelCallback;
import org.springframework.amqp.rabbit.core.RabbitTemplate;

/**
 * The one connection to RabbitMQ, with one channel per publishing thread. It is opened by its first use and, once it is lost or
 * {@link #reset}, by the next; each new one is given to the {@link Topology}.
 *
 * <p>Thread-safe.
 */
final class BrokerConnection implements AutoCloseable {

    private static final int HEARTBEAT_SECONDS = 10;
    private static final int CONNECT_MILLIS = 10_000;

    private final CorkableConnectionFactory rabbit;
    private final ThreadChannelConnectionFactory connectionFactory;
    private final RabbitTemplate template;
    private final BlockedConnection blocked;

    private volatile boolean open; // written by the listener below, on the thread that opens or loses the connection

    /**
     * @param settings how to reach the broker
     * @param name shown by the broker's tools
     * @param clock measures how long the connection is blocked
     * @param rabbit opens connections; it is configured here
     */
    BrokerConnection(RabbitmqSettings settings, String name, Clock clock, CorkableConnectionFactory rabbit) {
        this.rabbit = rabbit;
        this.blocked = new BlockedConnection(settings.toString(), clock);
        rabbit.setUsername(settings.user());
        rabbit.setPassword(settings.password());
        rabbit.setVirtualHost(settings.virtualHost());
        rabbit.setRequestedHeartbeat(HEARTBEAT_SECONDS);
        rabbit.setConnectionTimeout(CONNECT_MILLIS);
        rabbit.setAutomaticRecoveryEnabled(false); // Spring opens a new connection by itself
        if (settings.tls() != null) {
            rabbit.useSslProtocol(settings.tls());
            rabbit.enableHostnameVerification();
        }
        this.connectionFactory = new ThreadChannelConnectionFactory(rabbit);
        // A RabbitTemplate takes a factory's publisher connection, and so another channel, where
        // camel-spring-rabbitmq's
        // endpoint takes its own: confirms would be awaited on a channel on which nothing was sent. Without one all
        // share
        // one connection.
        connectionFactory.setPublisherConnectionFactory(null);
        connectionFactory.setAddresses(settings.addresses());
        connectionFactory.setConnectionNameStrategy(factory -> name);
        this.template = new RabbitTemplate(connectionFactory);
    }

    /** Has the topology declared on each connection that is opened from now on. */
    void declare(Topology topology) {
        connectionFactory.addConnectionListener(new ConnectionListener() {
            @Override
            public void onCreate(Connection connection) {
                open = true;
                connection.addBlockedListener(blocked);
                topology.onNewConnection(connection);
            }

            @Override
            public void onClose(Connection connection) {
                lost();
            }

            @Override
            public void onShutDown(ShutdownSignalException signal) {
                lost();
            }

            private void lost() {
                open = false;
                blocked.handleUnblocked();
            }
        });
    }

    /**
     * Opens the connection if it is not open.
     *
     * @throws AmqpException if the broker cannot be reached, or refuses the user or a declaration
     */
    void connect() {
        try {
            template.execute(Channel::isOpen);
        } catch (AmqpException e) {
            // A connection on which the exchanges could not be declared stays open, and would not declare them again.
            reset();
            throw e;
        }
    }

    boolean isOpen() {
        return open;
    }

    /** Closes the connection, so that the next use opens a new one and declares the exchanges again. */
    void reset() {
        connectionFactory.resetConnection();
    }

    /**
     * Calls with the channel of this thread, which is opened, with the connection, if it is not.
     *
     * @throws AmqpException if it cannot be opened, or if the callback fails because of the broker
     */
    <T> T onChannel(ChannelCallback<T> callback) {
        return template.execute(channel -> callback.doInRabbit(target(channel)));
    }

    private static Channel target(Channel channel) {
        return channel instanceof ChannelProxy proxy ? proxy.getTargetChannel() : channel;
    }

    /** Holds back what this thread publishes, to write it to the socket in fewer pieces, until {@link #uncork}. */
    void cork() {
        rabbit.cork();
    }

    /** Ends {@link #cork}; what is held back is written by the next {@link #flush}. */
    void uncork() {
        rabbit.uncork();
    }

    /** Writes to the socket what was published on the channel and held back. */
    void flush(Channel channel) throws IOException {
        rabbit.flush(channel);
    }

    BlockedConnection blocked() {
        return blocked;
    }

    ThreadChannelConnectionFactory connectionFactory() {
        return connectionFactory;
    }

    @Override
    public void close() {
        connectionFactory.destroy();
    }
}

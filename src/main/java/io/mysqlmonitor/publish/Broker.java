package io.mysqlmonitor.publish;

import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.springrabbit.SpringRabbitMQComponent;
import org.apache.camel.support.EndpointHelper;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.util.ObjectHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
import org.springframework.core.NestedExceptionUtils;

/**
 * The connection to RabbitMQ: one channel per publishing thread, and the RabbitMQ exchanges declared (durable) on every
 * new connection, so that a broker that lost them gets them back.
 */
public final class Broker implements AutoCloseable {

    private static final int HEARTBEAT_SECONDS = 10;
    private static final int CONNECT_MILLIS = 10_000;
    /** Names of exchanges to remember as declared: then each is declared once more. */
    private static final int MAX_REMEMBERED = 10_000;

    private static final Pattern SIZE_LIMIT = Pattern.compile("larger than configured max size (\\d+)");

    private static final Pattern OWN_ENDPOINT = Pattern.compile(
            "(^spring-rabbitmq:.*(?<!\\{)[?&])connectionFactory=(?:#|%23)(?:bean:|bean%3A)?monitorRabbitmq(?:&|$)(.*)");

    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);

    private final RabbitmqSettings settings;
    private final Clock clock;
    private final CorkableConnectionFactory rabbit = new CorkableConnectionFactory();
    private final ThreadChannelConnectionFactory connectionFactory;
    private final Blocked blocked = new Blocked();
    private volatile long maxMessageBytes;
    private volatile boolean connected;
    private final Set<String> declared =
            ConcurrentHashMap.newKeySet(); // on this connection, because a message was bound for them

    /** What the broker said last of a memory or disk alarm: while there is one it reads nothing that is sent to it. */
    private final class Blocked implements BlockedListener {

        private volatile Instant since;
        private volatile String reason = "";
        private volatile Duration before = Duration.ZERO;

        @Override
        public void handleBlocked(String why) {
            if (since == null) {
                since = clock.instant();
                reason = why;
                LOG.warn(
                        "{} has blocked the connection: {}. Publishing waits until it has not; free its memory or disk.",
                        settings,
                        why);
            }
        }

        @Override
        public synchronized void handleUnblocked() {
            Instant begin = since;
            if (begin != null) {
                Duration time = Duration.between(begin, clock.instant());
                before = before.plus(time);
                since = null;
                LOG.info("{} blocks the connection no more, after {} s", settings, time.toSeconds());
            }
        }

        Duration time() {
            Instant begin = since;
            return begin == null ? before : before.plus(Duration.between(begin, clock.instant()));
        }
    }

    /**
     * @param settings how to reach it
     * @param connectionName shown by the broker's tools
     * @param clock measures how long the connection is blocked
     */
    public Broker(RabbitmqSettings settings, String connectionName, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.maxMessageBytes = settings.maxMessageBytes();
        rabbit.setUsername(settings.user());
        rabbit.setPassword(settings.password());
        rabbit.setVirtualHost(settings.virtualHost());
        rabbit.setRequestedHeartbeat(HEARTBEAT_SECONDS);
        rabbit.setConnectionTimeout(CONNECT_MILLIS);
        rabbit.setAutomaticRecoveryEnabled(false); // Spring opens a new connection by itself
        if (settings.tls()) {
            try {
                rabbit.useSslProtocol(tlsContext(settings.trusted()));
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
        connectionFactory.addConnectionListener(new ConnectionListener() {
            @Override
            public void onCreate(Connection connection) {
                connected = true;
                declared.clear();
                connection.addBlockedListener(blocked);
                if (settings.declare()) {
                    declareExchanges();
                } else {
                    lookForDeadLetters(connection);
                }
            }

            @Override
            public void onClose(Connection connection) {
                connected = false;
                blocked.handleUnblocked();
            }

            @Override
            public void onShutDown(ShutdownSignalException signal) {
                connected = false;
                blocked.handleUnblocked();
            }
        });
    }

    private static SSLContext tlsContext(KeyStore trusted) throws GeneralSecurityException {
        if (trusted == null) {
            return SSLContext.getDefault();
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    /** Says now, and not when the first dead letter comes and blocks the stream, that there is no place for it. */
    private void lookForDeadLetters(Connection connection) {
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

    private void declareExchanges() {
        RabbitAdmin admin = new RabbitAdmin(connectionFactory);
        declareWithQueue(admin, settings.deadLetter(), QueueBuilder.durable(settings.deadLetter()));
        if (!settings.alternateExchange().isEmpty()) {
            admin.getRabbitTemplate().execute(channel -> channel.exchangeDeclarePassive(settings.alternateExchange()));
        }
        if (settings.exchange().isConstant()) {
            declare(admin, settings.exchange().toString());
        }
    }

    /**
     * Declares the RabbitMQ exchange as configured, on the channel of this thread, unless that was done on this connection. One that
     * is deleted meanwhile closes the channel, and is declared again on the connection that follows.
     *
     * @throws AmqpException if the broker cannot be reached or refuses
     */
    public void declareOnce(String exchange) {
        if (exchange.equals(settings.deadLetter()) || declared.contains(exchange)) {
            return;
        }
        declare(new RabbitAdmin(connectionFactory), exchange);
        if (declared.size() >= MAX_REMEMBERED) {
            declared.clear();
        }
        declared.add(exchange);
    }

    private void declare(RabbitAdmin admin, String name) {
        ExchangeBuilder exchange = new ExchangeBuilder(name, settings.exchangeType())
                .durable(true)
                .withArguments(settings.exchangeArguments());
        String alternate = settings.alternateExchange();
        if (!settings.unroutable().equals("drop")) {
            alternate = name + RabbitmqSettings.UNROUTABLE;
            if (settings.unroutable().equals("park")) {
                declareWithQueue(admin, alternate, QueueBuilder.durable(alternate));
            } else {
                // A queue that takes nothing, so that the broker refuses the message (nack).
                declareWithQueue(
                        admin,
                        alternate,
                        QueueBuilder.durable(alternate + RabbitmqSettings.REFUSED)
                                .maxLength(0)
                                .overflow(QueueBuilder.Overflow.rejectPublish));
            }
        }
        if (!alternate.isEmpty()) {
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

    /** Holds back what this thread publishes, to write it to the socket in fewer pieces, until {@link #uncork}. */
    void cork() {
        rabbit.cork();
    }

    /** Ends {@link #cork}; what is held back is written with the next flush. */
    void uncork() {
        rabbit.uncork();
    }

    /** The connection factory for the routes' RabbitMQ endpoint. */
    public ThreadChannelConnectionFactory connectionFactory() {
        return connectionFactory;
    }

    /** Whether the URI is that of an endpoint with the monitor's connection factory. */
    public static boolean isEndpoint(String uri) {
        return OWN_ENDPOINT.matcher(String.valueOf(uri)).find();
    }

    /**
     * The endpoint for such a URI, on this connection, by a component of its own.
     *
     * @param uri with placeholders as in the route file
     */
    public Endpoint endpoint(CamelContext context, String uri) throws Exception {
        SpringRabbitMQComponent component = new SpringRabbitMQComponent();
        component.setCamelContext(context);
        component.setConnectionFactory(connectionFactory);
        ServiceHelper.startService(component);
        Matcher own = OWN_ENDPOINT.matcher(uri);
        String others = own.replaceFirst("$1$2").replaceFirst("[?&]$", "");
        String resolved = EndpointHelper.resolveEndpointUriPropertyPlaceholders(context, others);
        return component.createEndpoint(EndpointHelper.normalizeEndpointUri(resolved));
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

    /** Whether there is a connection. */
    public boolean isConnected() {
        return connected;
    }

    /** Since when the broker has blocked the connection; empty if it has not. */
    public Optional<Instant> blockedSince() {
        return Optional.ofNullable(blocked.since);
    }

    /** What the broker gave as the reason for that. */
    public String blockedReason() {
        return blocked.reason;
    }

    /** For how long the broker has blocked connections in all. */
    public Duration blockedTime() {
        return blocked.time();
    }

    /** Gives up the connection, so that the next use opens a new one and declares the RabbitMQ exchange again. */
    void reset() {
        connectionFactory.resetConnection();
    }

    /** Whether it is the broker, or the way to it, that failed. */
    boolean isCauseOf(Throwable failure) {
        return Stream.of(AmqpException.class, ShutdownSignalException.class, UnconfirmedException.class)
                .anyMatch(cause -> ObjectHelper.getException(cause, failure) != null);
    }

    /** One line for people: what is wrong and what to do about it. */
    public String explain(Exception e) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(e);
        String cause = (root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage())
                .replaceAll("\\s+", " ");
        String remedy;
        if (cause.contains("ACCESS_REFUSED") || cause.contains("Authentication")) {
            remedy = "check rabbitmq.user, rabbitmq.password and the user's permissions";
        } else if (SIZE_LIMIT.matcher(cause).find()) {
            remedy = "the message goes to the dead letters";
        } else if (cause.contains("unknown exchange type")) {
            remedy = "correct rabbitmq.exchange-type, or enable the broker's plugin for it";
        } else if (cause.contains("PRECONDITION_FAILED")) {
            remedy =
                    "check rabbitmq.exchange-type, rabbitmq.exchange-arguments, rabbitmq.unroutable and rabbitmq.alternate-exchange, "
                            + "delete the exchange, or set rabbitmq.declare=false";
        } else if (cause.contains("reply-code=404")) {
            remedy = settings.declare()
                    ? "declare the exchange that a step of the routes names; the monitor declares those of its own properties alone"
                    : "declare the exchange, or set rabbitmq.declare=true";
        } else if (cause.contains("PKIX path")
                || cause.contains("certification path")
                || cause.contains("trust anchors")) {
            remedy = "name the file with the certificate of its authority in rabbitmq.ssl-ca";
        } else if (cause.contains("No subject alternative")) {
            remedy = "use a name in its certificate in rabbitmq.addresses";
        } else if (cause.contains("nack")) {
            remedy = "make room in a full queue, or bind one";
        } else {
            remedy = "check rabbitmq.addresses and that the broker runs";
        }
        return settings + " does not take messages: " + cause + "; " + remedy;
    }

    @Override
    public void close() {
        connectionFactory.destroy();
    }

    @Override
    public String toString() {
        return settings.toString();
    }
}

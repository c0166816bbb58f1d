package io.mysqlmonitor.publish;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.rabbit.support.RabbitExceptionTranslator;

/**
 * Receives what is published from now on, through a queue of its own that is deleted when it leaves. When it loses its connection or its
 * queue it subscribes again, with another queue, until it succeeds.
 */
public final class Subscriber implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Subscriber.class);

    private static final int PREFETCH = 250;
    private static final int RETRY_SECONDS = 1;

    private final Broker broker;
    private final String exchange;
    private final String bindingKey;
    private final Consumer<Delivery> listener;
    private final Consumer<String> notices;
    private final ScheduledExecutorService retries = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "subscriber");
        thread.setDaemon(true);
        return thread;
    });

    private volatile Channel subscribed;
    private volatile boolean closed;
    private String said = ""; // by the thread of the retries

    /**
     * Subscribes.
     *
     * @param broker where; its connection is used, and left open
     * @param exchange name of the RabbitMQ exchange; declared if its name comes from a template and the settings say so
     * @param bindingKey key to bind the queue with
     * @param listener called with each message, one after the other
     * @param notices gets one line when the subscription is lost, when that does not change, and when it is there again
     * @throws AmqpException if the broker cannot be reached or refuses
     * @throws IllegalStateException if there is no such exchange
     */
    public Subscriber(
            Broker broker, String exchange, String bindingKey, Consumer<Delivery> listener, Consumer<String> notices) {
        this.broker = broker;
        this.exchange = exchange;
        this.bindingKey = bindingKey;
        this.listener = listener;
        this.notices = notices;
        subscribe();
    }

    private void subscribe() {
        broker.connect();
        if (broker.settings().declaresOnUse()) {
            broker.topology().declareOnce(exchange);
        }
        Connection connection = broker.connectionFactory().createConnection().getDelegate();
        try {
            Channel channel = connection.createChannel();
            channel.basicQos(PREFETCH);
            String queue = channel.queueDeclare().getQueue(); // named by the broker, exclusive
            channel.queueBind(queue, exchange, bindingKey);
            channel.basicConsume(
                    queue,
                    (tag, message) -> receive(channel, message),
                    tag -> {
                        channel.abort();
                        lost("its queue on ");
                    },
                    (tag, end) -> lost("the connection to "));
            subscribed = channel;
        } catch (IOException | ShutdownSignalException e) {
            AmqpException failure = (AmqpException) RabbitExceptionTranslator.convertRabbitAccessException(e);
            if (String.valueOf(e.getCause()).contains("reply-code=404")) {
                throw new IllegalStateException(missing(), failure);
            }
            throw failure;
        }
    }

    private String missing() {
        RabbitmqSettings settings = broker.settings();
        return "exchange " + exchange + " does not exist on " + settings + "; "
                + (settings.declare()
                        ? "the monitor publishes to rabbitmq.exchange=" + settings.exchange()
                        : "declare it, or set rabbitmq.declare=true");
    }

    private void receive(Channel channel, Delivery message) {
        listener.accept(message);
        try {
            channel.basicAck(message.getEnvelope().getDeliveryTag(), false);
        } catch (IOException | ShutdownSignalException e) {
            LOG.debug("Not acknowledged", e); // the client reports the loss as well
        }
    }

    private void lost(String what) {
        if (!closed) {
            notices.accept("lost " + what + broker + "; subscribing again");
            retries.schedule(this::subscribeAgain, RETRY_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void subscribeAgain() {
        try {
            subscribe();
            said = "";
            notices.accept("subscribed again; messages published in between were not seen");
        } catch (AmqpException | IllegalStateException e) {
            String problem = e instanceof AmqpException ? broker.explain(e) : e.getMessage();
            if (!closed && !problem.equals(said)) {
                notices.accept(problem + "; trying again until it succeeds");
                said = problem;
            }
            if (!closed) {
                retries.schedule(this::subscribeAgain, RETRY_SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        retries.shutdownNow();
        try {
            subscribed.abort();
        } catch (IOException e) {
            LOG.debug("Not closed", e); // its connection ends it
        }
    }
}

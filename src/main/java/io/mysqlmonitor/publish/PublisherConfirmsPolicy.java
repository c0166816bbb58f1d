package io.mysqlmonitor.publish;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.impl.AMQConnection;
import io.mysqlmonitor.change.Confirmation;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.Policy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.rabbit.connection.ChannelProxy;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.core.NestedExceptionUtils;

/**
 * Awaits RabbitMQ's confirm of all messages that are sent by the steps under this policy, once, after the last of them.
 *
 * <p>camel-spring-rabbitmq can await a confirm per message only. Here its endpoint awaits none ({@code confirm: disabled}), and
 * because {@link Broker}'s connection factory gives a thread always the same channel, this policy can select confirms on that
 * channel before the steps and await all that are outstanding after them.
 *
 * <p>A nack, a closed channel, no answer within the timeout, or fewer messages on the channel than there are changes fails the exchange,
 * and the next try begins with a new connection. The {@link Confirmation} of a window gets its word here and nowhere else.
 */
public final class PublisherConfirmsPolicy implements Policy {

    private static final Logger LOG = LoggerFactory.getLogger(PublisherConfirmsPolicy.class);

    private final Broker broker;
    private final RabbitTemplate template;
    private final Duration timeout;
    private final ThreadLocal<Channel> confirming = new ThreadLocal<>();
    private final LongAdder awaits = new LongAdder();
    private final LongAdder awaitedNanos = new LongAdder();
    private final AtomicReference<String> problem = new AtomicReference<>(); // heartbeats have a thread of their own
    private volatile Consumer<Collection<?>> onUnconfirmed = messages -> {};

    /**
     * @param broker whose connection the steps under this policy use
     * @param timeout how long to wait for the confirms
     */
    public PublisherConfirmsPolicy(Broker broker, Duration timeout) {
        this.broker = broker;
        this.template = new RabbitTemplate(broker.connectionFactory());
        this.timeout = timeout;
    }

    @Override
    public void beforeWrap(Route route, NamedNode definition) {}

    @Override
    public Processor wrap(Route route, Processor steps) {
        return new DelegateAsyncProcessor(steps) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                try {
                    Confirmation confirmation = exchange.getProperty(Confirmation.PROPERTY, Confirmation.class);
                    int messages = confirmation == null ? 0 : confirmation.begin();
                    long before = selectConfirms();
                    broker.cork();
                    try {
                        getProcessor().process(exchange); // waits for steps that would go on in another thread
                    } finally {
                        broker.uncork();
                    }
                    if (exchange.getException() == null) {
                        awaitConfirms(before, messages);
                        if (confirmation != null) {
                            confirmation.confirm();
                        }
                    }
                } catch (Exception e) {
                    exchange.setException(e);
                }
                if (exchange.getException() != null) {
                    if (exchange.getMessage().getBody() instanceof Collection<?> messages) {
                        onUnconfirmed.accept(messages);
                    }
                    failed(exchange.getException());
                } else if (problem.getAndSet(null) != null) {
                    LOG.info("{} confirms again", broker);
                }
                callback.done(true);
                return true;
            }
        };
    }

    /**
     * Logs once that publishing waits, however often it is tried.
     *
     * @param cause why the window is sent again
     */
    public void retried(Exception cause) {
        if (problem.compareAndSet(null, broker.isCauseOf(cause) ? broker.explain(cause) : explain(cause))) {
            LOG.warn("{}. Nothing is lost: what is not confirmed is sent again until it is.", problem.get());
        }
        LOG.debug("Not confirmed", cause);
    }

    private static String explain(Exception cause) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(cause);
        boolean speaksForItself = root instanceof MessagesMissingException || root instanceof IllegalStateException;
        String message = (speaksForItself ? root.getMessage() : root.toString()).replaceAll("\\s+", " ");
        return "Windows cannot be published: " + message
                + (speaksForItself
                        ? ""
                        : "; it is no fault of RabbitMQ's: correct the step of publish.camel.yaml, or what it needs");
    }

    private void failed(Exception cause) {
        retried(cause);
        broker.learnFrom(cause);
        broker.reset();
    }

    /** Returns the number that the next message on this thread's channel will have. */
    private long selectConfirms() {
        Long next = template.execute(channel -> {
            Channel target = target(channel);
            if (confirming.get() != target) {
                target.confirmSelect();
                confirming.set(target);
            }
            return target.getNextPublishSeqNo();
        });
        return Objects.requireNonNull(next);
    }

    /**
     * @param before the number of the first message
     * @param messages how many there have to be at least
     */
    private void awaitConfirms(long before, int messages) {
        template.execute(channel -> {
            Channel target = target(channel);
            if (confirming.get() != target) {
                throw new UnconfirmedException("the channel was closed before the messages were confirmed");
            }
            long sent = target.getNextPublishSeqNo() - before;
            if (sent < messages) {
                throw new MessagesMissingException(sent, messages);
            }
            long begin = System.nanoTime();
            ((AMQConnection) target.getConnection()).flush();
            if (!confirmed(target)) {
                throw new UnconfirmedException("a message was refused (nack)");
            }
            awaits.increment();
            awaitedNanos.add(System.nanoTime() - begin);
            return null;
        });
    }

    /** A broker that blocks the connection takes its time, and sending again would not help. */
    private boolean confirmed(Channel channel) throws InterruptedException, UnconfirmedException {
        while (true) {
            try {
                return channel.waitForConfirms(timeout.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // so that it is not sent again: the monitor stops
                throw e;
            } catch (TimeoutException e) {
                if (broker.blockedSince().isEmpty()) {
                    throw new UnconfirmedException(
                            "no confirm within " + timeout.toSeconds() + " s (rabbitmq.confirm-timeout)");
                }
            }
        }
    }

    /** Whether the last try to publish failed. */
    public boolean isFailing() {
        return problem.get() != null;
    }

    /** Why the last try to publish failed; empty if it did not. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem.get());
    }

    /** What to do with messages that were not confirmed, and so are sent again; for figures. */
    public void onUnconfirmed(Consumer<Collection<?>> listener) {
        onUnconfirmed = listener;
    }

    /** How often the confirms of a window were awaited, and came. */
    public long awaits() {
        return awaits.sum();
    }

    /** How long that took in all. */
    public double awaitedNanos() {
        return awaitedNanos.sum();
    }

    private static Channel target(Channel channel) {
        return channel instanceof ChannelProxy proxy ? proxy.getTargetChannel() : channel;
    }
}

package io.mysqlmonitor.publish;

import io.mysqlmonitor.change.Confirmation;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.Policy;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Awaits RabbitMQ's confirm of all messages that are sent by the steps under this policy, once, after the last of them.
 *
 * <p>camel-spring-rabbitmq can await a confirm per message only. Here its endpoint awaits none ({@code confirm: disabled}), and
 * because {@link Broker}'s connection factory gives a thread always the same channel, this policy can select confirms on that
 * channel before the steps and await all that are outstanding after them.
 *
 * <p>A nack, a closed channel, no answer within the timeout, or fewer messages on the channel than there are changes fails the exchange,
 * and the next try begins with a new connection. The {@link Confirmation} of a window gets its word here and nowhere else.
 *
 * <p>Thread-safe.
 */
public final class PublisherConfirmsPolicy implements Policy {

    private final Broker broker;
    private final ChannelConfirms confirms;
    private final PublishingProblem problem;

    private volatile Consumer<Collection<?>> onUnconfirmed = messages -> {}; // set by the thread of the metrics

    /**
     * @param broker whose connection the steps under this policy use
     * @param timeout how long to wait for the confirms
     */
    public PublisherConfirmsPolicy(Broker broker, Duration timeout) {
        this(broker, timeout, System::nanoTime);
    }

    /**
     * @param nanoTime measures how long confirms take
     */
    PublisherConfirmsPolicy(Broker broker, Duration timeout, LongSupplier nanoTime) {
        this.broker = broker;
        this.confirms = new ChannelConfirms(broker.connection(), timeout, nanoTime);
        this.problem = new PublishingProblem(broker.settings());
    }

    @Override
    public void beforeWrap(Route route, NamedNode definition) {}

    @Override
    public Processor wrap(Route route, Processor steps) {
        return new DelegateAsyncProcessor(steps) {
            @Override
            public boolean process(Exchange exchange, AsyncCallback callback) {
                try {
                    send(exchange, getProcessor());
                } catch (Exception e) {
                    exchange.setException(e);
                }
                if (exchange.getException() == null) {
                    problem.succeeded();
                } else {
                    failed(exchange);
                }
                callback.done(true);
                return true;
            }
        };
    }

    private void send(Exchange exchange, Processor steps) throws Exception {
        Confirmation confirmation = exchange.getProperty(Confirmation.PROPERTY, Confirmation.class);
        int messages = confirmation == null ? 0 : confirmation.begin();
        long first = confirms.select();
        broker.connection().cork();
        try {
            steps.process(exchange); // waits for steps that would go on in another thread
        } finally {
            broker.connection().uncork();
        }
        if (exchange.getException() == null) {
            confirms.await(first, messages);
            if (confirmation != null) {
                confirmation.confirm();
            }
        }
    }

    private void failed(Exchange exchange) {
        if (exchange.getMessage().getBody() instanceof Collection<?> messages) {
            onUnconfirmed.accept(messages);
        }
        problem.failed(exchange.getException());
        broker.messageLimit().learnFrom(exchange.getException());
        broker.connection().reset();
    }

    /**
     * Logs once that publishing waits, however often it is tried.
     *
     * @param cause why the window is sent again
     */
    public void retried(Exception cause) {
        problem.failed(cause);
    }

    /** Whether the last try to publish failed. */
    public boolean isFailing() {
        return problem.text().isPresent();
    }

    /** Why the last try to publish failed; empty if it did not. */
    public Optional<String> problem() {
        return problem.text();
    }

    /** What to do with messages that were not confirmed, and so are sent again; for figures. */
    public void onUnconfirmed(Consumer<Collection<?>> listener) {
        onUnconfirmed = listener;
    }

    /** How often the confirms of a window were awaited, and came. */
    public long awaits() {
        return confirms.awaits();
    }

    /** How long that took in all. */
    public double awaitedNanos() {
        return confirms.awaitedNanos();
    }
}

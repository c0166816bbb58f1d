package io.mysqlmonitor.publish;

import com.rabbitmq.client.Channel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.springframework.amqp.AmqpException;

/**
 * Publisher confirms for all messages that a thread sends between {@link #select} and {@link #await}, on the one channel that it has.
 *
 * <p>Thread-safe.
 */
final class ChannelConfirms {

    private final BrokerConnection connection;
    private final Duration timeout;
    private final LongSupplier nanoTime;

    /** For each thread the channel on which it has selected confirms: a new channel has to be told again. */
    private final ThreadLocal<Channel> selected = new ThreadLocal<>();

    private final LongAdder awaits = new LongAdder();
    private final LongAdder awaitedNanos = new LongAdder();

    /**
     * @param timeout how long to wait for the confirms
     * @param nanoTime measures how long that took
     */
    ChannelConfirms(BrokerConnection connection, Duration timeout, LongSupplier nanoTime) {
        this.connection = connection;
        this.timeout = timeout;
        this.nanoTime = nanoTime;
    }

    /**
     * Selects confirms on this thread's channel.
     *
     * @return the number that the next message on it will have
     * @throws AmqpException if the broker cannot be reached
     */
    long select() {
        Long next = connection.onChannel(channel -> {
            if (selected.get() != channel) {
                channel.confirmSelect();
                selected.set(channel);
            }
            return channel.getNextPublishSeqNo();
        });
        return Objects.requireNonNull(next);
    }

    /**
     * Waits until all messages on this thread's channel are confirmed.
     *
     * @param first the number of the first message, from {@link #select}
     * @param messages how many there have to be at least
     * @throws MessagesMissingException if there are fewer
     * @throws AmqpException if they are not confirmed: caused by an {@link UnconfirmedException} if the broker refuses one or does not
     *     answer in time, or if the channel was closed since
     */
    void await(long first, int messages) throws MessagesMissingException {
        Long next = connection.onChannel(channel -> selected(channel).getNextPublishSeqNo());
        long sent = Objects.requireNonNull(next) - first;
        if (sent < messages) {
            throw new MessagesMissingException(sent, messages);
        }
        connection.onChannel(channel -> {
            selected(channel);
            long begin = nanoTime.getAsLong();
            connection.flush(channel);
            if (!isConfirmed(channel)) {
                throw new UnconfirmedException("a message was refused (nack)");
            }
            awaits.increment();
            awaitedNanos.add(nanoTime.getAsLong() - begin);
            return null;
        });
    }

    private Channel selected(Channel channel) throws UnconfirmedException {
        if (selected.get() != channel) {
            throw new UnconfirmedException("the channel was closed before the messages were confirmed");
        }
        return channel;
    }

    /** Waits longer while the broker blocks the connection: it will answer later, and sending again would not help. */
    private boolean isConfirmed(Channel channel) throws InterruptedException, UnconfirmedException {
        while (true) {
            try {
                return channel.waitForConfirms(timeout.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // so that it is not sent again: the monitor stops
                throw e;
            } catch (TimeoutException e) {
                if (connection.blocked().since().isEmpty()) {
                    throw new UnconfirmedException(
                            "no confirm within " + timeout.toSeconds() + " s (rabbitmq.confirm-timeout)");
                }
            }
        }
    }

    /** How often confirms were awaited, and came. */
    long awaits() {
        return awaits.sum();
    }

    /** How long that took in all. */
    long awaitedNanos() {
        return awaitedNanos.sum();
    }
}

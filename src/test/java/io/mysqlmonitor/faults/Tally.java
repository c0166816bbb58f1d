package io.mysqlmonitor.faults;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.mysqlmonitor.servers.TestServers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/**
 * A subscriber that counts what comes and keeps no bodies, with a RabbitMQ exchange and a queue of its own.
 *
 * <p>It knows rows by the {@code id} in {@code keys}, a number from 0, and leaves heartbeats out. Thread-safe.
 */
final class Tally implements AutoCloseable {

    private static final int UNACKNOWLEDGED = 200;

    private final String exchange;
    private final Inspection inspection;
    private final Connection rabbitmq = TestServers.get().rabbitmq().connect();

    // guarded by this
    private final BitSet ids = new BitSet();
    private long messages;
    private int latestNewId = -1;
    private boolean inOrder = true;
    private Throwable complaint;

    /** Looks at each message while it passes; what it throws is told by {@link #complaint()}. */
    @FunctionalInterface
    interface Inspection {
        void inspect(int id, AMQP.BasicProperties properties, byte[] body);
    }

    Tally(String exchange, Inspection inspection) throws IOException, TimeoutException {
        this.exchange = exchange;
        this.inspection = inspection;
        Channel channel = rabbitmq.createChannel();
        channel.exchangeDeclare(exchange, "fanout", true);
        channel.queueDeclare(exchange, true, false, false, Map.of());
        channel.queueBind(exchange, exchange, "");
        channel.basicQos(UNACKNOWLEDGED);
        channel.basicConsume(exchange, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
                    throws IOException {
                if (!"heartbeat".equals(properties.getType())) {
                    count(properties, body);
                }
                if (envelope.getDeliveryTag() % (UNACKNOWLEDGED / 2) == 0) {
                    channel.basicAck(envelope.getDeliveryTag(), true);
                }
            }
        });
    }

    private synchronized void count(AMQP.BasicProperties properties, byte[] body) {
        messages++;
        try {
            int id = id(body);
            if (!ids.get(id)) {
                inOrder &= id > latestNewId;
                latestNewId = id;
                ids.set(id);
            }
            inspection.inspect(id, properties, body);
        } catch (RuntimeException | AssertionError e) {
            complaint = complaint == null ? e : complaint;
        }
    }

    /** The number after {@code "keys":{"id":}, without making a text of a body that may be long. */
    private static int id(byte[] body) {
        byte[] before = "\"keys\":{\"id\":".getBytes(StandardCharsets.US_ASCII);
        for (int start = 0; start + before.length < body.length; start++) {
            if (Arrays.equals(body, start, start + before.length, before, 0, before.length)) {
                int id = 0;
                for (int i = start + before.length; body[i] >= '0' && body[i] <= '9'; i++) {
                    id = 10 * id + body[i] - '0';
                }
                return id;
            }
        }
        throw new AssertionError("a message without an id");
    }

    /** Different rows seen so far. */
    synchronized int rows() {
        return ids.cardinality();
    }

    /** Messages seen so far, repeated ones included. */
    synchronized long messages() {
        return messages;
    }

    /** Whether the rows came in the order of their ids, when each first came. */
    synchronized boolean isInOrder() {
        return inOrder;
    }

    /** What the inspection threw first; null if nothing. */
    synchronized Throwable complaint() {
        return complaint;
    }

    @Override
    public void close() throws IOException {
        try (Connection connection = rabbitmq;
                Channel channel = connection.createChannel()) {
            channel.queueDelete(exchange);
            channel.exchangeDelete(exchange);
        } catch (TimeoutException e) {
            throw new IOException(e);
        }
    }
}

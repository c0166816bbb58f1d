package io.mysqlmonitor.bench;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Consumes a fresh durable queue and counts. */
final class CountingConsumer implements AutoCloseable {

    /** The topic exchange that all contenders publish to. */
    static final String EXCHANGE = "bench";

    private static final int PREFETCH = 5000;
    private static final int ACKNOWLEDGE_EACH = 500;
    private static final Pattern ID = Pattern.compile("\"id\":(\\d+)");

    private final Connection connection;
    private final Channel channel;
    private final String queue;
    private final long half;
    private final Runnable atHalf;
    private final boolean timed;
    private final Map<Long, Long> arrivals = new ConcurrentHashMap<>();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile long count;
    private volatile int persistent;
    private volatile long first;
    private volatile long middle;
    private volatile long end;

    /**
     * @param half how many messages are the first half
     * @param atHalf what to do then, on the consumer's thread
     * @param timed whether to note when each row's message came
     */
    CountingConsumer(BenchServers servers, String routingKey, long half, Runnable atHalf, boolean timed)
            throws IOException, TimeoutException {
        this.half = half;
        this.atHalf = atHalf;
        this.timed = timed;
        connection = servers.connectRabbitmq();
        channel = connection.createChannel();
        channel.exchangeDeclare(EXCHANGE, BuiltinExchangeType.TOPIC, true);
        queue = "bench." + routingKey;
        channel.queueDelete(queue);
        channel.queueDeclare(queue, true, false, false, null);
        channel.queueBind(queue, EXCHANGE, routingKey);
        channel.basicQos(PREFETCH);
        channel.basicConsume(queue, false, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
                    throws IOException {
                received(properties, body);
                if (count % ACKNOWLEDGE_EACH == 0 || end != 0) {
                    channel.basicAck(envelope.getDeliveryTag(), true);
                }
            }
        });
    }

    private void received(AMQP.BasicProperties properties, byte[] body) {
        long now = System.nanoTime();
        if (count == 0) {
            first = now;
            begun.countDown();
        }
        count++;
        if (Integer.valueOf(MessageProperties.PERSISTENT_BASIC.getDeliveryMode())
                .equals(properties.getDeliveryMode())) {
            persistent++;
        }
        if (count == half) {
            middle = now;
            atHalf.run();
        }
        if (timed) {
            Matcher id = ID.matcher(new String(body, StandardCharsets.UTF_8));
            if (id.find()) {
                arrivals.putIfAbsent(Long.parseLong(id.group(1)), now);
            }
        } else if (isLast(body)) {
            end = now;
            done.countDown();
        }
    }

    /** Looks for the last row's number, without making a string of each body. */
    private static boolean isLast(byte[] body) {
        int digits = 0;
        for (byte b : body) {
            boolean next = digits == 0 ? b == '9' : b == '0';
            digits = next ? digits + 1 : b == '9' ? 1 : 0;
            if (digits == LAST_DIGITS) {
                return true;
            }
        }
        return false;
    }

    private static final int LAST_DIGITS = Long.toString(Workload.LAST_ID).length();

    boolean awaitFirst(int seconds) throws InterruptedException {
        return begun.await(seconds, TimeUnit.SECONDS);
    }

    boolean awaitLast(int seconds) throws InterruptedException {
        return done.await(seconds, TimeUnit.SECONDS);
    }

    long count() {
        return count;
    }

    /** How many of the messages were persistent. */
    int persistent() {
        return persistent;
    }

    /** When the first message came, by {@link System#nanoTime}. */
    long firstNanos() {
        return first;
    }

    /** When the first half was there. */
    long middleNanos() {
        return middle;
    }

    /** When the last row's message came. */
    long endNanos() {
        return end;
    }

    /** When each row's message came, by its number. */
    Map<Long, Long> arrivals() {
        return arrivals;
    }

    @Override
    public void close() throws IOException {
        try {
            channel.queueDelete(queue);
        } finally {
            connection.close();
        }
    }
}

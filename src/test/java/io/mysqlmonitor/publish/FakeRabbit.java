package io.mysqlmonitor.publish;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;

/**
 * RabbitMQ connections and channels without a broker, for Spring's and the monitor's own classes above them: a real broker cannot be made to
 * refuse a message, to be slow or to close a channel at the moment that a test needs. Each wait for confirms is answered by the next
 * of the {@link #answers}.
 */
final class FakeRabbit extends CorkableConnectionFactory {

    /** What waiting for confirms returns or throws, one after the other; with none left all is confirmed. */
    final Deque<Callable<Boolean>> answers = new ArrayDeque<>();

    /** Calls that matter, in their order, each with the number of its channel. */
    final List<String> calls = new ArrayList<>();

    private final List<FakeConnection> connections = new ArrayList<>();
    private int channels;
    private boolean corked;

    @Override
    public Connection newConnection(ExecutorService executor, List<Address> addresses, String name) {
        FakeConnection connection = new FakeConnection();
        connections.add(connection);
        return connection.proxy;
    }

    /** The number of connections that were opened. */
    int connections() {
        return connections.size();
    }

    /** Whether the connection that was opened last is open; false if there was none. */
    boolean isOpen() {
        return !connections.isEmpty() && last().open;
    }

    /** Whether the test's thread is corked. */
    boolean isCorked() {
        return corked;
    }

    @Override
    void cork() {
        corked = true;
    }

    @Override
    void uncork() {
        corked = false;
    }

    @Override
    void flush(Channel channel) {
        calls.add("flush");
    }

    /** As the broker does at a memory or disk alarm. */
    void block(String reason) throws Exception {
        last().blocked.handleBlocked(reason);
    }

    /** As the broker does when the alarm is over. */
    void unblock() throws Exception {
        last().blocked.handleUnblocked();
    }

    /** Closes the channel that was opened last, as the broker does on an error. */
    void closeChannel() {
        last().channels.get(last().channels.size() - 1).open = false;
    }

    private FakeConnection last() {
        return connections.get(connections.size() - 1);
    }

    private final class FakeConnection {

        private final List<FakeChannel> channels = new ArrayList<>();
        private BlockedListener blocked;
        private boolean open = true;
        private final Connection proxy =
                FakeRabbit.<Connection>proxy(Connection.class, (method, arguments) -> switch (method) {
                    case "isOpen" -> open;
                    case "createChannel" -> {
                        channels.add(new FakeChannel());
                        yield channels.get(channels.size() - 1).proxy;
                    }
                    case "addBlockedListener" -> {
                        blocked = (BlockedListener) arguments[0];
                        yield null;
                    }
                    case "close", "abort" -> {
                        open = false;
                        channels.forEach(channel -> channel.open = false);
                        yield null;
                    }
                    default -> null;
                });
    }

    private final class FakeChannel {

        private final int number = ++channels;
        private long next; // number of the next message; 0 until confirms are selected
        private boolean open = true;
        private final Channel proxy = FakeRabbit.<Channel>proxy(Channel.class, this::call);

        private Object call(String method, Object[] arguments) throws Exception {
            switch (method) {
                case "isOpen" -> {
                    return open;
                }
                case "confirmSelect" -> {
                    calls.add("select " + number);
                    next = 1;
                }
                case "getNextPublishSeqNo" -> {
                    return next;
                }
                case "basicPublish" -> {
                    calls.add("publish " + number);
                    next++;
                }
                case "waitForConfirms" -> {
                    calls.add("wait " + number);
                    return answers.isEmpty() || answers.remove().call();
                }
                case "close", "abort" -> open = false;
                default -> {
                    // is nothing to the tests
                }
            }
            return null;
        }
    }

    @FunctionalInterface
    private interface Call {
        Object on(String method, Object[] arguments) throws Exception;
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    switch (method.getName()) {
                        case "equals" -> {
                            return self == arguments[0];
                        }
                        case "hashCode" -> {
                            return System.identityHashCode(self);
                        }
                        case "toString" -> {
                            return type.getSimpleName();
                        }
                        default -> {
                            Object result = call.on(method.getName(), arguments);
                            return result != null || !method.getReturnType().isPrimitive()
                                    ? result
                                    : zero(method.getReturnType());
                        }
                    }
                }));
    }

    private static Object zero(Class<?> type) {
        if (type == boolean.class) {
            return false;
        }
        if (type == int.class) {
            return 0;
        }
        return null; // of a method that returns nothing
    }
}

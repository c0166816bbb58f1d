package io.mysqlmonitor.testing;

import static io.mysqlmonitor.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.mysqlmonitor.servers.Servers;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.testing.SelectedTables.Place;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * What an integration test acts in: a database of its own on the test servers, a RabbitMQ exchange of its own with a subscriber
 * that keeps what it receives, and the configuration of a monitor between the two.
 */
public final class Scene implements AutoCloseable {

    public static final String PASSWORD = "pa)&%+s#?{x}=\"'ö";

    private static final AtomicInteger NUMBER = new AtomicInteger();
    static final String MONITOR_USER = "monitor";
    private static final int MESSAGES_CHECKED = 1_000; // by their schemas; a load is more of the same

    private final String name = "mm_" + Long.toString(System.nanoTime(), 36) + "_" + NUMBER.incrementAndGet();
    private final Servers servers;
    private Connection mysql;
    private final com.rabbitmq.client.Connection rabbitmq;
    private final List<Received> received = new ArrayList<>(); // guarded by itself
    private final AtomicInteger toCheck = new AtomicInteger(MESSAGES_CHECKED);
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final Path directory;
    private final List<Map<String, String>> configurations = new CopyOnWriteArrayList<>();
    private final Set<String> deadLetters = new HashSet<>();
    private final Set<String> toDelete = new LinkedHashSet<>(); // RabbitMQ exchanges and queues
    private final ChangeWatch watch = new ChangeWatch(name);

    /** A message as the subscriber got it. */
    public record Received(String body, AMQP.BasicProperties properties, String routingKey) {

        public String type() {
            return properties.getType();
        }

        /** The key of its row, in a table whose key is the number {@code id}. */
        public int id() {
            return Integer.parseInt(body.replaceFirst(".*\"keys\":\\{\"id\":(\\d+)}.*", "$1"));
        }
    }

    public Scene(Path directory) throws SQLException, IOException, TimeoutException {
        this(directory, TestServers.get());
    }

    public Scene(Path directory, Servers servers) throws SQLException, IOException, TimeoutException {
        this.directory = directory;
        this.servers = servers;
        servers.mysql().createMonitorUser(MONITOR_USER, PASSWORD);
        mysql = servers.mysql().connect();
        sql("CREATE DATABASE " + name, "USE " + name);
        rabbitmq = servers.rabbitmq().connect();
        Channel channel = rabbitmq.createChannel();
        channel.exchangeDeclare(name, "fanout", true);
        String queue = channel.queueDeclare("", false, true, true, Map.of()).getQueue();
        channel.queueBind(queue, name, "");
        consume(channel, queue, message -> {
            if (toCheck.getAndDecrement() > 0) {
                violations.addAll(MessageSchemas.violations(message.body()));
            }
            synchronized (received) {
                received.add(message);
            }
            watch.add(message);
            if (!watch.hasBegun()) { // the test did not await the first checkpoint
                stored().ifPresent(this::beginWatch);
            }
        });
    }

    /**
     * A queue of the scene's RabbitMQ exchange that outlives a restart of the broker, unlike that of the subscriber; it goes with the scene.
     *
     * @return its name
     */
    public String bindDurableQueue() throws IOException {
        String queue = name + ".durable";
        Channel channel = rabbitmq.createChannel();
        channel.queueDeclare(queue, true, false, false, Map.of());
        channel.queueBind(queue, name, "");
        deleteAtEnd(queue);
        return queue;
    }

    /** RabbitMQ exchanges and queues of these names, if there are any, go with the scene. */
    public void deleteAtEnd(String... names) {
        toDelete.addAll(List.of(names));
    }

    /** What reaches a queue from now on, in order. */
    public static List<Received> consume(Channel channel, String queue) throws IOException {
        List<Received> messages = new CopyOnWriteArrayList<>();
        consume(channel, queue, messages::add);
        return messages;
    }

    private static void consume(Channel channel, String queue, Consumer<Received> listener) throws IOException {
        channel.basicConsume(queue, true, new DefaultConsumer(channel) {
            @Override
            public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
                listener.accept(
                        new Received(new String(body, StandardCharsets.UTF_8), properties, envelope.getRoutingKey()));
            }
        });
    }

    /** Configuration of a monitor of this scene; pairs of names and values go before what the scene needs. */
    public Map<String, String> properties(String... settings) {
        Map<String, String> properties = new TreeMap<>(Map.of(
                "mysql.host",
                servers.mysql().host(),
                "mysql.port",
                String.valueOf(servers.mysql().port()),
                "mysql.user",
                MONITOR_USER,
                "mysql.password",
                PASSWORD,
                "mysql.databases",
                name,
                "rabbitmq.addresses",
                servers.rabbitmq().host() + ":" + servers.rabbitmq().port(),
                "rabbitmq.user",
                servers.rabbitmq().user(),
                "rabbitmq.password",
                servers.rabbitmq().password(),
                "rabbitmq.exchange",
                name,
                "monitor.data",
                data().toString()));
        properties.put("monitor.name", name);
        properties.put("monitor.http.enabled", "false"); // its port is one for all
        for (int i = 0; i < settings.length; i += 2) {
            properties.put(settings[i], settings[i + 1]);
        }
        configurations.add(properties);
        watch.add(properties);
        return properties;
    }

    public String database() {
        return name;
    }

    public Path data() {
        return directory.resolve("data");
    }

    public boolean isMariadb() throws SQLException {
        return mysql.getMetaData().getDatabaseProductVersion().contains("MariaDB");
    }

    public void sql(String... statements) throws SQLException {
        try (Statement statement = mysql.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of what a query gives. */
    public List<String> select(String query) throws SQLException {
        try (Statement statement = mysql.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    /** Takes a value out of the first row of a query. */
    public <T> T query(String sql, Row<T> value) throws SQLException {
        try (Statement statement = mysql.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return value.of(rows);
        }
    }

    @FunctionalInterface
    public interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    /** Opens the connection to the database again, once it answers. */
    public void reconnect() {
        await().ignoreExceptions().until(() -> {
            mysql = servers.mysql().connect();
            sql("USE " + name);
            return true;
        });
    }

    /** Everything received so far but heartbeats, in order. */
    public List<Received> changes() {
        return received().stream()
                .filter(message -> !"heartbeat".equals(message.type()))
                .toList();
    }

    /** Everything received so far, in order. */
    public List<Received> received() {
        synchronized (received) {
            return List.copyOf(received);
        }
    }

    /** Waits for as many changes; more is a failure, too. */
    public List<Received> awaitChanges(int count) {
        await().untilAsserted(() -> assertThat(changes()).hasSizeGreaterThanOrEqualTo(count));
        assertThat(changes()).hasSize(count);
        return changes();
    }

    /** Waits until there is a checkpoint of the engine's, which means that capture has begun. */
    public void awaitCheckpoint() {
        await().ignoreExceptions()
                .until(() -> Files.readString(data().resolve("checkpoint.json")).contains("\"schemaPending\" : false"));
        stored().ifPresent(this::beginWatch);
        watchDeadLetters();
    }

    /** From now on; the monitor has declared their RabbitMQ exchange before its first checkpoint. */
    private void watchDeadLetters() {
        String exchange = configured("monitor.dead-letter").orElse("mysql-monitor.dead-letter");
        if (exchange.equals(name) || !deadLetters.add(exchange)) {
            return;
        }
        try {
            Channel channel = rabbitmq.createChannel();
            channel.exchangeDeclarePassive(exchange);
            String queue = channel.queueDeclare().getQueue();
            channel.queueBind(queue, exchange, "");
            consume(channel, queue, watch::add);
        } catch (IOException | AlreadyClosedException e) {
            deadLetters.remove(exchange); // it is not there: nor can there be dead letters
        }
    }

    /** The value of a property in the latest configuration. */
    private Optional<String> configured(String property) {
        return configurations.isEmpty()
                ? Optional.empty()
                : Optional.ofNullable(
                        configurations.get(configurations.size() - 1).get(property));
    }

    /** The place that is stored; empty if none is, or none that can be read. */
    private Optional<Place> checkpoint() {
        return stored().map(Scene::place);
    }

    /** Empty while there is none, or capture has not begun. */
    private Optional<JsonNode> stored() {
        Path folder = configured("monitor.data").map(Path::of).orElse(data());
        try {
            JsonNode checkpoint = new ObjectMapper()
                    .readTree(folder.resolve("checkpoint.json").toFile());
            return Optional.of(checkpoint)
                    .filter(stored -> !stored.path("schemaPending").asBoolean());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Place place(JsonNode checkpoint) {
        return new Place(
                checkpoint.path("file").asText(), checkpoint.path("position").asLong());
    }

    private void beginWatch(JsonNode checkpoint) {
        watch.begin(place(checkpoint), checkpoint.path("gtids").asText(""));
    }

    /** Says that the changes of this test cannot be held against the messages, and why. */
    public void expectUncounted(String why) {
        watch.expectUncounted(why);
    }

    /** Says that so many changes of a table make no message, and why: they add up to nothing within their de-dupe window, say. */
    public void expectLeftOut(String table, int changes, String why) {
        watch.expectLeftOut(table, changes, why);
    }

    /** With the binding of the subscriber's queue, so that no message comes any more that the test does not bind a queue for. */
    public void deleteExchange() throws IOException, TimeoutException {
        expectUncounted("the RabbitMQ exchange is deleted, with the binding of the subscriber's queue");
        try (Channel channel = rabbitmq.createChannel()) {
            channel.exchangeDelete(name);
        }
    }

    public boolean hasExchange() throws IOException {
        Channel channel = rabbitmq.createChannel();
        channel.exchangeDeclarePassive(name); // closes the channel if there is none
        return channel.isOpen();
    }

    @Override
    public void close() throws SQLException, IOException, TimeoutException {
        try {
            watch.check(servers.mysql(), checkpoint().orElse(null));
        } finally {
            remove();
        }
        assertThat(violations).as("messages as docs/messages describes them").isEmpty();
    }

    private void remove() throws SQLException, IOException, TimeoutException {
        rabbitmq.abort(); // which may be closed already, by a broker that was stopped
        try (Connection last = mysql;
                com.rabbitmq.client.Connection connection = servers.rabbitmq().connect()) {
            sql("DROP DATABASE " + name);
            connection.createChannel().exchangeDelete(name);
            for (String each : toDelete) {
                delete(connection, channel -> channel.queueDelete(each));
                delete(connection, channel -> channel.exchangeDelete(each));
            }
        }
    }

    private interface Deletion {
        void on(Channel channel) throws IOException;
    }

    /** Qpid closes the channel when there is nothing to delete. */
    private static void delete(com.rabbitmq.client.Connection connection, Deletion deletion) throws IOException {
        Channel channel = connection.createChannel();
        try {
            deletion.on(channel);
        } catch (IOException e) {
            assertThat(channel.isOpen()).isFalse();
        }
    }
}

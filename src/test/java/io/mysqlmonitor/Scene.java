package io.mysqlmonitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import io.mysqlmonitor.SelectedTables.Place;
import io.mysqlmonitor.servers.Servers;
import io.mysqlmonitor.servers.TestServers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;

/**
 * What an integration test acts in: a database of its own on the test servers, a RabbitMQ exchange of its own with a subscriber
 * that keeps what it receives, and the configuration of a monitor between the two.
 */
final class Scene implements AutoCloseable {

    static final String PASSWORD = "pa)&%+s#?{x}=\"'ö";
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration DELIVERY = Duration.ofSeconds(10);

    /** Properties with which a change may have no message, or go elsewhere. */
    private static final Pattern SILENCING = Pattern.compile(
            "mysql\\.tables.*|mysql\\.databases\\.exclude|mysql\\.columns.*"
                    + "|monitor\\.(filter|operations|on-gap|on-schema-loss|message\\.max-bytes)|rabbitmq\\.exchange-type|debezium\\..*");

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final String MONITOR_USER = "monitor";
    private static final int MESSAGES_CHECKED = 1_000; // by their schemas; a load is more of the same

    private final String name = "mm_" + Long.toString(System.nanoTime(), 36) + "_" + NUMBER.incrementAndGet();
    private final Servers servers;
    private Connection mysql;
    private final com.rabbitmq.client.Connection rabbitmq;
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final Path directory;
    private final List<Map<String, String>> configurations = new ArrayList<>();
    private final List<String> unpublished = new ArrayList<>();
    private Place begin;

    /** A message as the subscriber got it. */
    record Received(String body, AMQP.BasicProperties properties, String routingKey) {

        String type() {
            return properties.getType();
        }
    }

    Scene(Path directory) throws SQLException, IOException, TimeoutException {
        this(directory, TestServers.get());
    }

    Scene(Path directory, Servers servers) throws SQLException, IOException, TimeoutException {
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
            if (received.size() < MESSAGES_CHECKED) {
                violations.addAll(MessageSchemas.violations(message.body()));
            }
            received.add(message);
        });
    }

    /** What reaches a queue from now on, in order. */
    static List<Received> consume(Channel channel, String queue) throws IOException {
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
    Map<String, String> properties(String... settings) {
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
        return properties;
    }

    String database() {
        return name;
    }

    Path data() {
        return directory.resolve("data");
    }

    boolean isMariadb() throws SQLException {
        return mysql.getMetaData().getDatabaseProductVersion().contains("MariaDB");
    }

    void sql(String... statements) throws SQLException {
        try (Statement statement = mysql.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of what a query gives. */
    List<String> select(String query) throws SQLException {
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
    <T> T query(String sql, Row<T> value) throws SQLException {
        try (Statement statement = mysql.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return value.of(rows);
        }
    }

    @FunctionalInterface
    interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    /** Opens the connection to the database anew, once it answers. */
    void reconnect() {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            mysql = servers.mysql().connect();
            sql("USE " + name);
            return true;
        });
    }

    /** Everything received so far but heartbeats, in order. */
    List<Received> changes() {
        return received.stream()
                .filter(message -> !"heartbeat".equals(message.type()))
                .toList();
    }

    /** Everything received so far, in order. */
    List<Received> received() {
        return Collections.unmodifiableList(received);
    }

    /** Waits for as many changes; more is a failure, too. */
    List<Received> awaitChanges(int count) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(changes()).hasSizeGreaterThanOrEqualTo(count));
        assertThat(changes()).hasSize(count);
        return changes();
    }

    /** Waits until there is a checkpoint of the engine's, which means that capture has begun. */
    void awaitCheckpoint() {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> Files.readString(data().resolve("checkpoint.json"))
                .contains("\"schemaPending\" : false"));
        if (begin == null) {
            begin = checkpoint().orElse(null);
        }
    }

    /** The place that is stored; empty if none is, or none that can be read. */
    private Optional<Place> checkpoint() {
        try {
            JsonNode checkpoint = new ObjectMapper()
                    .readTree(data().resolve("checkpoint.json").toFile());
            return Optional.of(new Place(
                    checkpoint.path("file").asText(),
                    checkpoint.path("position").asLong()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Says that this test has changes of rows of which no message may come to its subscriber, and why. */
    void expectUnpublished(String why) {
        unpublished.add(why);
    }

    /**
     * Holds the changes that the server's own binary log has, from where capture began to the place that is stored, against the messages: none may be missing.
     * That holds without de-dupe and filters; for other tests a line says why it was not done. What is missing fails the test with
     * {@code -Dscene.strict=true}, and is but a line without.
     */
    private void watchForSilence() throws IOException {
        List<String> reasons = new ArrayList<>(unpublished);
        for (Map<String, String> configuration : configurations) {
            configuration.keySet().stream()
                    .filter(property -> SILENCING.matcher(property).matches())
                    .forEach(reasons::add);
            if (!"0".equals(configuration.get("monitor.dedupe.window"))) {
                reasons.add("the de-dupe window");
            }
            if (!name.equals(configuration.get("rabbitmq.exchange"))) {
                reasons.add("rabbitmq.exchange");
            }
        }
        Place end = checkpoint().orElse(null);
        if (begin == null || end == null) {
            reasons.add("no checkpoint");
        }
        if (!rabbitmq.isOpen()) {
            reasons.add("the broker was stopped");
        }
        Map<String, Integer> changed = Map.of();
        if (reasons.isEmpty()) {
            try {
                changed = BinlogRows.count(servers.mysql(), name, begin, end);
            } catch (IOException e) {
                reasons.add("the binary log is not there any more: " + e.getMessage());
            }
        }
        if (!reasons.isEmpty()) {
            System.err.println("Not every change was held against the messages of " + name + ": "
                    + String.join(", ", new TreeSet<>(reasons)));
            return;
        }
        Map<String, Integer> expected = changed;
        if (!Boolean.getBoolean("scene.strict")) {
            tellOfSilence(end, expected);
            return;
        }
        await("a message for each change of the binary log from " + begin + " to " + end)
                .atMost(DELIVERY)
                .untilAsserted(() -> assertThat(told(end)).isEqualTo(expected));
    }

    private void tellOfSilence(Place end, Map<String, Integer> expected) {
        try {
            await().atMost(DELIVERY).until(() -> told(end).equals(expected));
        } catch (ConditionTimeoutException e) {
            System.err.println("SILENCE in " + name + ": changed " + expected + ", told " + told(end) + " from " + begin
                    + " to " + end);
        }
    }

    /** Number of changed rows before a place of which messages came, by table. */
    private Map<String, Integer> told(Place end) {
        Map<String, Set<String>> ids = new TreeMap<>();
        for (Received message : received) {
            Map<String, Object> headers = message.properties().getHeaders();
            String type = String.valueOf(message.type());
            if (!type.matches("row_(insert|update|delete)")
                    || !name.equals(headers.get("database").toString())) {
                continue;
            }
            Place place = new Place(
                    headers.get("binlog_file").toString(), ((Number) headers.get("binlog_position")).longValue());
            if (place.compareTo(begin) >= 0 && place.compareTo(end) < 0) {
                ids.computeIfAbsent(headers.get("table").toString(), table -> new HashSet<>())
                        .add(message.properties().getMessageId().replaceFirst(":insert$", ""));
            }
        }
        Map<String, Integer> told = new TreeMap<>();
        ids.forEach((table, changes) -> told.put(table, changes.size()));
        return told;
    }

    void deleteExchange() throws IOException, TimeoutException {
        try (Channel channel = rabbitmq.createChannel()) {
            channel.exchangeDelete(name);
        }
    }

    boolean hasExchange() throws IOException {
        Channel channel = rabbitmq.createChannel();
        channel.exchangeDeclarePassive(name); // closes the channel if there is none
        return channel.isOpen();
    }

    @Override
    public void close() throws SQLException, IOException, TimeoutException {
        try {
            watchForSilence();
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
        }
    }
}

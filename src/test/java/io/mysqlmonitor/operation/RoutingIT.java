package io.mysqlmonitor.operation;

import static io.mysqlmonitor.testing.Patience.await;
import static io.mysqlmonitor.testing.Patience.awaitConstantly;
import static io.mysqlmonitor.testing.ServerContainer.assumeContainers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.publish.Broker;
import io.mysqlmonitor.publish.RabbitmqSettings;
import io.mysqlmonitor.publish.Subscriber;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import io.mysqlmonitor.testing.ServerContainer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.amqp.AmqpException;

/** Which queue a message reaches: the types of RabbitMQ exchanges, and templates of their names and of the routing key. */
class RoutingIT {

    @TempDir
    private Path directory;

    private Scene scene;
    private Connection connection;
    private Channel channel;
    private RunningMonitor monitor;

    @BeforeEach
    void setUp() throws Exception {
        scene = new Scene(directory);
        scene.expectUncounted("the messages go to RabbitMQ exchanges of the test's own");
        scene.sql("CREATE TABLE orders (id VARCHAR(300) PRIMARY KEY, status VARCHAR(300))");
        connection = TestServers.get().rabbitmq().connect();
        channel = connection.createChannel();
        monitor = new RunningMonitor(scene, "monitor.dedupe.window", "0", "monitor.dead-letter", exchange(".dead"));
    }

    @AfterEach
    void tearDown() throws Exception {
        monitor.close();
        connection.close();
        scene.close();
    }

    private String exchange(String suffix) {
        String name = scene.database() + suffix;
        scene.deleteAtEnd(name, name + ".unroutable");
        return name;
    }

    /** What reaches a queue that is bound like this, in order. */
    private List<Received> bind(String exchange, String key, Map<String, Object> arguments) throws IOException {
        String queue = channel.queueDeclare().getQueue();
        channel.queueBind(queue, exchange, key, arguments);
        return Scene.consume(channel, queue);
    }

    private List<Received> bind(String exchange, String key) throws IOException {
        return bind(exchange, key, Map.of());
    }

    private static List<String> keys(List<Received> received) {
        return received.stream().map(Received::routingKey).toList();
    }

    private static void awaitKeys(List<Received> received, String... expected) {
        await().untilAsserted(() -> assertThat(keys(received)).containsExactly(expected));
    }

    private static void enableConsistentHash() throws Exception {
        ServerContainer.rabbitmq().run("rabbitmq-plugins", "enable", "rabbitmq_consistent_hash_exchange");
    }

    @Test
    void shouldKeepTheWordsOfATopicApartWhateverTheNamesAre() throws Exception {
        String exchange = exchange(".topic");
        scene.sql("CREATE TABLE `od.d#*` (id INT PRIMARY KEY)");
        monitor.start(
                "rabbitmq.exchange",
                exchange,
                "rabbitmq.exchange-type",
                "topic",
                "rabbitmq.routing-key",
                "{database}.{table}.{type}.{key}",
                "monitor.heartbeat.idle",
                "1s");
        List<Received> ofOrders = bind(exchange, "*.orders.*.*");
        List<Received> ofOdd = bind(exchange, "*.od%2Ed%23%2A.row_insert.7");
        List<Received> heartbeats = bind(exchange, "*.*.heartbeat.*");
        List<Received> deadLetters = consumeDeadLetters();
        List<String> all = new CopyOnWriteArrayList<>();
        RabbitmqSettings settings = monitor.configuration().rabbitmq();
        try (Broker broker = new Broker(settings, "subscriber", Clock.systemUTC());
                Subscriber subscriber = new Subscriber(
                        broker,
                        exchange,
                        settings.keyOfAll().orElseThrow(),
                        message -> all.add(message.getEnvelope().getRoutingKey()),
                        notice -> {})) {

            scene.sql(
                    "INSERT INTO orders VALUES ('a.b ü', 'new')",
                    "INSERT INTO orders VALUES (REPEAT('x', 250), 'too long')",
                    "INSERT INTO `od.d#*` VALUES (7)",
                    "DELETE FROM orders WHERE id = 'a.b ü'");

            String database = scene.database();
            awaitKeys(ofOrders, database + ".orders.row_insert.a%2Eb ü", database + ".orders.row_delete.a%2Eb ü");
            awaitKeys(ofOdd, database + ".od%2Ed%23%2A.row_insert.7");
            await().until(() -> !heartbeats.isEmpty());
            assertThat(heartbeats.get(0).routingKey()).isEqualTo("_._.heartbeat._");
            await().untilAsserted(() -> assertThat(all)
                    .contains("_._.heartbeat._")
                    .containsAll(keys(ofOrders))
                    .containsAll(keys(ofOdd)));
            assertThat(deadLetters)
                    .singleElement()
                    .satisfies(
                            letter -> assertThat(letter.body())
                                    .contains(
                                            "\"reason\":\"rabbitmq.routing-key={database}.{table}.{type}.{key} gives more than 255 bytes\""));
        }
    }

    private List<Received> consumeDeadLetters() throws IOException {
        return Scene.consume(channel, monitor.configuration().get("monitor.dead-letter"));
    }

    @Test
    void shouldRouteByAColumnsValueInADirectExchange() throws Exception {
        String exchange = exchange(".direct");
        monitor.start(
                "rabbitmq.exchange",
                exchange,
                "rabbitmq.exchange-type",
                "direct",
                "rabbitmq.routing-key",
                "{value.status}");
        List<Received> fresh = bind(exchange, "new");
        List<Received> paid = bind(exchange, "paid");
        List<Received> none = bind(exchange, "_");

        scene.sql(
                "INSERT INTO orders VALUES (1, 'new')",
                "UPDATE orders SET status = 'paid' WHERE id = 1",
                "DELETE FROM orders WHERE id = 1",
                "INSERT INTO orders VALUES (2, NULL)");

        awaitKeys(none, "_");
        awaitKeys(fresh, "new");
        assertThat(fresh).extracting(Received::type).containsExactly("row_insert");
        awaitKeys(paid, "paid", "paid");
        assertThat(paid).extracting(Received::type).containsExactly("row_update", "row_delete");
    }

    @Test
    void shouldRouteByHeadersInAHeadersExchange() throws Exception {
        String exchange = exchange(".headers");
        scene.sql("CREATE TABLE items (id INT PRIMARY KEY)");
        monitor.start("rabbitmq.exchange", exchange, "rabbitmq.exchange-type", "headers");
        List<Received> deletes = bind(exchange, "", Map.of("x-match", "all", "table", "orders", "type", "row_delete"));
        List<Received> database = bind(exchange, "", Map.of("x-match", "all", "database", scene.database()));
        List<String> all = new CopyOnWriteArrayList<>();
        RabbitmqSettings settings = monitor.configuration().rabbitmq();
        try (Broker broker = new Broker(settings, "subscriber", Clock.systemUTC());
                Subscriber subscriber = new Subscriber(
                        broker,
                        exchange,
                        settings.keyOfAll().orElseThrow(),
                        message -> all.add(message.getProperties().getType()),
                        notice -> {})) {

            scene.sql(
                    "INSERT INTO orders VALUES (1, 'new')",
                    "INSERT INTO items VALUES (1)",
                    "DELETE FROM items",
                    "DELETE FROM orders");

            await().untilAsserted(() -> assertThat(database)
                    .extracting(Received::type)
                    .containsExactly("row_insert", "row_insert", "row_delete", "row_delete"));
            await().until(() -> all.size() == 4);
            assertThat(deletes).hasSize(1);
            assertThat(deletes.get(0).properties().getHeaders().get("table")).hasToString("orders");
        }
    }

    @Test
    void shouldGiveEachRowOneQueueOfAConsistentHashExchange() throws Exception {
        enableConsistentHash();
        String exchange = exchange(".hash");
        monitor.start(
                "rabbitmq.exchange",
                exchange,
                "rabbitmq.exchange-type",
                "x-consistent-hash",
                "rabbitmq.routing-key",
                "{database}.{table}.{key}");
        List<List<Received>> queues = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            queues.add(bind(exchange, "10")); // the weight
        }
        int rows = 50;
        int updates = 5;

        for (int version = 0; version <= updates; version++) {
            for (int id = 0; id < rows; id++) {
                scene.sql("INSERT INTO orders VALUES (" + id + ", '" + version + "') ON DUPLICATE KEY UPDATE status = '"
                        + version + "'");
            }
        }

        await().until(() -> queues.stream().mapToInt(List::size).sum() == rows * (updates + 1));
        Set<String> seen = new HashSet<>();
        for (List<Received> queue : queues) {
            Set<String> rowsOfQueue = new LinkedHashSet<>(keys(queue));
            for (String row : rowsOfQueue) {
                assertThat(seen.add(row)).as("%s is in one queue", row).isTrue();
                List<Received> ofRow = queue.stream()
                        .filter(message -> message.routingKey().equals(row))
                        .toList();
                assertThat(ofRow).hasSize(updates + 1);
                IntStream.rangeClosed(0, updates)
                        .forEach(version ->
                                assertThat(ofRow.get(version).body()).contains("\"status\":\"" + version + "\""));
            }
        }
        assertThat(seen).hasSize(rows);
        assertThat(queues).filteredOn(queue -> !queue.isEmpty()).hasSizeGreaterThan(1);
    }

    @Test
    void shouldGiveTheExchangeItsArgumentsAndItsAlternate() throws Exception {
        enableConsistentHash();
        String exchange = exchange(".arguments &+%/?#");
        String alternate = exchange(".alternate");
        monitor.begin(
                "rabbitmq.exchange",
                exchange,
                "rabbitmq.exchange-type",
                "x-consistent-hash",
                "rabbitmq.exchange-arguments",
                "hash-property=message_id",
                "rabbitmq.alternate-exchange",
                alternate);
        awaitConstantly(Duration.ofSeconds(2), () -> !monitor.status().isAlive());
        channel.exchangeDeclare(alternate, "fanout", true);
        List<Received> unroutable = bind(alternate, "");
        scene.awaitCheckpoint();

        scene.sql("INSERT INTO orders VALUES ('a', '')");
        await().until(() -> unroutable.size() == 1);
        List<Received> one = bind(exchange, "10");
        List<Received> other = bind(exchange, "10");
        for (int id = 0; id < 40; id++) {
            scene.sql("INSERT INTO orders VALUES (" + id + ", '')");
        }

        await().until(() -> one.size() + other.size() == 40);
        assertThat(one).isNotEmpty();
        assertThat(other).isNotEmpty();
        assertThat(unroutable).hasSize(1);
    }

    @Test
    void shouldDeclareEachExchangeOfATemplateWhenItsFirstMessageComes() throws Exception {
        monitor.start(
                "rabbitmq.exchange", scene.database() + "/{value.status}", "rabbitmq.routing-key", "a/b?c=%d {type}");
        scene.sql("INSERT INTO orders VALUES (1, 'x'), (2, 'ü y.z'), (3, 'x'), (4, REPEAT('x', 300))");
        monitor.awaitPublished(4);
        String one = exchange("/x");
        String other = exchange("/ü y%2Ez");
        List<Received> ofOne = bind(one, "");
        List<Received> ofOther = bind(other, "");

        scene.sql("INSERT INTO orders VALUES (5, 'x'), (6, 'ü y.z'), (7, 'x')");
        awaitKeys(ofOne, "a/b?c=%d row_insert", "a/b?c=%d row_insert");
        awaitKeys(ofOther, "a/b?c=%d row_insert");
        channel.exchangeDelete(one);
        scene.sql("INSERT INTO orders VALUES (8, 'x')");

        monitor.awaitPublished(8);
        List<Received> again = bind(one, "");
        scene.sql("INSERT INTO orders VALUES (9, 'x')");
        awaitKeys(again, "a/b?c=%d row_insert");
        assertThat(consumeDeadLetters())
                .satisfies(letters -> await().until(() -> letters.size() == 1))
                .singleElement()
                .satisfies(letter -> assertThat(letter.body())
                        .contains("\"keys\":{\"id\":\"4\"}", "rabbitmq.exchange=", "gives more than 255 bytes"));
    }

    @Test
    void shouldTakeNamesAsTheyAre() throws Exception {
        String printable = IntStream.range('!', 0x7F)
                .filter(c -> c != '{' && c != '}') // templates
                .mapToObj(Character::toString)
                .collect(Collectors.joining(" "));
        String exchange = exchange(printable + " größe 漢😀");
        monitor.start(
                "rabbitmq.exchange", exchange, "rabbitmq.exchange-type", "direct", "rabbitmq.routing-key", printable);
        List<Received> received = bind(exchange, printable);

        scene.sql("INSERT INTO orders VALUES (1, 'x')");

        awaitKeys(received, printable);
    }

    @Test
    void shouldParkWhatNoQueueOfATemplatesExchangeTakes() throws Exception {
        assumeContainers(); // Qpid has no alternate exchanges by this argument
        monitor.start("rabbitmq.exchange", scene.database() + "-{table}", "rabbitmq.unroutable", "park");
        String exchange = exchange("-orders");

        scene.sql("INSERT INTO orders VALUES (1, 'parked')");
        monitor.awaitPublished(1);

        List<Received> parked = Scene.consume(channel, exchange + ".unroutable");
        await().until(() -> parked.size() == 1);
        assertThat(parked.get(0).body()).contains("parked");
    }

    @Test
    void shouldSayThatThePluginOfAnExchangeTypeIsMissing() {
        assumeContainers();
        RabbitmqSettings settings = MonitorConfiguration.of(
                        scene.properties("rabbitmq.exchange", exchange(".type"), "rabbitmq.exchange-type", "x-none"))
                .rabbitmq();
        try (Broker broker = new Broker(settings, "test", Clock.systemUTC())) {
            AmqpException e = catchThrowableOfType(AmqpException.class, broker::connect);

            assertThat(broker.explain(e)).contains("x-none").endsWith("or enable the broker's plugin for it");
        }
    }
}

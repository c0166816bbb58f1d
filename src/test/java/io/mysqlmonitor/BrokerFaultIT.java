package io.mysqlmonitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.mysqlmonitor.servers.ContainerServers;
import io.mysqlmonitor.servers.Servers;
import io.mysqlmonitor.servers.TestServers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;

/** Faults of the broker, and messages that it does not take. */
class BrokerFaultIT {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    private final Servers servers = TestServers.get();
    private Scene scene;
    private DefaultCamelContext context;
    private MysqlMonitor monitor;

    @BeforeEach
    void setUp() throws Exception {
        scene = new Scene(directory);
        scene.sql("CREATE TABLE employee (id INT PRIMARY KEY, name LONGTEXT)");
    }

    @AfterEach
    void tearDown() throws Exception {
        if (context != null) {
            context.close();
            monitor.close();
        }
        for (String name : List.of(deadLetters(), unroutable())) {
            delete(name);
        }
        scene.close();
    }

    private String deadLetters() {
        return scene.database() + ".dead";
    }

    private String unroutable() {
        return scene.database() + ".unroutable";
    }

    private void delete(String name) throws IOException, TimeoutException {
        try (Connection connection = servers.rabbitmq().connect()) {
            quietly(connection, channel -> channel.queueDelete(name));
            quietly(connection, channel -> channel.queueDelete(name + ".refused"));
            quietly(connection, channel -> channel.exchangeDelete(name));
        }
    }

    private interface Deletion {
        void on(Channel channel) throws IOException;
    }

    /** Qpid closes the channel when there is nothing to delete. */
    private static void quietly(Connection connection, Deletion deletion) throws IOException {
        Channel channel = connection.createChannel();
        try {
            deletion.on(channel);
        } catch (IOException e) {
            assertThat(channel.isOpen()).isFalse();
        }
    }

    private void start(String... settings) throws Exception {
        Map<String, String> properties = scene.properties(settings);
        properties.put("monitor.dead-letter", deadLetters());
        properties.putIfAbsent("monitor.dedupe.window", "0");
        context = new DefaultCamelContext();
        monitor = new MysqlMonitor(MonitorConfiguration.of(properties));
        monitor.addTo(context);
        context.start();
    }

    private void insert(int id) throws Exception {
        scene.sql("INSERT INTO employee VALUES (" + id + ", 'x')");
    }

    private void awaitPublished(int count) {
        await().atMost(PATIENCE).until(() -> monitor.checkpoint().published() == count);
    }

    private static String rabbitmqContainer() {
        assumeThat(TestServers.get()).isInstanceOf(ContainerServers.class);
        return ((ContainerServers) TestServers.get()).rabbitmqContainer().getContainerId();
    }

    private void rabbitmqctl(String... arguments) throws Exception {
        rabbitmqContainer();
        String[] command = new String[arguments.length + 1];
        command[0] = "rabbitmqctl";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        var result = ((ContainerServers) servers).rabbitmqContainer().execInContainer(command);
        assertThat(result.getExitCode()).as(result.toString()).isZero();
    }

    @Test
    void shouldStartWhenTheBrokerComes() throws Exception {
        String container = rabbitmqContainer();
        DockerClientFactory.lazyClient().stopContainerCmd(container).exec();
        try {
            start();
            await().during(Duration.ofSeconds(2))
                    .until(() -> !monitor.checkpoint().isAlive());
        } finally {
            DockerClientFactory.lazyClient().startContainerCmd(container).exec();
        }

        scene.awaitCheckpoint();
        insert(1);
        awaitPublished(1);
    }

    @Test
    void shouldStartWhenTheLoginIsMended() throws Exception {
        rabbitmqContainer();
        String user = scene.database();
        start("rabbitmq.user", user, "rabbitmq.password", "right");
        await().during(Duration.ofSeconds(2)).until(() -> !monitor.checkpoint().isAlive());

        rabbitmqctl("add_user", user, "right");
        try {
            rabbitmqctl("set_permissions", user, ".*", ".*", ".*");

            scene.awaitCheckpoint();
            insert(1);
            scene.awaitChanges(1);
        } finally {
            rabbitmqctl("delete_user", user);
        }
    }

    @Test
    void shouldStartWhenAnExchangeOfAnotherTypeIsGone() throws Exception {
        start("rabbitmq.exchange-type", "topic"); // the scene's is a fanout
        await().during(Duration.ofSeconds(2)).until(() -> !monitor.checkpoint().isAlive());

        scene.deleteExchange();

        scene.awaitCheckpoint();
        insert(1);
        awaitPublished(1);
    }

    @Test
    void shouldGoToTheNextNodeOfTheList() throws Exception {
        start(
                "rabbitmq.addresses",
                "127.0.0.1:1," + servers.rabbitmq().host() + ":"
                        + servers.rabbitmq().port());

        scene.awaitCheckpoint();
        insert(1);
        scene.awaitChanges(1);
    }

    @Test
    void shouldSendAgainWhatAQueueRefused() throws Exception {
        rabbitmqContainer(); // RabbitMQ's own arguments
        String queue = scene.database() + ".full";
        try (Connection connection = servers.rabbitmq().connect()) {
            Channel channel = connection.createChannel();
            channel.queueDeclare(queue, false, false, true, Map.of("x-max-length", 1, "x-overflow", "reject-publish"));
            channel.queueBind(queue, scene.database(), "");
            start();
            scene.awaitCheckpoint();

            for (int id = 1; id <= 4; id++) {
                insert(id);
            }
            await().during(Duration.ofSeconds(2))
                    .atMost(PATIENCE)
                    .until(() -> monitor.checkpoint().inFlight() > 0);
            channel.queueDelete(queue);

            awaitPublished(4);
        }
    }

    @Test
    void shouldPutALargeMessageIntoTheDeadLetters() throws Exception {
        start("monitor.message.max-bytes", "1KB");
        scene.awaitCheckpoint();

        scene.sql("INSERT INTO employee VALUES (1, 'a'), (2, REPEAT('x', 2000)), (3, 'b')");

        scene.awaitChanges(2);
        awaitPublished(3);
        assertThat(deadLetter())
                .matches(
                        "\\{\"timestamp\":\\d+,\"binlog_timestamp\":\\d+,\"type\":\"dead_letter\",\"table_name\":\"employee\","
                                + "\"database\":\"" + scene.database()
                                + "\",\"change_type\":\"row_insert\",\"position\":\".*:1\","
                                + "\"keys\":\\{\"id\":2},\"reason\":\"the message has \\d+ bytes, more than .* allows: 1024\"}");
    }

    @Test
    void shouldLearnTheLimitOfTheBroker() throws Exception {
        rabbitmqContainer(); // whose limit is 16 MB
        start("monitor.message.max-bytes", "1GB");
        scene.awaitCheckpoint();

        scene.sql("INSERT INTO employee VALUES (1, 'a'), (2, REPEAT('x', 17 * 1024 * 1024)), (3, 'b')");

        awaitPublished(3);
        assertThat(scene.changes()).extracting(Scene.Received::body).anyMatch(body -> body.contains("\"id\":3"));
        assertThat(deadLetter()).contains("\"keys\":{\"id\":2}").contains("allows: 16777216");
    }

    private String deadLetter() throws IOException, TimeoutException {
        return takeOne(deadLetters());
    }

    private String takeOne(String queue) throws IOException, TimeoutException {
        try (Connection connection = servers.rabbitmq().connect()) {
            GetResponse response = connection.createChannel().basicGet(queue, true);
            assertThat(response).as("a message in " + queue).isNotNull();
            assertThat(response.getMessageCount()).isZero();
            return new String(response.getBody(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void shouldParkWhatNoQueueTakes() throws Exception {
        rabbitmqContainer(); // Qpid has no alternate exchanges by this argument
        scene.deleteExchange(); // with the binding of the scene's queue
        start("rabbitmq.unroutable", "park");
        scene.awaitCheckpoint();

        insert(1);

        awaitPublished(1);
        assertThat(takeOne(unroutable())).contains("\"keys\":{\"id\":1}");
    }

    @Test
    void shouldSayWhichExchangesAreMissing() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("io.mysqlmonitor.publish");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        scene.deleteExchange();
        try {
            start("rabbitmq.declare", "false");
            scene.awaitCheckpoint();
            insert(1);

            await().atMost(PATIENCE).untilAsserted(() -> assertThat(List.copyOf(lines.list))
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .anyMatch(line -> line.contains("There is no RabbitMQ exchange " + deadLetters())
                            && line.contains("Declare the exchange, with a queue"))
                    .anyMatch(line -> line.contains("404")
                            && line.contains("declare the exchange, or set rabbitmq.declare=true")));
        } finally {
            logger.detachAppender(lines);
        }
        try (Connection connection = servers.rabbitmq().connect()) {
            connection.createChannel().exchangeDeclare(scene.database(), "fanout", true);
            awaitPublished(1);
        }
    }

    @Test
    void shouldWaitForAQueueWhenToldToStop() throws Exception {
        rabbitmqContainer();
        scene.deleteExchange();
        start("rabbitmq.unroutable", "stop");
        scene.awaitCheckpoint();

        insert(1);
        await().during(Duration.ofSeconds(2))
                .atMost(PATIENCE)
                .until(() -> monitor.checkpoint().inFlight() == 1);
        String queue = scene.database() + ".late";
        try (Connection connection = servers.rabbitmq().connect()) {
            Channel channel = connection.createChannel();
            channel.queueDeclare(queue, false, true, true, Map.of());
            channel.queueBind(queue, scene.database(), "");

            awaitPublished(1);
            assertThat(channel.basicGet(queue, true)).isNotNull();
        }
    }
}

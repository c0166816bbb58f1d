package io.mysqlmonitor.faults;

import static io.mysqlmonitor.testing.Patience.await;
import static io.mysqlmonitor.testing.Patience.awaitConstantly;
import static io.mysqlmonitor.testing.ServerContainer.assumeContainers;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.servers.Servers;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.ServerContainer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Faults of the broker, and messages that it does not take. */
class BrokerFaultIT {

    @TempDir
    private Path directory;

    private final Servers servers = TestServers.get();
    private Scene scene;
    private RunningMonitor monitor;

    @BeforeEach
    void setUp() throws Exception {
        scene = new Scene(directory);
        scene.sql("CREATE TABLE employee (id INT PRIMARY KEY, name LONGTEXT)");
        scene.deleteAtEnd(deadLetters(), deadLetters() + ".refused", unroutable(), unroutable() + ".refused");
        monitor = new RunningMonitor(scene, "monitor.dead-letter", deadLetters(), "monitor.dedupe.window", "0");
    }

    @AfterEach
    void tearDown() throws Exception {
        monitor.close();
        scene.close();
    }

    private String deadLetters() {
        return scene.database() + ".dead";
    }

    private String unroutable() {
        return scene.database() + ".unroutable";
    }

    private void insert(int id) throws Exception {
        scene.sql("INSERT INTO employee VALUES (" + id + ", 'x')");
    }

    @Test
    void shouldStartWhenTheBrokerComes() throws Exception {
        ServerContainer rabbitmq = ServerContainer.rabbitmq();
        rabbitmq.stop();
        try {
            monitor.begin();
            awaitConstantly(Duration.ofSeconds(2), () -> !monitor.status().isAlive());
        } finally {
            rabbitmq.start();
        }

        scene.awaitCheckpoint();
        insert(1);
        monitor.awaitPublished(1);
    }

    @Test
    void shouldStartWhenTheLoginIsMended() throws Exception {
        ServerContainer rabbitmq = ServerContainer.rabbitmq();
        String user = scene.database();
        monitor.begin("rabbitmq.user", user, "rabbitmq.password", "right");
        awaitConstantly(Duration.ofSeconds(2), () -> !monitor.status().isAlive());

        rabbitmq.run("rabbitmqctl", "add_user", user, "right");
        try {
            rabbitmq.run("rabbitmqctl", "set_permissions", user, ".*", ".*", ".*");

            scene.awaitCheckpoint();
            insert(1);
            scene.awaitChanges(1);
        } finally {
            rabbitmq.run("rabbitmqctl", "delete_user", user);
        }
    }

    @Test
    void shouldStartWhenAnExchangeOfAnotherTypeIsGone() throws Exception {
        monitor.begin("rabbitmq.exchange-type", "topic"); // the scene's is a fanout
        awaitConstantly(Duration.ofSeconds(2), () -> !monitor.status().isAlive());

        scene.deleteExchange();

        scene.awaitCheckpoint();
        insert(1);
        monitor.awaitPublished(1);
    }

    @Test
    void shouldGoToTheNextNodeOfTheList() throws Exception {
        monitor.start(
                "rabbitmq.addresses",
                "127.0.0.1:1," + servers.rabbitmq().host() + ":"
                        + servers.rabbitmq().port());
        insert(1);
        scene.awaitChanges(1);
    }

    @Test
    void shouldSendAgainWhatAQueueRefused() throws Exception {
        assumeContainers(); // RabbitMQ's own arguments
        String queue = scene.database() + ".full";
        try (Connection connection = servers.rabbitmq().connect()) {
            Channel channel = connection.createChannel();
            channel.queueDeclare(queue, false, false, true, Map.of("x-max-length", 1, "x-overflow", "reject-publish"));
            channel.queueBind(queue, scene.database(), "");
            monitor.start();

            for (int id = 1; id <= 4; id++) {
                insert(id);
            }
            await().until(() -> monitor.status().inFlight() > 0);
            awaitConstantly(Duration.ofSeconds(2), () -> monitor.status().inFlight() > 0);
            channel.queueDelete(queue);

            monitor.awaitPublished(4);
        }
    }

    @Test
    void shouldPutALargeMessageIntoTheDeadLetters() throws Exception {
        monitor.start("monitor.message.max-bytes", "1KB");

        scene.sql("INSERT INTO employee VALUES (1, 'a'), (2, REPEAT('x', 2000)), (3, 'b')");

        scene.awaitChanges(2);
        monitor.awaitPublished(3);
        assertThat(deadLetter())
                .matches(
                        "\\{\"timestamp\":\\d+,\"binlog_timestamp\":\\d+,\"type\":\"dead_letter\",\"table_name\":\"employee\","
                                + "\"database\":\"" + scene.database()
                                + "\",\"change_type\":\"row_insert\",\"position\":\".*:1\","
                                + "\"keys\":\\{\"id\":2},\"reason\":\"the message has \\d+ bytes, more than .* allows: 1024\"}");
    }

    @Test
    void shouldLearnTheLimitOfTheBroker() throws Exception {
        assumeContainers(); // whose limit is 16 MB
        monitor.start("monitor.message.max-bytes", "1GB");

        scene.sql("INSERT INTO employee VALUES (1, 'a'), (2, REPEAT('x', 17 * 1024 * 1024)), (3, 'b')");

        monitor.awaitPublished(3);
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
        assumeContainers(); // Qpid has no alternate exchanges by this argument
        scene.deleteExchange(); // with the binding of the scene's queue
        monitor.start("rabbitmq.unroutable", "park");

        insert(1);

        monitor.awaitPublished(1);
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
            monitor.start("rabbitmq.declare", "false");
            insert(1);

            await().untilAsserted(() -> assertThat(List.copyOf(lines.list))
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .anyMatch(line -> line.contains("There is no RabbitMQ exchange " + deadLetters())
                            && line.contains("Declare the exchange, with a queue"))
                    .anyMatch(line -> line.contains("does not accept messages")
                            && line.contains(scene.database())
                            && line.contains("declare the exchange, or set rabbitmq.declare=true")));
        } finally {
            logger.detachAppender(lines);
        }
        try (Connection connection = servers.rabbitmq().connect()) {
            connection.createChannel().exchangeDeclare(scene.database(), "fanout", true);
            monitor.awaitPublished(1);
        }
    }

    @Test
    void shouldWaitForAQueueWhenToldToStop() throws Exception {
        assumeContainers();
        scene.deleteExchange();
        monitor.start("rabbitmq.unroutable", "stop");

        insert(1);
        monitor.awaitInFlight(1);
        awaitConstantly(Duration.ofSeconds(2), () -> monitor.status().inFlight() == 1);
        String queue = scene.database() + ".late";
        try (Connection connection = servers.rabbitmq().connect()) {
            Channel channel = connection.createChannel();
            channel.queueDeclare(queue, false, true, true, Map.of());
            channel.queueBind(queue, scene.database(), "");

            monitor.awaitPublished(1);
            assertThat(channel.basicGet(queue, true)).isNotNull();
        }
    }
}

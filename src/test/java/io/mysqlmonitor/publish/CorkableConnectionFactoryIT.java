package io.mysqlmonitor.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.impl.AMQConnection;
import io.mysqlmonitor.servers.Servers;
import io.mysqlmonitor.servers.TestServers;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CorkableConnectionFactoryIT {

    private static final int LARGER_THAN_THE_BUFFER = 100_000;

    private final CorkableConnectionFactory factory = new CorkableConnectionFactory();
    private final String queue = "cork-" + UUID.randomUUID();
    private Connection corkable;
    private Connection other;
    private Channel publisher;
    private Channel observer;

    @BeforeEach
    void setUp() throws Exception {
        Servers.Rabbitmq rabbitmq = TestServers.get().rabbitmq();
        factory.setHost(rabbitmq.host());
        factory.setPort(rabbitmq.port());
        factory.setUsername(rabbitmq.user());
        factory.setPassword(rabbitmq.password());
        factory.setAutomaticRecoveryEnabled(false);
        corkable = factory.newConnection();
        publisher = corkable.createChannel();
        other = rabbitmq.connect();
        observer = other.createChannel();
        observer.queueDeclare(queue, false, false, false, null);
    }

    @AfterEach
    void tearDown() throws Exception {
        factory.uncork();
        observer.queueDelete(queue);
        corkable.close();
        other.close();
    }

    private void publish(int bytes) throws IOException {
        publisher.basicPublish("", queue, null, new byte[bytes]);
    }

    @Test
    void shouldHoldBackMessagesUntilTheFlushAfterTheCork() throws Exception {
        factory.cork();
        publish(10);
        publish(10);
        await().during(Duration.ofMillis(300)).until(() -> observer.messageCount(queue) == 0);

        factory.uncork();
        ((AMQConnection) corkable).flush();

        await().until(() -> observer.messageCount(queue) == 2);
    }

    @Test
    void shouldHoldBackNothingOfAThreadThatIsNotCorked() throws Exception {
        factory.cork();
        Thread elsewhere = new Thread(() -> {
            try {
                publish(10);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        elsewhere.start();
        elsewhere.join();

        await().until(() -> observer.messageCount(queue) == 1);
    }

    @Test
    void shouldNotHoldBackWhatIsAnswered() throws Exception {
        factory.cork();
        publish(10);

        publisher.queueDeclarePassive(queue); // would never be answered
        await().until(() ->
                observer.messageCount(queue) == 1); // came before it, and RabbitMQ takes its time to count it
        assertThat(corkable.createChannel().isOpen()).isTrue();
    }

    @Test
    void shouldWriteWhenTheBufferIsFull() throws Exception {
        factory.cork();
        publish(10);
        publish(LARGER_THAN_THE_BUFFER);

        await().until(() -> observer.messageCount(queue) >= 1);
    }
}

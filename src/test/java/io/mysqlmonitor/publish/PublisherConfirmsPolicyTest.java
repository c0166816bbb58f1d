package io.mysqlmonitor.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.mysqlmonitor.change.Confirmation;
import io.mysqlmonitor.config.MonitorConfiguration;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;

/**
 * What the policy does with each answer of RabbitMQ. There is no broker: {@link FakeRabbit} answers, because a real one cannot be made to
 * refuse a message or to be silent at the moment that a test needs. Spring's connection factory above it is the real one.
 */
class PublisherConfirmsPolicyTest {

    private static final Logger LOG = (Logger) LoggerFactory.getLogger(PublishingProblem.class);

    private final CamelContext context = new DefaultCamelContext();
    private final FakeRabbit rabbit = new FakeRabbit();
    private final Broker broker = new Broker(
            MonitorConfiguration.of(Map.of("mysql.user", "m", "mysql.password", "m", "rabbitmq.declare", "false"))
                    .rabbitmq(),
            "test",
            Clock.systemUTC(),
            rabbit);
    private final AtomicLong nanos = new AtomicLong();
    private final PublisherConfirmsPolicy policy =
            new PublisherConfirmsPolicy(broker, Duration.ofSeconds(60), nanos::get);
    private final List<Collection<?>> unconfirmed = new ArrayList<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        policy.onUnconfirmed(unconfirmed::add);
        log.start();
        LOG.setLevel(Level.INFO);
        LOG.addAppender(log);
    }

    @AfterEach
    void close() throws Exception {
        Thread.interrupted(); // of a test that failed
        LOG.detachAppender(log);
        LOG.setLevel(null);
        broker.close();
        context.close();
    }

    @Test
    void shouldConfirmAWindowOnceItsMessagesAre() throws Exception {
        rabbit.answers.add(() -> {
            nanos.addAndGet(5);
            return true;
        });
        Confirmation confirmation = confirmation(2);

        Exchange window = run(confirmation, publish(2));

        assertThat(window.getException()).isNull();
        assertThat(confirmation.isConfirmed()).isTrue();
        assertThat(rabbit.calls).containsExactly("select 1", "publish 1", "publish 1", "flush", "wait 1");
        assertThat(policy.awaits()).isEqualTo(1);
        assertThat(policy.awaitedNanos()).isEqualTo(5);
        assertThat(policy.isFailing()).isFalse();
        assertThat(policy.problem()).isEmpty();
        assertThat(unconfirmed).isEmpty();
    }

    @Test
    void shouldSelectConfirmsOncePerChannel() throws Exception {
        run(confirmation(1), publish(1));
        run(confirmation(1), publish(1));

        assertThat(rabbit.calls)
                .containsExactly("select 1", "publish 1", "flush", "wait 1", "publish 1", "flush", "wait 1");
        assertThat(rabbit.connections()).isEqualTo(1);
    }

    @Test
    void shouldCorkTheThreadForTheStepsAlone() throws Exception {
        List<Boolean> corked = new ArrayList<>();
        rabbit.answers.add(() -> corked.add(rabbit.isCorked()));

        run(confirmation(0), exchange -> corked.add(rabbit.isCorked()));

        assertThat(corked).containsExactly(true, false);
    }

    @Test
    void shouldNotConfirmAWindowOfWhichAMessageIsRefused() throws Exception {
        rabbit.answers.add(() -> false);
        Confirmation confirmation = confirmation(1);

        Exchange window = run(confirmation, publish(1));

        assertNotConfirmed(window, confirmation);
        assertThat(policy.problem().orElseThrow())
                .contains("RabbitMQ at localhost:5672", "a message was refused (nack)", "make room in a full queue");
    }

    @Test
    void shouldNotConfirmAWindowWithoutAnAnswerInTime() throws Exception {
        rabbit.answers.add(PublisherConfirmsPolicyTest::timeout);
        Confirmation confirmation = confirmation(1);

        Exchange window = run(confirmation, publish(1));

        assertNotConfirmed(window, confirmation);
        assertThat(policy.problem().orElseThrow()).contains("no confirm within 60 s (rabbitmq.confirm-timeout)");
    }

    @Test
    void shouldSendAWindowAgainOnANewConnection() throws Exception {
        rabbit.answers.add(() -> false);
        run(confirmation(1), publish(1));
        Confirmation again = confirmation(1);

        run(again, publish(1));

        assertThat(again.isConfirmed()).isTrue();
        assertThat(rabbit.connections()).isEqualTo(2);
        assertThat(rabbit.calls).endsWith("select 2", "publish 2", "flush", "wait 2");
    }

    @Test
    void shouldWaitOnWhileTheBrokerBlocksTheConnection() throws Exception {
        rabbit.answers.add(() -> {
            rabbit.block("low on memory");
            return timeout();
        });
        rabbit.answers.add(PublisherConfirmsPolicyTest::timeout);
        rabbit.answers.add(() -> true);
        Confirmation confirmation = confirmation(1);

        Exchange window = run(confirmation, publish(1));

        assertThat(window.getException()).isNull();
        assertThat(confirmation.isConfirmed()).isTrue();
        assertThat(rabbit.calls).containsExactly("select 1", "publish 1", "flush", "wait 1", "wait 1", "wait 1");
        assertThat(broker.blockedSince()).isPresent();
        assertThat(broker.blockedReason()).isEqualTo("low on memory");
    }

    @Test
    void shouldWaitNoLongerThanTheTimeoutOnceTheBrokerUnblocksTheConnection() throws Exception {
        rabbit.answers.add(() -> {
            rabbit.block("low on memory");
            return timeout();
        });
        rabbit.answers.add(() -> {
            rabbit.unblock();
            return timeout();
        });
        Confirmation confirmation = confirmation(1);

        assertNotConfirmed(run(confirmation, publish(1)), confirmation);
    }

    @Test
    void shouldNotConfirmAWindowWhoseChannelWasClosedInBetween() throws Exception {
        Confirmation confirmation = confirmation(1);

        Exchange window = run(confirmation, exchange -> {
            publish(1).process(exchange);
            rabbit.closeChannel();
        });

        assertNotConfirmed(window, confirmation);
        assertThat(rabbit.calls).containsExactly("select 1", "publish 1");
        assertThat(policy.problem().orElseThrow())
                .contains("the channel was closed before the messages were confirmed");
    }

    @Test
    void shouldNotConfirmAWindowOfWhichMessagesAreMissing() throws Exception {
        Confirmation confirmation = confirmation(3);

        Exchange window = run(confirmation, publish(2));

        assertNotConfirmed(window, confirmation);
        assertThat(rabbit.calls).doesNotContain("wait 1");
        assertThat(policy.problem().orElseThrow())
                .startsWith("Windows cannot be published: only 2 messages for the 3 changes of a window were sent")
                .doesNotContain("correct the step");
    }

    @Test
    void shouldNotCountMessagesOfTheWindowBefore() throws Exception {
        run(confirmation(2), publish(2));
        Confirmation confirmation = confirmation(2);

        assertNotConfirmed(run(confirmation, publish(1)), confirmation);
    }

    @Test
    void shouldNotSendAWindowByAnotherThread() throws Exception {
        Confirmation confirmation = new Confirmation(1, () -> false);

        Exchange window = run(confirmation, publish(1));

        assertNotConfirmed(window, confirmation);
        assertThat(rabbit.calls).isEmpty();
        assertThat(policy.problem().orElseThrow()).contains("only one thread publishes");
    }

    @Test
    void shouldKeepTheThreadInterruptedSoThatTheWindowIsNotSentAgain() throws Exception {
        rabbit.answers.add(() -> {
            throw new InterruptedException();
        });
        Confirmation confirmation = confirmation(1);

        Exchange window = run(confirmation, publish(1));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(window.getException()).isNotNull();
        assertThat(confirmation.isConfirmed()).isFalse();
        assertThat(policy.isFailing()).isFalse(); // the monitor stops, and RabbitMQ has no fault
        assertThat(log.list).isEmpty();
    }

    @Test
    void shouldAwaitTheConfirmOfAHeartbeatToo() throws Exception {
        rabbit.answers.add(() -> false);

        Exchange refused = run(null, publish(1));
        Exchange confirmed = run(null, publish(1));

        assertThat(refused.getException()).hasRootCauseInstanceOf(UnconfirmedException.class);
        assertThat(confirmed.getException()).isNull();
        assertThat(policy.awaits()).isEqualTo(1);
        assertThat(unconfirmed).isEmpty(); // it is not sent again
    }

    @Test
    void shouldNotWaitForConfirmsAfterAStepThatFailed() throws Exception {
        Confirmation confirmation = confirmation(1);
        Exception fault = new IllegalArgumentException("no such column");

        Exchange window = run(confirmation, exchange -> {
            publish(1).process(exchange);
            exchange.setException(fault);
        });

        assertNotConfirmed(window, confirmation);
        assertThat(window.getException()).isSameAs(fault);
        assertThat(rabbit.calls).doesNotContain("wait 1");
        assertThat(policy.problem().orElseThrow()).contains("no such column", "correct the step of publish.camel.yaml");
    }

    @Test
    void shouldNotConfirmAWindowThatAnErrorEnded() throws Exception {
        Confirmation confirmation = confirmation(1);
        Error error = new OutOfMemoryError("a test's");

        assertThatThrownBy(() -> run(confirmation, exchange -> {
                    publish(1).process(exchange);
                    throw error;
                }))
                .isSameAs(error);

        assertThat(confirmation.isConfirmed()).isFalse();
        assertThat(rabbit.isCorked()).isFalse();
        Confirmation next = confirmation(1);
        run(next, publish(1));
        assertThat(next.isConfirmed()).isTrue();
    }

    @Test
    void shouldSayAProblemOnceUntilMessagesAreConfirmedAgain() throws Exception {
        rabbit.answers.add(() -> false);
        rabbit.answers.add(PublisherConfirmsPolicyTest::timeout);

        run(confirmation(1), publish(1));
        run(confirmation(1), publish(1));
        policy.retried(new IllegalStateException("another step"));

        assertThat(log.list).hasSize(1);
        assertThat(log.list.get(0).getLevel()).isEqualTo(Level.WARN);
        assertThat(log.list.get(0).getFormattedMessage())
                .contains("does not accept messages: ", "(nack)", "Unconfirmed messages are kept and sent again");
        assertThat(policy.problem().orElseThrow()).contains("(nack)");

        run(confirmation(1), publish(1));
        run(confirmation(1), publish(1));

        assertThat(log.list).hasSize(2);
        assertThat(log.list.get(1).getFormattedMessage())
                .isEqualTo("RabbitMQ at localhost:5672, vhost / accepts messages again");
        assertThat(policy.isFailing()).isFalse();

        rabbit.answers.add(() -> false);
        run(confirmation(1), publish(1));

        assertThat(log.list).hasSize(3);
        assertThat(policy.isFailing()).isTrue();
    }

    @Test
    void shouldLearnTheSizeThatTheBrokerAccepts() throws Exception {
        run(
                confirmation(1),
                exchange -> exchange.setException(new AmqpException(
                        "PRECONDITION_FAILED - message size 300 is larger than configured max size 200")));

        assertThat(broker.messageLimit().bytes()).isEqualTo(200);
    }

    private void assertNotConfirmed(Exchange window, Confirmation confirmation) {
        assertThat(window.getException()).isNotNull();
        assertThat(confirmation.isConfirmed()).isFalse();
        assertThat(rabbit.isCorked()).isFalse();
        assertThat(policy.isFailing()).isTrue();
        assertThat(unconfirmed).containsExactly(List.of("a message"));
        assertThat(rabbit.isOpen()).isFalse(); // so that it is sent again on another
    }

    /** Sends a window, or a heartbeat if there is nothing to confirm. */
    private Exchange run(Confirmation confirmation, Processor steps) throws Exception {
        Exchange exchange = new DefaultExchange(context);
        if (confirmation != null) {
            exchange.setProperty(Confirmation.PROPERTY, confirmation);
            exchange.getMessage().setBody(List.of("a message"));
        }
        policy.wrap(null, steps).process(exchange);
        return exchange;
    }

    private static Confirmation confirmation(int messages) {
        return new Confirmation(messages, () -> true);
    }

    private Processor publish(int messages) {
        return exchange -> broker.connection().onChannel(channel -> {
            for (int i = 0; i < messages; i++) {
                channel.basicPublish("mysql-monitor", "", null, new byte[0]);
            }
            return null;
        });
    }

    private static boolean timeout() throws TimeoutException {
        throw new TimeoutException();
    }
}

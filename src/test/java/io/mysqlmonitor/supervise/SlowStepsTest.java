package io.mysqlmonitor.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class SlowStepsTest {

    private final Logger logger = (Logger) LoggerFactory.getLogger(SlowSteps.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private long nanos;
    private final SlowSteps steps = new SlowSteps(new MonotonicClock(() -> nanos, Instant.EPOCH));

    @BeforeEach
    void listen() {
        lines.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(lines);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(lines);
        logger.setLevel(null);
    }

    @Test
    void shouldTellOnceWhatASlowStepWaitsFor() {
        steps.begin("MySQL to answer");
        steps.run();
        pass(4);
        steps.run();
        assertThat(lines.list).isEmpty();

        pass(2);
        steps.begin("MySQL to answer");
        steps.run();
        steps.run();
        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("Waiting for MySQL to answer, 6 s so far");

        pass(50);
        steps.begin("RabbitMQ to answer");
        steps.end();
        steps.run();
        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("Waiting for MySQL to answer, 6 s so far", "Waited 56 s for MySQL to answer");
    }

    private void pass(int seconds) {
        nanos += Duration.ofSeconds(seconds).toNanos();
    }
}

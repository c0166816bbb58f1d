package io.mysqlmonitor.command;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.Map;
import java.util.logging.LogManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class JavaLoggingTest {

    private static final String CLIENT = "com.github.shyiko.mysql.binlog.BinaryLogClient";

    private final java.util.logging.Logger client = java.util.logging.Logger.getLogger(CLIENT);
    private final Logger log = (Logger) LoggerFactory.getLogger("com.github.shyiko");
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

    @BeforeEach
    void begin() {
        JavaLogging.begin();
        log.setLevel(Level.TRACE);
        log.setAdditive(false);
        logged.start();
        log.addAppender(logged);
    }

    @AfterEach
    void end() throws Exception {
        log.detachAppender(logged);
        log.setLevel(null);
        log.setAdditive(true);
        LogManager.getLogManager().readConfiguration();
    }

    @Test
    void shouldBringWhatTheBinlogClientSaysIntoTheLog() {
        RuntimeException cause = new IllegalStateException("why");

        client.log(java.util.logging.Level.WARNING, "not heard");
        client.log(java.util.logging.Level.SEVERE, "heard", cause);

        assertThat(logged.list).singleElement().satisfies(event -> {
            assertThat(event.getLevel()).isEqualTo(Level.ERROR);
            assertThat(event.getLoggerName()).isEqualTo(CLIENT);
            assertThat(event.getFormattedMessage()).isEqualTo("heard");
            assertThat(event.getThrowableProxy().getMessage()).isEqualTo("why");
        });
    }

    @Test
    void shouldLetTheBinlogClientSayMoreIfAskedTo() {
        JavaLogging.apply(Map.of("com.github.shyiko", "debug"));

        client.log(java.util.logging.Level.FINE, "at {0}", 4);
        client.log(java.util.logging.Level.FINEST, "not heard");

        assertThat(logged.list).extracting(ILoggingEvent::getFormattedMessage).isEqualTo(List.of("at 4"));
        assertThat(logged.list).extracting(ILoggingEvent::getLevel).isEqualTo(List.of(Level.DEBUG));
    }
}

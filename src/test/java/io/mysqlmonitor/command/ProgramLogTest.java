package io.mysqlmonitor.command;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mysqlmonitor.config.LogSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProgramLogTest {

    private final LoggerContext context = new LoggerContext();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @BeforeEach
    void readTheProgramsOwn() throws Exception {
        context.setMDCAdapter(new LogbackMDCAdapter());
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(ProgramLog.class.getResource("/io/mysqlmonitor/logback.xml"));
        appender().setOutputStream(out);
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    @SuppressWarnings("unchecked")
    private OutputStreamAppender<ILoggingEvent> appender() {
        return (OutputStreamAppender<ILoggingEvent>) context.getLogger("root").getAppender("console");
    }

    @Test
    void shouldLogTextAtInfoByDefault() {
        ProgramLog.apply(new LogSettings("info", false, Map.of()), context);

        context.getLogger("io.mysqlmonitor.Some").info("said of {}", 1);
        context.getLogger("io.mysqlmonitor.Some").debug("not said");

        assertThat(lines()).singleElement().asString().endsWith(" INFO  Some - said of 1");
    }

    @Test
    void shouldSetTheLevelOfTheMonitorAlone() {
        ProgramLog.apply(new LogSettings("debug", false, Map.of()), context);

        assertThat(context.getLogger("io.mysqlmonitor.publish.Broker").getEffectiveLevel())
                .isEqualTo(Level.DEBUG);
        assertThat(context.getLogger("org.example").getEffectiveLevel()).isEqualTo(Level.INFO);
        assertThat(context.getLogger("io.debezium.any").getEffectiveLevel()).isEqualTo(Level.WARN);
    }

    @Test
    void shouldSetTheLevelOfAnyLogger() {
        ProgramLog.apply(
                new LogSettings(
                        "info",
                        false,
                        Map.of(
                                "io.debezium.embedded", "trace",
                                "io.mysqlmonitor.publish", "error",
                                "org.apache.camel", "off",
                                "root", "warn")),
                context);

        assertThat(context.getLogger("io.debezium.embedded.Any").getEffectiveLevel())
                .isEqualTo(Level.TRACE);
        assertThat(context.getLogger("io.mysqlmonitor.publish.Any").getEffectiveLevel())
                .isEqualTo(Level.ERROR);
        assertThat(context.getLogger("org.apache.camel").getEffectiveLevel()).isEqualTo(Level.OFF);
        assertThat(context.getLogger("org.example").getEffectiveLevel()).isEqualTo(Level.WARN);
        assertThat(context.getLogger("io.mysqlmonitor").getEffectiveLevel()).isEqualTo(Level.INFO);
    }

    @Test
    void shouldLogOneJsonObjectPerLine() throws IOException {
        ProgramLog.apply(new LogSettings("info", true, Map.of()), context);

        context.getLogger("io.mysqlmonitor.Some").warn("a \"{}\"\nwith\u0000two lines", "b");
        context.getLogger("io.mysqlmonitor.Some")
                .error("failed", new IllegalStateException("x", new IOException("why")));

        assertThat(lines()).hasSize(2);
        JsonNode plain = new ObjectMapper().readTree(lines().get(0));
        assertThat(plain.fieldNames()).toIterable().containsExactly("time", "level", "logger", "message");
        assertThat(Instant.parse(plain.get("time").asText())).isBeforeOrEqualTo(Instant.now());
        assertThat(plain.get("level").asText()).isEqualTo("WARN");
        assertThat(plain.get("logger").asText()).isEqualTo("io.mysqlmonitor.Some");
        assertThat(plain.get("message").asText()).isEqualTo("a \"b\"\nwith\u0000two lines");
        JsonNode failure = new ObjectMapper().readTree(lines().get(1));
        assertThat(failure.get("exception").asText())
                .startsWith("java.lang.IllegalStateException: x")
                .contains("at io.mysqlmonitor.command.ProgramLogTest.", "Caused by: java.io.IOException: why");
    }

    private List<String> lines() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }
}

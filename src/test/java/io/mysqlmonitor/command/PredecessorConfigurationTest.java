package io.mysqlmonitor.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.entry;

import io.mysqlmonitor.config.ConfigurationException;
import io.mysqlmonitor.config.MonitorConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PredecessorConfigurationTest {

    private static final String LEAST = "[mysql]\nport=1\nserver_id=2\ndatabase=d\n[amqp]\nport=3\n[monitor]\n";

    @Test
    void shouldTurnTheDocumentedExampleIntoProperties() throws IOException {
        PredecessorConfiguration example =
                PredecessorConfiguration.of(Files.readString(Path.of("src/test/resources/predecessor/config.cfg")));

        assertThat(example.properties())
                .containsExactly(
                        entry("mysql.host", "db"),
                        entry("mysql.port", "3306"),
                        entry("mysql.user", "monitor"),
                        entry("mysql.password", "monitor"),
                        entry("mysql.server-id", "99"),
                        entry("mysql.databases", "test"),
                        entry("rabbitmq.addresses", "queue:5672"),
                        entry("rabbitmq.user", "guest"),
                        entry("rabbitmq.password", "guest"),
                        entry("rabbitmq.vhost", "/"),
                        entry("rabbitmq.ssl", "false"),
                        entry("rabbitmq.exchange", "mysql-monitor"),
                        entry("rabbitmq.exchange-type", "fanout"),
                        entry("rabbitmq.routing-key", "monitor"),
                        entry("monitor.dedupe.window", "2s"));
        assertThat(example.ignored())
                .hasSize(2)
                .allMatch(line -> line.startsWith("[monitor] log_level has no counterpart: ")
                        || line.startsWith("[monitor] delay_start has no counterpart: "));
        assertThat(MonitorConfiguration.of(example.properties()).get("mysql.host"))
                .isEqualTo("db");
    }

    @Test
    void shouldTakeThePredecessorsDefaults() {
        assertThat(PredecessorConfiguration.of(LEAST).properties())
                .contains(
                        entry("mysql.host", "127.0.0.1"),
                        entry("mysql.user", "admin"),
                        entry("mysql.password", "admin"),
                        entry("rabbitmq.addresses", "127.0.0.1:3"),
                        entry("rabbitmq.user", "admin"),
                        entry("monitor.dedupe.window", "30s"));
    }

    @Test
    void shouldReadAsPythonDoes() {
        PredecessorConfiguration read = PredecessorConfiguration.of("# comment\n[DEFAULT]\nuser: both\n" + LEAST
                + "Delay = 0 ; of seconds\nREM comment\n[amqp]\npassword = a;b#c = d\nvhost = \"\"\nSSL: On\n"
                + "exchange = one\n  more\n");

        assertThat(read.properties())
                .contains(
                        entry("mysql.user", "both"),
                        entry("rabbitmq.user", "both"),
                        entry("rabbitmq.password", "a;b#c = d"),
                        entry("rabbitmq.vhost", ""),
                        entry("rabbitmq.ssl", "true"),
                        entry("rabbitmq.exchange", "one\nmore"),
                        entry("monitor.dedupe.window", "0"));
        assertThat(read.ignored()).isEmpty();
    }

    @Test
    void shouldTakeTheDatabaseForANameAndNotForAnExpression() {
        assertThat(PredecessorConfiguration.of(LEAST.replace("=d\n", "=my.d-b$ü\n"))
                        .properties())
                .contains(entry("mysql.databases", "my\\.d-b\\$ü"));
    }

    @Test
    void shouldNameWhatHasNoCounterpartWithoutItsValue() {
        assertThat(PredecessorConfiguration.of(LEAST + "[amqp]\nca_certs=/secret\ntoken=secret\n[other]\nx=secret\n")
                        .ignored())
                .hasSize(3)
                .noneMatch(line -> line.contains("secret"))
                .anyMatch(line -> line.startsWith("[amqp] ca_certs has no counterpart: set rabbitmq.ssl-ca"))
                .contains("[other] x has no counterpart: the predecessor does not know it either");
    }

    @ParameterizedTest
    @CsvSource({"port=1,[mysql] port", "server_id=2,[mysql] server_id", "database=d,[mysql] database"})
    void shouldRefuseWhatThePredecessorDoesNotStartWith(String option, String name) {
        assertThat(problems(LEAST.replace(option + "\n", "")))
                .containsExactly(name + " is missing; the predecessor does not start without it either");
    }

    @ParameterizedTest
    @ValueSource(strings = {"delay=soon", "[mysql]\ndatabase=", "[amqp]\nssl=maybe", "[amqp]\nnothing", "[amqp\n"})
    void shouldRefuseWhatItCannotRead(String line) {
        assertThat(problems(LEAST + line)).hasSize(1);
    }

    @Test
    void shouldRefuseAnOptionWithoutASection() {
        assertThat(problems("a=b\n" + LEAST)).containsExactly("line 1 is neither [section] nor option = value");
    }

    private static List<String> problems(String text) {
        return catchThrowableOfType(ConfigurationException.class, () -> PredecessorConfiguration.of(text))
                .problems();
    }
}

package io.mysqlmonitor.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mysqlmonitor.publish.RabbitmqSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RabbitmqUriTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "amqp://mq                              | false | mq:5672                   | guest | guest | /",
                "amqps://mq                             | true  | mq:5671                   | guest | guest | /",
                "AMQPS://mq                             | true  | mq:5671                   | guest | guest | /",
                "amqp://mq:1234/shop                    | false | mq:1234                   | guest | guest | shop",
                "amqp://u:p@mq/%2F                      | false | mq:5672                   | u     | p     | /",
                "amqp://u:p@mq/%2fa%2fb                 | false | mq:5672                   | u     | p     | /a/b",
                "amqps://u:p@one:1,two,three:3/v        | true  | one:1,two:5671,three:3    | u     | p     | v",
                "amqp://u:p@[::1]:9,[fe80::1]/v         | false | [::1]:9,[fe80::1]:5672    | u     | p     | v",
                "amqp://u%40x:p%2F%3A%40%25@mq          | false | mq:5672                   | u@x   | p/:@% | /",
                "amqp://u:p+q@mq/a+b                    | false | mq:5672                   | u     | p+q   | a+b",
                "amqp://u:p%C3%A4%F0%9F%98%80ö😀@mq     | false | mq:5672                   | u     | pä😀ö😀 | /"
            })
    void shouldReadUri(String uri, boolean tls, String addresses, String user, String password, String virtualHost) {
        assertThat(RabbitmqUri.parse(uri)).isEqualTo(new RabbitmqUri(tls, addresses, user, password, virtualHost));
    }

    @Test
    void shouldAllowAnEmptyPassword() {
        assertThat(RabbitmqUri.parse("amqp://u:@mq").password()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://u:secret@mq             | does not begin with amqp:// or amqps://",
                "u:secret@mq:5672               | does not begin with amqp:// or amqps://",
                "amqp:u:secret@mq               | does not begin with amqp:// or amqps://",
                "amqp://u:secret@mq/v?heartbeat=5 | a query",
                "amqp://u:secret#x@mq           | write %3F or %23",
                "amqp://u:secret@x@mq           | write %40",
                "amqp://u:secret/x@mq           | write %2F",
                "amqp://u:secret@mq/a/b         | write %2F",
                "amqp://u:secret@mq/            | virtual host is empty",
                "amqp://secret@mq               | no user and password before the @",
                "amqp://:secret@mq              | no user and password before the @",
                "amqp://u:secret:x@mq           | write %3A",
                "amqp://u:secret%zz@mq          | its password has a %",
                "amqp://u:secret%4@mq           | its password has a %",
                "amqp://u:secret%FF@mq          | its password is not UTF-8",
                "amqp://u%:secret@mq            | its user has a %",
                "amqp://u:secret@mq/%           | its virtual host has a %",
                "amqp://u:secret@               | a host is missing",
                "amqp://u:secret@/v             | a host is missing",
                "amqp://u:secret@one,,two       | a host is missing",
                "amqp://u:secret@mq:x           | not host or host:port",
                "amqp://u:secret@::1            | not host or host:port",
                "amqp://u:secret@mq:0           | a port is not a number from 1 to 65535",
                "amqp://u:secret@mq:65536       | a port is not a number from 1 to 65535"
            })
    void shouldSayWhatIsWrongWithoutThePassword(String uri, String problem) {
        assertThatThrownBy(() -> RabbitmqUri.parse(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(problem)
                .hasMessageNotContaining("secret");

        ConfigurationException e =
                catchThrowableOfType(ConfigurationException.class, () -> configuration("rabbitmq.uri", uri));
        assertThat(e.problems()).hasSize(1);
        assertThat(e.problems().get(0))
                .startsWith("rabbitmq.uri is not valid: ")
                .contains(problem)
                .doesNotContain("secret");
    }

    @Test
    void shouldTakeTheUriForTheOtherProperties() {
        MonitorConfiguration configuration = configuration("rabbitmq.uri", "amqps://u:secret@one,two:9/shop");

        RabbitmqSettings settings = configuration.rabbitmq();
        assertThat(settings.addresses()).isEqualTo("one:5671,two:9");
        assertThat(settings.user()).isEqualTo("u");
        assertThat(settings.password()).isEqualTo("secret");
        assertThat(settings.virtualHost()).isEqualTo("shop");
        assertThat(settings.tls()).isNotNull();
        assertThat(configuration("rabbitmq.uri", "amqp://one").rabbitmq().tls()).isNull();
        assertThat(configuration("rabbitmq.uri", "").rabbitmq().addresses()).isEqualTo("localhost:5672");
    }

    @Test
    void shouldKeepTheUriSecret() {
        MonitorConfiguration configuration = configuration("rabbitmq.uri", "amqps://u:secret@one/shop");

        assertThat(configuration.placeholders())
                .doesNotContainKeys("rabbitmq.uri", "rabbitmq.password")
                .containsEntry("rabbitmq.addresses", "one:5671")
                .allSatisfy((name, value) -> assertThat(value).doesNotContain("secret"));
        assertThat(MonitorProperties.isPublic("rabbitmq.uri")).isFalse();
        assertThat(configuration.toString() + configuration.rabbitmq()).doesNotContain("secret");
        assertThat(RabbitmqUri.parse("amqps://u:secret@one/shop").toString()).doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rabbitmq.addresses=localhost:5672",
                "rabbitmq.user=guest",
                "rabbitmq.password=secret",
                "rabbitmq.vhost=/",
                "rabbitmq.ssl=true"
            })
    void shouldRefuseAPropertyThatTheUriReplaces(String property) {
        String name = property.substring(0, property.indexOf('='));
        String value = property.substring(property.indexOf('=') + 1);

        assertThatThrownBy(() -> configuration("rabbitmq.uri", "amqp://u:secret@mq", name, value))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("rabbitmq.uri cannot be combined with " + name + ", which it replaces; remove one of them");
    }

    @Test
    void shouldSeeBothInTheEnvironmentToo(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("application.properties");
        Files.writeString(file, "mysql.user=u\nmysql.password=p\nrabbitmq.vhost=v\n");

        assertThatThrownBy(() -> MonitorConfiguration.load(
                        file, Map.of("RABBITMQ_URI", "amqp://u:secret@mq", "RABBITMQ_USER", "u")))
                .hasMessageStartingWith("rabbitmq.uri cannot be combined with rabbitmq.user, rabbitmq.vhost,")
                .hasMessageNotContaining("secret");
    }

    private static MonitorConfiguration configuration(String... properties) {
        Map<String, String> all = new TreeMap<>(Map.of("mysql.user", "monitor", "mysql.password", "monitor"));
        for (int i = 0; i < properties.length; i += 2) {
            all.put(properties[i], properties[i + 1]);
        }
        return MonitorConfiguration.of(all);
    }
}

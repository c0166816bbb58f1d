package io.mysqlmonitor.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretFileTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void shouldTakeTheContentsWithoutTheLineBreakAtTheEnd(String end) throws IOException {
        Path file = write(" p=\u00e4\\\n#" + end);

        MonitorConfiguration configuration =
                MonitorConfiguration.of(Map.of("mysql.user", "u", "mysql.password-file", file.toString()));

        assertThat(configuration.mysql().password()).isEqualTo(" p=\u00e4\\\n#");
        assertThat(configuration.placeholders()).doesNotContainKey("mysql.password");
        assertThat(configuration.toString()).doesNotContain("p=");
    }

    @Test
    void shouldTakeEachSecretFromAFile() throws IOException {
        for (Property secret : MonitorProperties.ALL) {
            if (secret.secret()) {
                String value = secret.name().equals("rabbitmq.uri") ? "amqp://u:p@localhost" : "from a file";
                Path file = write(value + '\n');
                Map<String, String> properties = new HashMap<>(Map.of("mysql.user", "u", "mysql.password", "p"));
                properties.remove(secret.name());
                properties.put(secret.name() + "-file", file.toString());

                assertThat(MonitorConfiguration.of(properties).get(secret.name()))
                        .isEqualTo(value);
            }
        }
    }

    @Test
    void shouldTakeTheNameOfTheFileFromTheEnvironment() throws IOException {
        Path file = write("secret\n");
        Path properties = folder.resolve("application.properties");
        Files.writeString(properties, "mysql.user=u\nmysql.password=\nmysql.password-file=elsewhere\n");

        MonitorConfiguration configuration = MonitorConfiguration.load(
                properties, Map.of("MYSQL_PASSWORD_FILE", file.toString(), "MYSQL_COLUMNS_HASH_SALT_FILE", ""));

        assertThat(configuration.mysql().password()).isEqualTo("secret");
        assertThat(configuration.get("mysql.columns.hash.salt")).isEmpty();
    }

    @Test
    void shouldNotShowASecretThatIsGivenInPlaceOfAFile() {
        assertThatThrownBy(() -> MonitorConfiguration.of(Map.of("mysql.user", "u", "mysql.password-file", "hunter2")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("mysql.password-file=(not shown) does not exist")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void shouldRefuseAValueAndAFile() throws IOException {
        Map<String, String> properties = new HashMap<>();
        properties.put("mysql.user", "u");
        properties.put("mysql.password", "hidden");
        properties.put("mysql.password-file", write("other").toString());

        assertThat(problems(properties))
                .containsExactly("mysql.password and mysql.password-file are both given; remove one of them");
    }

    @Test
    void shouldRefuseWithOneLineAFileThatIsNotThere() {
        assertThat(problems(Map.of("mysql.user", "u", "mysql.password-file", "/none/here")))
                .containsExactly(
                        "mysql.password-file=\"/none/here\" does not exist; name a file that holds the value of mysql.password "
                                + "and nothing else");
    }

    @Test
    void shouldRefuseASaltThatCannotBeReadWithOneLine() {
        assertThat(problems(Map.of(
                        "mysql.user", "u",
                        "mysql.password", "p",
                        "mysql.columns.hash", "shop.user.mail",
                        "mysql.columns.hash.salt-file", "/none/here")))
                .singleElement()
                .asString()
                .startsWith("mysql.columns.hash.salt-file=\"/none/here\" does not exist");
    }

    @Test
    void shouldRefuseWhatIsNoSecret() throws IOException {
        assertThat(problemOf(write("\n"))).contains("is empty");
        assertThat(problemOf(folder)).contains("cannot be read");
        assertThat(problemOf(write("x".repeat(65_537)))).contains("is larger than 64KB");
        assertThat(problemOf(Files.write(folder.resolve("binary"), new byte[] {'s', (byte) 0xff})))
                .contains("is not UTF-8 text");
    }

    @Test
    void shouldShowNothingOfTheSecretInARefusal() {
        assertThat(problems(Map.of("mysql.user", "u", "mysql.password-file", "amqp://user:hidden@host")))
                .singleElement()
                .asString()
                .startsWith("mysql.password-file=(not shown) does not exist")
                .doesNotContain("hidden");
    }

    @Test
    void shouldSayHowASecretCanBeGiven() {
        assertThat(problems(Map.of("mysql.user", "u")))
                .containsExactly(
                        "mysql.password is missing in the given properties; set it there, or name a file that holds it with "
                                + "mysql.password-file");
        assertThat(problems(Map.of("mysql.user", "u", "mysql.password", "")))
                .containsExactly(
                        "mysql.password is empty; set it, or name a file that holds it with mysql.password-file");
    }

    @Test
    void shouldTakeTheFileInPlaceOfAnEmptyValue() throws IOException {
        MonitorConfiguration configuration = MonitorConfiguration.of(Map.of(
                "mysql.user", "u",
                "mysql.password", "",
                "mysql.password-file", write("secret\n").toString()));

        assertThat(configuration.mysql().password()).isEqualTo("secret");
    }

    private Path write(String text) throws IOException {
        return Files.write(folder.resolve("secret"), text.getBytes(StandardCharsets.UTF_8));
    }

    private static String problemOf(Path file) {
        List<String> problems = problems(Map.of("mysql.user", "u", "mysql.password-file", file.toString()));
        assertThat(problems).hasSize(1);
        return problems.get(0);
    }

    private static List<String> problems(Map<String, String> properties) {
        return catchThrowableOfType(ConfigurationException.class, () -> MonitorConfiguration.of(properties))
                .problems();
    }
}

package io.mysqlmonitor.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mysqlmonitor.server.MysqlSettings;
import io.mysqlmonitor.servers.ClientCheck;
import io.mysqlmonitor.servers.TlsCertificates;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientCertificateTest {

    @TempDir
    private static Path folder;

    private static TlsCertificates certificates;

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = TlsCertificates.createAuthority(folder);
        certificates.createClient("server", "RSA");
        certificates.createClient("rsa", "RSA");
        certificates.createClient("other-rsa", "RSA");
        certificates.createClient("ec", "EC");
        certificates.createClient("other-ec", "EC");
        certificates.createClient("ed25519", "Ed25519");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "ec", "ed25519"})
    void shouldShowTheCertificateToAServerThatDemandsOne(String name) throws Exception {
        SSLContext client = configuration(
                        "rabbitmq.ssl", "true",
                        "rabbitmq.ssl-ca", certificates.authority().toString(),
                        "rabbitmq.ssl-cert", certificates.certificate(name).toString(),
                        "rabbitmq.ssl-key", certificates.key(name).toString())
                .rabbitmq()
                .tls();

        try (ClientCheck server = new ClientCheck(server());
                Socket plain = server.connect();
                Socket socket = client.getSocketFactory().createSocket(plain, "localhost", plain.getPort(), true)) {
            assertThat(server.shownBy(socket)).isEqualTo("CN=" + name);
        }
    }

    @Test
    void shouldShowNoneIfNoneIsGiven() throws Exception {
        SSLContext client = Certificates.tls(certificates.authority(), null);

        try (ClientCheck server = new ClientCheck(server());
                Socket plain = server.connect();
                Socket socket = client.getSocketFactory().createSocket(plain, "localhost", plain.getPort(), true)) {
            assertThat(server.shownBy(socket)).startsWith("refused: ");
        }
    }

    @ParameterizedTest
    @CsvSource({"rsa, other-rsa", "ec, other-ec", "rsa, ec", "ec, rsa", "ed25519, ec"})
    void shouldRefuseTheKeyOfAnotherCertificate(String certificate, String key) {
        assertThat(problem(
                        "mysql.ssl-cert", certificates.certificate(certificate).toString(),
                        "mysql.ssl-key", certificates.key(key).toString()))
                .isEqualTo("mysql.ssl-key=" + certificates.key(key)
                        + " is not valid: its key is not that of the first certificate in "
                        + certificates.certificate(certificate));
    }

    @ParameterizedTest
    @CsvSource({"mysql.ssl-cert, mysql.ssl-key", "rabbitmq.ssl-cert, rabbitmq.ssl-key"})
    void shouldRefuseTheOneWithoutTheOther(String certificate, String key) {
        assertThat(problem(certificate, certificates.certificate("rsa").toString()))
                .startsWith(key + " is missing: ");
        assertThat(problem(key, certificates.key("rsa").toString())).startsWith(certificate + " is missing: ");
    }

    @Test
    void shouldRefuseACertificateWithoutTls() {
        String certificate = certificates.certificate("rsa").toString();
        String key = certificates.key("rsa").toString();

        assertThat(problem("mysql.ssl-cert", certificate, "mysql.ssl-key", key, "mysql.ssl-mode", "disabled"))
                .contains("mysql.ssl-cert and mysql.ssl-key need TLS", "mysql.ssl-mode");
        assertThat(problem("rabbitmq.ssl-cert", certificate, "rabbitmq.ssl-key", key))
                .contains("rabbitmq.ssl-cert and rabbitmq.ssl-key need TLS", "rabbitmq.ssl", "amqps://");
        assertThat(configuration(
                                "rabbitmq.ssl-cert", certificate, "rabbitmq.ssl-key", key, "rabbitmq.uri", "amqps://mq")
                        .rabbitmq()
                        .tls())
                .isNotNull();
    }

    @Test
    void shouldRefuseFilesThatCannotBeRead() throws Exception {
        Path empty = Files.createFile(folder.resolve("empty.pem"));
        Path encrypted = Files.writeString(
                folder.resolve("encrypted.pem"),
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n");
        Path traditional = Files.writeString(
                folder.resolve("traditional.pem"),
                "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----\n");

        assertThat(problem("mysql.ssl-cert", "no-such.pem"))
                .startsWith("mysql.ssl-cert=\"no-such.pem\" is not valid; expected: a readable PEM file");
        assertThat(problem("mysql.ssl-key", "no-such.pem"))
                .startsWith("mysql.ssl-key=no-such.pem is not valid: there is no such file");
        assertThat(problem("rabbitmq.ssl-key", empty.toString())).endsWith("the file holds no private key in PEM");
        assertThat(problem("rabbitmq.ssl-key", encrypted.toString()))
                .contains("holds an ENCRYPTED PRIVATE KEY", "openssl pkcs8 -topk8 -nocrypt");
        assertThat(problem("rabbitmq.ssl-key", traditional.toString()))
                .contains("holds an RSA PRIVATE KEY", "openssl pkcs8 -topk8 -nocrypt");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----",
                "-----BEGIN PRIVATE KEY-----\n\0secret"
            })
    void shouldNotShowAKeyThatIsGivenInPlaceOfItsFile(String key) {
        assertThat(problem("mysql.ssl-key", key))
                .startsWith("mysql.ssl-key=(not shown) is not valid: ")
                .doesNotContain("secret");
    }

    @Test
    void shouldWriteTheKeyStoreOfTheConnectorForThisUserAlone() throws Exception {
        Path data = folder.resolve("data");
        MonitorConfiguration configuration = configuration(
                "monitor.data", data.toString(),
                "mysql.ssl-mode", "verify_ca",
                "mysql.ssl-ca", certificates.authority().toString(),
                "mysql.ssl-cert", certificates.certificate("ec").toString(),
                "mysql.ssl-key", certificates.key("ec").toString());

        configuration.writeKeyStores();
        configuration.writeKeyStores(); // at the next start

        Path file = configuration.mysql().keyStore();
        assertThat(file).isEqualTo(data.resolve("mysql-client.p12"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        char[] password = MysqlSettings.KEY_STORE_PASSWORD.toCharArray();
        KeyStore store = KeyStore.getInstance(file.toFile(), password);
        assertThat(store.getKey(store.aliases().nextElement(), password).getAlgorithm())
                .isEqualTo("EC");
        try (var files = Files.list(data)) {
            assertThat(files)
                    .extracting(path -> path.getFileName().toString())
                    .containsExactlyInAnyOrder("mysql-ca.p12", "mysql-client.p12");
        }
    }

    @Test
    void shouldKeepTheKeyStoreOfTheConnectorForItself() {
        assertThatThrownBy(() -> configuration("debezium.database.ssl.keystore", "mine.p12"))
                .hasMessageContaining("mysql.ssl-cert");
        assertThatThrownBy(() -> configuration("debezium.database.ssl.keystore.password", "mine"))
                .hasMessageContaining("mysql.ssl-key");
    }

    private static SSLContext server() {
        return Certificates.tls(
                certificates.authority(),
                ClientCertificate.read(certificates.certificate("server"), certificates.key("server")));
    }

    private static String problem(String... properties) {
        ConfigurationException e = catchThrowableOfType(ConfigurationException.class, () -> configuration(properties));
        assertThat(e.problems()).hasSize(1);
        return e.problems().get(0);
    }

    private static MonitorConfiguration configuration(String... properties) {
        Map<String, String> all = new TreeMap<>(Map.of("mysql.user", "monitor", "mysql.password", "monitor"));
        for (int i = 0; i < properties.length; i += 2) {
            all.put(properties[i], properties[i + 1]);
        }
        return MonitorConfiguration.of(all);
    }
}

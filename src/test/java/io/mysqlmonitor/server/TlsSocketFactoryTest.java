package io.mysqlmonitor.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.servers.ClientCheck;
import io.mysqlmonitor.servers.TlsCertificates;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The binary log client's TLS, with the key stores that the configuration writes. */
class TlsSocketFactoryTest {

    @TempDir
    private static Path folder;

    private static TlsCertificates certificates;

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = TlsCertificates.createAuthority(folder);
        certificates.createClient("server", "RSA");
        certificates.createClient("monitor", "RSA");
    }

    @ParameterizedTest
    @ValueSource(strings = {"preferred", "required"})
    void shouldShowTheCertificateAndTrustAnyServerWhereItIsNotVerified(String mode) throws Exception {
        assertThat(shown(settings("mysql.ssl-mode", mode))).isEqualTo("CN=monitor");
    }

    @Test
    void shouldTrustTheAuthority() throws Exception {
        assertThat(shown(settings(
                        "mysql.ssl-mode",
                        "verify_ca",
                        "mysql.ssl-ca",
                        certificates.authority().toString())))
                .isEqualTo("CN=monitor");
    }

    @Test
    void shouldTrustNoUnknownAuthorityWhereItIsVerified() {
        assertThatThrownBy(() -> shown(settings("mysql.ssl-mode", "verify_ca")))
                .isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("PKIX path");
    }

    private static String shown(MysqlSettings settings) throws Exception {
        try (ClientCheck server = new ClientCheck(server());
                Socket plain = server.connect();
                Socket tls = new TlsSocketFactory(settings).createSocket(plain)) {
            return server.shownBy(tls);
        }
    }

    private static SSLContext server() {
        Map<String, String> properties = new TreeMap<>(Map.of(
                "mysql.user",
                "monitor",
                "mysql.password",
                "monitor",
                "rabbitmq.ssl",
                "true",
                "rabbitmq.ssl-ca",
                certificates.authority().toString(),
                "rabbitmq.ssl-cert",
                certificates.certificate("server").toString(),
                "rabbitmq.ssl-key",
                certificates.key("server").toString()));
        return MonitorConfiguration.of(properties).rabbitmq().tls();
    }

    private static MysqlSettings settings(String... properties) {
        Map<String, String> all = new TreeMap<>(Map.of(
                "mysql.user", "monitor",
                "mysql.password", "monitor",
                "monitor.data", folder.resolve("data").toString(),
                "mysql.ssl-cert", certificates.certificate("monitor").toString(),
                "mysql.ssl-key", certificates.key("monitor").toString()));
        for (int i = 0; i < properties.length; i += 2) {
            all.put(properties[i], properties[i + 1]);
        }
        MonitorConfiguration configuration = MonitorConfiguration.of(all);
        configuration.writeKeyStores();
        return configuration.mysql();
    }
}

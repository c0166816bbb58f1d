package io.mysqlmonitor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.mysqlmonitor.MysqlMonitor;
import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.publish.Broker;
import io.mysqlmonitor.server.BinlogSearch;
import io.mysqlmonitor.server.MysqlServer;
import io.mysqlmonitor.servers.ContainerServers;
import io.mysqlmonitor.servers.DatabaseServer;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.servers.TlsCertificates;
import io.mysqlmonitor.testing.Scene;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.amqp.AmqpException;
import org.testcontainers.containers.GenericContainer;

/** Servers that demand a certificate of the monitor. */
class ClientCertificateIT {

    private static final String CLIENT = "monitor";

    @TempDir
    private Path folder;

    private TlsCertificates certificates;

    @BeforeEach
    void makeCertificates() throws Exception {
        certificates = TlsCertificates.create(folder);
        certificates.createClient(CLIENT, "RSA");
    }

    @Test
    void shouldShowTheCertificateToMysql() throws Exception {
        try (DatabaseServer server = DatabaseServer.mysql(certificates)) {
            captureAsAUserWhoHasToShowACertificate(server);
        }
    }

    @Test
    void shouldShowTheCertificateToMariadb() throws Exception {
        try (DatabaseServer server = DatabaseServer.embeddedMariadb(certificates)) {
            captureAsAUserWhoHasToShowACertificate(server);
        }
    }

    private void captureAsAUserWhoHasToShowACertificate(DatabaseServer server) throws Exception {
        try (Scene scene = new Scene(folder, server.withBroker())) {
            Instant before = Instant.now();
            scene.sql(
                    "ALTER USER 'monitor'@'%' REQUIRE X509",
                    "ALTER USER 'monitor'@'localhost' REQUIRE X509", "CREATE TABLE item (id INT PRIMARY KEY)");
            Map<String, String> properties = scene.properties(
                    "monitor.dedupe.window", "0",
                    "mysql.ssl-mode", "verify_ca",
                    "mysql.ssl-ca", certificates.authority().toString(),
                    "mysql.ssl-cert", certificates.certificate(CLIENT).toString(),
                    "mysql.ssl-key", certificates.key(CLIENT).toString());
            MonitorConfiguration configuration = MonitorConfiguration.of(properties);
            assertThat(refusalWithoutCertificate(properties)).contains("mysql.ssl-cert");

            try (DefaultCamelContext context = new DefaultCamelContext();
                    MysqlMonitor monitor = new MysqlMonitor(configuration)) {
                monitor.addTo(context);
                context.start();
                scene.awaitCheckpoint();
                scene.sql("INSERT INTO item VALUES (1)");
                assertThat(scene.awaitChanges(1).get(0).type()).isEqualTo("row_insert");
            }

            // The client that searches the binary log is not the connector's.
            MysqlServer mysql = new MysqlServer(configuration.mysql());
            BinlogSearch search = new BinlogSearch(mysql, configuration.mysql());
            assertThat(search.find("time:" + before, mysql.status(Optional.empty()))
                            .place()
                            .file())
                    .isNotEmpty();
        }
    }

    private static String refusalWithoutCertificate(Map<String, String> properties) {
        Map<String, String> without = new TreeMap<>(properties);
        without.keySet().removeAll(Set.of("mysql.ssl-ca", "mysql.ssl-cert", "mysql.ssl-key"));
        without.put("mysql.ssl-mode", "required");
        MysqlServer mysql = new MysqlServer(MonitorConfiguration.of(without).mysql());
        return mysql.problem(catchThrowableOfType(SQLException.class, () -> mysql.status(Optional.empty())));
    }

    @Test
    void shouldShowTheCertificateToTheBroker() {
        assumeThat(TestServers.get()).isInstanceOf(ContainerServers.class);
        try (GenericContainer<?> rabbitmq = ContainerServers.newRabbitmqContainer(
                certificates, "ssl_options.verify = verify_peer", "ssl_options.fail_if_no_peer_cert = true")) {
            rabbitmq.start();
            int port = rabbitmq.getMappedPort(ContainerServers.AMQPS_PORT);
            Map<String, String> properties = new TreeMap<>(Map.of(
                    "mysql.user",
                    "monitor",
                    "mysql.password",
                    "monitor",
                    "rabbitmq.uri",
                    "amqps://admin:admin@localhost:" + port + "/%2F",
                    "rabbitmq.ssl-ca",
                    certificates.authority().toString()));

            try (Broker broker = broker(properties)) {
                assertThatThrownBy(broker::connect).isInstanceOf(AmqpException.class);
            }
            properties.put("rabbitmq.ssl-cert", certificates.certificate(CLIENT).toString());
            properties.put("rabbitmq.ssl-key", certificates.key(CLIENT).toString());
            try (Broker broker = broker(properties)) {
                broker.connect();
                assertThat(broker.isConnected()).isTrue();
            }
        }
    }

    private static Broker broker(Map<String, String> properties) {
        return new Broker(MonitorConfiguration.of(properties).rabbitmq(), "tls", Clock.systemUTC());
    }
}

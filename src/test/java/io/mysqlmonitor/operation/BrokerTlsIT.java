package io.mysqlmonitor.operation;

import static io.mysqlmonitor.testing.ServerContainer.assumeContainers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.publish.Broker;
import io.mysqlmonitor.servers.ContainerServers;
import io.mysqlmonitor.servers.TlsCertificates;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.amqp.AmqpException;
import org.testcontainers.containers.GenericContainer;

/** TLS to a broker whose certificate is of an authority that nobody knows. */
class BrokerTlsIT {

    @TempDir
    private Path folder;

    @Test
    void shouldCheckTheCertificateAndTheNameOfTheBroker() {
        assumeContainers();
        TlsCertificates certificates = TlsCertificates.create(folder);
        try (GenericContainer<?> rabbitmq = ContainerServers.newRabbitmqContainer(certificates)) {
            rabbitmq.start();
            int port = rabbitmq.getMappedPort(ContainerServers.AMQPS_PORT);
            String authority = certificates.authority().toString();

            try (Broker trusting = broker("localhost:" + port, authority)) {
                trusting.connect();
                assertThat(trusting.isConnected()).isTrue();
            }
            assertThat(refusal("localhost:" + port, "")).contains("rabbitmq.ssl-ca");
            assertThat(refusal("127.0.0.2:" + port, authority)).contains("use a name in its certificate");
        }
    }

    private static String refusal(String address, String authority) {
        try (Broker broker = broker(address, authority)) {
            return broker.explain(catchThrowableOfType(AmqpException.class, broker::connect));
        }
    }

    private static Broker broker(String address, String authority) {
        Map<String, String> properties = new TreeMap<>(Map.of(
                "mysql.user", "monitor",
                "mysql.password", "monitor",
                "rabbitmq.addresses", address,
                "rabbitmq.user", "admin",
                "rabbitmq.password", "admin",
                "rabbitmq.ssl", "true",
                "rabbitmq.ssl-ca", authority));
        return new Broker(MonitorConfiguration.of(properties).rabbitmq(), "tls", Clock.systemUTC());
    }
}

package io.mysqlmonitor.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Locale;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.mysql.MySQLContainer;
import org.testcontainers.rabbitmq.RabbitMQContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * Servers in containers of their own, from the images named by {@code test.mysql.image} and {@code test.rabbitmq.image}.
 *
 * <p>Each is a system property or, in capitals and with {@code _} for {@code .}, an environment variable. A container that is
 * stopped and started again through Docker keeps its port.
 */
public final class ContainerServers implements Servers {

    private static final int MYSQL_PORT = 3306;
    private static final int AMQP_PORT = 5672;
    /** Of a broker with TLS. */
    public static final int AMQPS_PORT = 5671;

    private final MySQLContainer mysqlContainer;
    private final RabbitMQContainer rabbitmqContainer;
    private final Mysql mysql;
    private final Rabbitmq rabbitmq;
    private final String description;

    private ContainerServers(
            MySQLContainer mysqlContainer,
            RabbitMQContainer rabbitmqContainer,
            Mysql mysql,
            Rabbitmq rabbitmq,
            String description) {
        this.mysqlContainer = mysqlContainer;
        this.rabbitmqContainer = rabbitmqContainer;
        this.mysql = mysql;
        this.rabbitmq = rabbitmq;
        this.description = description;
    }

    /**
     * Starts both, side by side, and returns when both accept connections.
     *
     * @throws IllegalStateException if one does not start, for example because its image cannot be had; nothing is left running
     *     then
     */
    public static ContainerServers start() {
        MySQLContainer mysqlContainer = newMysqlContainer();
        RabbitMQContainer rabbitmqContainer = new RabbitMQContainer(
                        image("test.rabbitmq.image", "rabbitmq", "rabbitmq:4.3"))
                .withAdminUser("admin")
                .withAdminPassword("admin");
        publishOnFixedPort(mysqlContainer, MYSQL_PORT);
        publishOnFixedPort(rabbitmqContainer, AMQP_PORT);
        try {
            Startables.deepStart(mysqlContainer, rabbitmqContainer).join();
            Mysql mysql = new Mysql(
                    mysqlContainer.getHost(),
                    mysqlContainer.getMappedPort(MYSQL_PORT),
                    mysqlContainer.getUsername(),
                    mysqlContainer.getPassword());
            Rabbitmq rabbitmq = new Rabbitmq(
                    rabbitmqContainer.getHost(),
                    rabbitmqContainer.getMappedPort(AMQP_PORT),
                    rabbitmqContainer.getAdminUsername(),
                    rabbitmqContainer.getAdminPassword());
            String description = mysql.product() + " and " + rabbitmq.product() + ", in containers";
            return new ContainerServers(mysqlContainer, rabbitmqContainer, mysql, rabbitmq, description);
        } catch (Exception e) {
            mysqlContainer.stop();
            rabbitmqContainer.stop();
            throw new IllegalStateException(
                    "The containers from " + mysqlContainer.getDockerImageName() + " and "
                            + rabbitmqContainer.getDockerImageName()
                            + " did not start; -Dtest.servers=embedded does without Docker",
                    e);
        }
    }

    /** Another database, for a test that needs one of its own; not started. */
    public static MySQLContainer newMysqlContainer() {
        return new MySQLContainer(image("test.mysql.image", "mysql", "mysql:9.7"))
                .withConfigurationOverride("io/mysqlmonitor/servers/mysql")
                .withUsername("root")
                .withPassword("root");
    }

    /**
     * A broker that speaks TLS on {@link #AMQPS_PORT}, with the user {@code admin}; not started.
     *
     * @param settings further lines of its configuration
     */
    public static GenericContainer<?> newRabbitmqContainer(TlsCertificates certificates, String... settings) {
        GenericContainer<?> container = new GenericContainer<>(image("test.rabbitmq.image", "rabbitmq", "rabbitmq:4.3"))
                .withExposedPorts(AMQPS_PORT)
                .withEnv("RABBITMQ_DEFAULT_USER", "admin")
                .withEnv("RABBITMQ_DEFAULT_PASS", "admin")
                .withCopyToContainer(
                        Transferable.of(
                                """
                                listeners.ssl.default = 5671
                                ssl_options.cacertfile = /tls/ca.pem
                                ssl_options.certfile = /tls/server-cert.pem
                                ssl_options.keyfile = /tls/server-key.pem
                                """
                                        + String.join("\n", settings)
                                        + '\n'),
                        "/etc/rabbitmq/conf.d/20-tls.conf")
                .waitingFor(Wait.forLogMessage(".*Server startup complete.*", 1));
        certificates.copyTo(container);
        return container;
    }

    @Override
    public Mysql mysql() {
        return mysql;
    }

    @Override
    public Rabbitmq rabbitmq() {
        return rabbitmq;
    }

    /** The database's container, for tests that stop or pause it. */
    public GenericContainer<?> mysqlContainer() {
        return mysqlContainer;
    }

    /** The broker's container, for tests that stop or pause it. */
    public GenericContainer<?> rabbitmqContainer() {
        return rabbitmqContainer;
    }

    @Override
    public String describe() {
        return description;
    }

    @Override
    public void close() {
        rabbitmqContainer.stop();
        mysqlContainer.stop();
    }

    static DockerImageName image(String property, String substituted, String fallback) {
        String variable = property.replace('.', '_').toUpperCase(Locale.ROOT);
        String name = System.getProperty(property, System.getenv().getOrDefault(variable, fallback));
        return DockerImageName.parse(name).asCompatibleSubstituteFor(substituted);
    }

    /** Docker gives a restarted container other ports than before, unless it was told which. */
    private static void publishOnFixedPort(GenericContainer<?> container, int containerPort) {
        container.setPortBindings(List.of(freePort() + ":" + containerPort));
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

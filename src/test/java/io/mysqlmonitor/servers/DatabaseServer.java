package io.mysqlmonitor.servers;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.slf4j.LoggerFactory;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.Slf4jLogConsumer;
import org.testcontainers.utility.DockerImageName;

/**
 * A database server of one kind and set-up, for the tests that need just that; the kinds that cannot be had here abort the test.
 *
 * <p>Container images are named by {@code test.mysql.image}, {@code test.mysql56.image} and {@code test.mariadb.image}, as those of
 * {@link ContainerServers} are.
 */
public final class DatabaseServer implements AutoCloseable {

    private static final int PORT = 3306;
    private static final String PASSWORD = "root";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Servers.Mysql address;
    private final String product;
    private final Runnable stop;

    private DatabaseServer(Servers.Mysql address, Runnable stop) {
        this.address = address;
        this.stop = stop;
        this.product = await("a database at " + address)
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(address::product, p -> true);
    }

    /** The latest MySQL, with TLS. */
    public static DatabaseServer mysql(TlsCertificates certificates, String... options) {
        return container("test.mysql.image", "mysql:9.7", "MYSQL_ROOT_PASSWORD", certificates, options);
    }

    /** The oldest MySQL that is tried. */
    public static DatabaseServer mysql56(String... options) {
        return container("test.mysql56.image", "mysql:5.6", "MYSQL_ROOT_PASSWORD", null, options);
    }

    /** MariaDB of the oldest line that has long-term support, with TLS. */
    public static DatabaseServer mariadb(TlsCertificates certificates, String... options) {
        return container("test.mariadb.image", "mariadb:10.11", "MARIADB_ROOT_PASSWORD", certificates, options);
    }

    /** The MariaDB that comes with Maven, with TLS. */
    public static DatabaseServer embeddedMariadb(TlsCertificates certificates, String... options) {
        List<String> all = new ArrayList<>(TlsCertificates.options(certificates.folder() + "/"));
        all.addAll(List.of(options));
        EmbeddedMariadb server = EmbeddedMariadb.start(all);
        return new DatabaseServer(server.address(), server::close);
    }

    private static DatabaseServer container(
            String imageProperty, String image, String password, TlsCertificates certificates, String... options) {
        if (!(TestServers.get() instanceof ContainerServers)) {
            Assumptions.abort(image + " needs a container, and these tests run without");
        }
        DockerImageName name = ContainerServers.image(imageProperty, image.replaceFirst(":.*", ""), image);
        List<String> command = new ArrayList<>(List.of("--server-id=1"));
        GenericContainer<?> container =
                new GenericContainer<>(name).withExposedPorts(PORT).withEnv(password, PASSWORD);
        if (certificates != null) {
            certificates.copyTo(container);
            command.addAll(TlsCertificates.options(TlsCertificates.inContainer("")));
        }
        command.addAll(List.of(options));
        container.withCommand(command.toArray(String[]::new));
        container.withLogConsumer(new Slf4jLogConsumer(LoggerFactory.getLogger(DatabaseServer.class)));
        try {
            container.start();
        } catch (ContainerFetchException e) {
            Assumptions.abort(name + " is neither here nor can be pulled");
        }
        Servers.Mysql address = new Servers.Mysql(container.getHost(), container.getMappedPort(PORT), "root", PASSWORD);
        return new DatabaseServer(address, container::stop);
    }

    /** Its address, and the administrator's account. */
    public Servers.Mysql address() {
        return address;
    }

    /** This database, with the test servers' broker. */
    public Servers withBroker() {
        return new Servers() {
            @Override
            public Mysql mysql() {
                return address;
            }

            @Override
            public Rabbitmq rabbitmq() {
                return TestServers.get().rabbitmq();
            }

            @Override
            public String describe() {
                return product;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {
        stop.run();
    }

    /** Product and version. */
    @Override
    public String toString() {
        return product;
    }
}

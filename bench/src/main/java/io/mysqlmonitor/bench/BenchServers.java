package io.mysqlmonitor.bench;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.utility.DockerImageName;

/**
 * MySQL and RabbitMQ in containers, reached at the containers' own addresses, so that no proxy of Docker takes part.
 *
 * <p>MySQL does not force its logs to the disk: the backlog is made sooner, and reading it is the same.
 */
final class BenchServers implements AutoCloseable {

    static final int MYSQL_PORT = 3306;
    static final int RABBITMQ_PORT = 5672;
    static final String DATABASE = "bench";
    static final String USER = "root";
    static final String PASSWORD = "root";
    static final String RABBITMQ_USER = "bench";

    private static final int START_SECONDS = 120;

    private final GenericContainer<?> mysql = new GenericContainer<>(image("BENCH_MYSQL_IMAGE", "mysql:9.7"))
            .withEnv("MYSQL_ROOT_PASSWORD", PASSWORD)
            .withCommand(
                    "mysqld",
                    "--server-id=1",
                    "--log-bin=binlog",
                    "--binlog-format=ROW",
                    "--binlog-row-image=FULL",
                    "--innodb-flush-log-at-trx-commit=2",
                    "--sync-binlog=0",
                    "--innodb-buffer-pool-size=256M",
                    "--max-allowed-packet=64M")
            .withExposedPorts(MYSQL_PORT)
            .waitingFor(Wait.forLogMessage(".*ready for connections.*port: 3306.*", 1)
                    .withStartupTimeout(Duration.ofSeconds(START_SECONDS)));

    private final GenericContainer<?> rabbitmq = new GenericContainer<>(image("BENCH_RABBITMQ_IMAGE", "rabbitmq:4.3"))
            .withEnv("RABBITMQ_DEFAULT_USER", RABBITMQ_USER)
            .withEnv("RABBITMQ_DEFAULT_PASS", PASSWORD)
            .withExposedPorts(RABBITMQ_PORT)
            .waitingFor(Wait.forLogMessage(".*Server startup complete.*", 1)
                    .withStartupTimeout(Duration.ofSeconds(START_SECONDS)));

    private static DockerImageName image(String variable, String official) {
        return DockerImageName.parse(System.getenv().getOrDefault(variable, official));
    }

    static BenchServers start() throws SQLException {
        BenchServers servers = new BenchServers();
        try {
            Startables.deepStart(servers.mysql, servers.rabbitmq).join();
            try (Connection connection = servers.connect("");
                    Statement sql = connection.createStatement()) {
                sql.execute("CREATE DATABASE " + DATABASE);
            }
            return servers;
        } catch (RuntimeException | SQLException e) {
            servers.close();
            throw e;
        }
    }

    String mysqlHost() {
        return address(mysql);
    }

    String rabbitmqHost() {
        return address(rabbitmq);
    }

    private static String address(GenericContainer<?> container) {
        return container
                .getContainerInfo()
                .getNetworkSettings()
                .getNetworks()
                .values()
                .iterator()
                .next()
                .getIpAddress();
    }

    /** A connection to the benchmark's database. */
    Connection connect() throws SQLException {
        return connect(DATABASE);
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:mysql://" + mysqlHost() + ':' + MYSQL_PORT + '/' + database
                        + "?rewriteBatchedStatements=true&allowMultiQueries=true&sslMode=DISABLED&allowPublicKeyRetrieval=true",
                USER,
                PASSWORD);
    }

    /** The end of the binary log. */
    Position position() throws SQLException {
        try (Connection connection = connect();
                Statement sql = connection.createStatement();
                ResultSet status = sql.executeQuery("SHOW BINARY LOG STATUS")) {
            status.next();
            return new Position(status.getString(1), status.getLong(2));
        }
    }

    /**
     * A place in the binary log.
     *
     * @param offset in bytes
     */
    record Position(String file, long offset) {

        @Override
        public String toString() {
            return file + ':' + offset;
        }
    }

    com.rabbitmq.client.Connection connectRabbitmq() throws IOException, TimeoutException {
        com.rabbitmq.client.ConnectionFactory factory = new com.rabbitmq.client.ConnectionFactory();
        factory.setHost(rabbitmqHost());
        factory.setPort(RABBITMQ_PORT);
        factory.setUsername(RABBITMQ_USER);
        factory.setPassword(PASSWORD);
        return factory.newConnection();
    }

    /** Versions, for the report. */
    String describe() throws SQLException, IOException, TimeoutException {
        try (Connection connection = connect();
                com.rabbitmq.client.Connection broker = connectRabbitmq()) {
            return "MySQL " + connection.getMetaData().getDatabaseProductVersion() + ", RabbitMQ "
                    + broker.getServerProperties().get("version");
        }
    }

    @Override
    public void close() {
        mysql.stop();
        rabbitmq.stop();
    }
}

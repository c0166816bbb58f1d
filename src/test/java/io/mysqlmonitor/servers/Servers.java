package io.mysqlmonitor.servers;

import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * A running database with a row-based binlog and a running RabbitMQ broker.
 *
 * <p>The same instance may be used by many threads. Whoever shares it leaves nothing behind: databases, users, queues and
 * RabbitMQ exchanges have names of their own per test.
 */
public interface Servers extends AutoCloseable {

    /** The database, as its administrator. */
    Mysql mysql();

    /** The broker, as its administrator. */
    Rabbitmq rabbitmq();

    /** One line that names products, versions and where they run; safe to print. */
    String describe();

    /** Stops what this object started and deletes its files; a second call does nothing. */
    @Override
    void close();

    /**
     * A MySQL or MariaDB server and an administrator's account on it.
     *
     * @param host host name or address
     * @param port TCP port
     * @param user user name, with the right to create databases and users
     * @param password password; never printed
     */
    record Mysql(String host, int port, String user, String password) {

        /** MariaDB takes a client on the loopback address for {@code localhost}, which {@code %} may not cover. */
        private static final List<String> CLIENT_HOSTS = List.of("%", "localhost");

        /** Opens a connection with no database selected; TLS if the server offers it. */
        public Connection connect() throws SQLException {
            String url = "jdbc:mysql://" + host + ":" + port + "/?sslMode=PREFERRED&allowPublicKeyRetrieval=true";
            return DriverManager.getConnection(url, user, password);
        }

        /**
         * Creates a user with the grants that capturing needs, and no more; of an existing user it sets the password.
         *
         * @param monitorUser user name
         * @param monitorPassword password
         */
        public void createMonitorUser(String monitorUser, String monitorPassword) throws SQLException {
            try (Connection connection = connect()) {
                boolean old = connection.getMetaData().getDatabaseMajorVersion() < 8; // GRANT makes the user there
                for (String clientHost : CLIENT_HOSTS) {
                    String grant = "GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO ?@?";
                    if (old) {
                        execute(connection, grant + " IDENTIFIED BY ?", monitorUser, clientHost, monitorPassword);
                        continue;
                    }
                    execute(
                            connection,
                            "CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ?",
                            monitorUser,
                            clientHost,
                            monitorPassword);
                    execute(connection, "ALTER USER ?@? IDENTIFIED BY ?", monitorUser, clientHost, monitorPassword);
                    execute(connection, grant, monitorUser, clientHost);
                }
            }
        }

        /** Product and version as the server tells them, such as {@code MySQL 9.7.4}. */
        String product() throws SQLException {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT VERSION()")) {
                rows.next();
                String version = rows.getString(1);
                String name = version.contains("MariaDB") ? "MariaDB " : "MySQL ";
                return name + version.replaceFirst("-.*", "");
            }
        }

        private static void execute(Connection connection, String sql, String... parameters) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < parameters.length; i++) {
                    statement.setString(i + 1, parameters[i]);
                }
                statement.execute();
            }
        }

        @Override
        public String toString() {
            return user + "@" + host + ":" + port;
        }
    }

    /**
     * A RabbitMQ broker, or another one that speaks AMQP 0-9-1, and an administrator's account on it.
     *
     * @param host host name or address
     * @param port port for AMQP without TLS
     * @param user user name, with all rights on the virtual host {@code /}
     * @param password password; never printed
     */
    record Rabbitmq(String host, int port, String user, String password) {

        /** Opens a connection to the virtual host {@code /}; it does not recover by itself. */
        public com.rabbitmq.client.Connection connect() throws IOException, TimeoutException {
            ConnectionFactory factory = new ConnectionFactory();
            factory.setHost(host);
            factory.setPort(port);
            factory.setUsername(user);
            factory.setPassword(password);
            factory.setAutomaticRecoveryEnabled(false);
            return factory.newConnection("tests");
        }

        /** Product and version as the broker tells them, such as {@code RabbitMQ 4.3.6}. */
        String product() throws IOException, TimeoutException {
            try (com.rabbitmq.client.Connection connection = connect()) {
                return connection.getServerProperties().get("product") + " "
                        + connection.getServerProperties().get("version");
            }
        }

        @Override
        public String toString() {
            return user + "@" + host + ":" + port;
        }
    }
}

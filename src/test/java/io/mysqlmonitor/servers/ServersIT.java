package io.mysqlmonitor.servers;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Shows that the servers of the tests can do what the monitor asks of a database and a broker. */
class ServersIT {

    private static final String DATABASE = "servers_it";
    private static final String EXCHANGE = "servers-it";

    private final Servers servers = TestServers.get();

    @AfterEach
    void dropDatabase() throws SQLException {
        try (Connection connection = servers.mysql().connect();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + DATABASE);
            statement.execute("DROP USER IF EXISTS 'servers_it'@'%', 'servers_it'@'localhost'");
        }
    }

    @Test
    void shouldWriteCompleteRowsToTheBinlog() throws SQLException {
        try (Connection connection = servers.mysql().connect();
                Statement statement = connection.createStatement()) {
            assertThat(variable(statement, "log_bin")).isEqualTo("ON");
            assertThat(variable(statement, "binlog_format")).isEqualTo("ROW");
            assertThat(variable(statement, "binlog_row_image")).isEqualTo("FULL");
            assertThat(variable(statement, "server_id")).isNotEqualTo("0");
        }
    }

    @Test
    void shouldStoreRowThatMonitorUserReads() throws SQLException {
        Servers.Mysql administrator = servers.mysql();
        try (Connection connection = administrator.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + DATABASE);
            statement.execute("CREATE TABLE " + DATABASE + ".customer (id INT PRIMARY KEY, name VARCHAR(20))");
            statement.executeUpdate("INSERT INTO " + DATABASE + ".customer VALUES (1, 'Zoë')");
        }

        administrator.createMonitorUser("servers_it", "first");
        administrator.createMonitorUser("servers_it", "it's");

        Servers.Mysql monitor = new Servers.Mysql(administrator.host(), administrator.port(), "servers_it", "it's");
        try (Connection connection = monitor.connect();
                Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery("SELECT name FROM " + DATABASE + ".customer")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(1)).isEqualTo("Zoë");
            }
            try (ResultSet logs = statement.executeQuery("SHOW BINARY LOGS")) {
                assertThat(logs.next()).isTrue();
            }
        }
    }

    @Test
    void shouldDeliverConfirmedMessageThroughFanoutExchange() throws Exception {
        try (com.rabbitmq.client.Connection connection = servers.rabbitmq().connect();
                Channel channel = connection.createChannel()) {
            channel.exchangeDeclare(EXCHANGE, BuiltinExchangeType.FANOUT, true);
            String queue = channel.queueDeclare().getQueue();
            channel.queueBind(queue, EXCHANGE, "");
            channel.confirmSelect();

            channel.basicPublish(
                    EXCHANGE,
                    "",
                    MessageProperties.MINIMAL_PERSISTENT_BASIC,
                    "{\"id\":1}".getBytes(StandardCharsets.UTF_8));
            channel.waitForConfirmsOrDie(10_000);

            GetResponse message = channel.basicGet(queue, true);
            assertThat(message).isNotNull();
            assertThat(message.getBody()).asString(StandardCharsets.UTF_8).isEqualTo("{\"id\":1}");
            channel.exchangeDelete(EXCHANGE);
        }
    }

    @Test
    void shouldNotTellPasswords() {
        assertThat(new Servers.Mysql("host", 1, "user", "secret").toString()).doesNotContain("secret");
        assertThat(new Servers.Rabbitmq("host", 1, "user", "secret").toString()).doesNotContain("secret");
    }

    private static String variable(Statement statement, String name) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SHOW VARIABLES LIKE '" + name + "'")) {
            assertThat(rows.next()).as(name).isTrue();
            return rows.getString(2);
        }
    }
}

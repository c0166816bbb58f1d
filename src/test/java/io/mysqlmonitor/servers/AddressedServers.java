package io.mysqlmonitor.servers;

import java.io.IOException;
import java.sql.SQLException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Servers that somebody else runs, at the addresses in the system properties {@code test.mysql} and {@code test.rabbitmq}.
 *
 * <p>An address reads {@code user:password@host:port}; the password may be empty and may contain {@code :} and {@code @}.
 */
public final class AddressedServers implements Servers {

    static final String MYSQL = "test.mysql";
    static final String RABBITMQ = "test.rabbitmq";

    private static final Pattern ADDRESS =
            Pattern.compile("(?<user>[^:@]+):(?<password>.*)@(?<host>[^@:]+):(?<port>\\d{1,5})");

    private final Mysql mysql;
    private final Rabbitmq rabbitmq;
    private final String description;

    private AddressedServers(Mysql mysql, Rabbitmq rabbitmq, String description) {
        this.mysql = mysql;
        this.rabbitmq = rabbitmq;
        this.description = description;
    }

    /**
     * Reads both addresses and connects once to each.
     *
     * @throws IllegalArgumentException if one is missing or malformed; the message does not repeat the value, which may hold a
     *     password
     * @throws IllegalStateException if a server does not answer
     */
    public static AddressedServers connect() {
        Matcher mysqlAddress = address(MYSQL);
        Matcher rabbitmqAddress = address(RABBITMQ);
        Mysql mysql = new Mysql(
                mysqlAddress.group("host"),
                port(mysqlAddress),
                mysqlAddress.group("user"),
                mysqlAddress.group("password"));
        Rabbitmq rabbitmq = new Rabbitmq(
                rabbitmqAddress.group("host"),
                port(rabbitmqAddress),
                rabbitmqAddress.group("user"),
                rabbitmqAddress.group("password"));
        return new AddressedServers(mysql, rabbitmq, mysqlProduct(mysql) + " and " + rabbitmqProduct(rabbitmq));
    }

    @Override
    public Mysql mysql() {
        return mysql;
    }

    @Override
    public Rabbitmq rabbitmq() {
        return rabbitmq;
    }

    @Override
    public String describe() {
        return description;
    }

    @Override
    public void close() {
        // Nothing was started here.
    }

    private static Matcher address(String property) {
        Matcher matcher = ADDRESS.matcher(System.getProperty(property, ""));
        if (!matcher.matches() || port(matcher) < 1 || port(matcher) > 65_535) {
            throw new IllegalArgumentException("System property " + property
                    + " must read user:password@host:port (its value is not shown here); " + MYSQL + " and " + RABBITMQ
                    + " go together");
        }
        return matcher;
    }

    private static int port(Matcher address) {
        return Integer.parseInt(address.group("port"));
    }

    private static String mysqlProduct(Mysql mysql) {
        try {
            return mysql.product() + " at " + mysql.host() + ":" + mysql.port();
        } catch (SQLException e) {
            throw new IllegalStateException("MySQL does not answer at " + mysql, e);
        }
    }

    private static String rabbitmqProduct(Rabbitmq rabbitmq) {
        try {
            return rabbitmq.product() + " at " + rabbitmq.host() + ":" + rabbitmq.port();
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException("RabbitMQ does not answer at " + rabbitmq, e);
        }
    }
}

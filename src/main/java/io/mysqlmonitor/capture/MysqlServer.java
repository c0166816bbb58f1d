package io.mysqlmonitor.capture;

import io.mysqlmonitor.change.BinlogPosition;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Properties;

/** The database server as the monitor's user sees it over JDBC; it is only read. */
public final class MysqlServer {

    private static final int CONNECT_MILLIS = 10_000;

    private final MysqlSettings settings;

    public MysqlServer(MysqlSettings settings) {
        this.settings = settings;
    }

    /**
     * What the monitor asks of the server before it begins.
     *
     * @param version product and version
     * @param mariadb whether it is MariaDB
     * @param end the current end of the binary log
     */
    public record Status(String version, boolean mariadb, BinlogPosition end) {}

    /**
     * Asks the server for its status.
     *
     * @throws SQLException if the server cannot be reached, refuses the user, or writes no binary log
     */
    public Status status() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", settings.user());
        properties.setProperty("password", settings.password());
        properties.setProperty("sslMode", settings.sslMode().toUpperCase(Locale.ROOT));
        properties.setProperty("allowPublicKeyRetrieval", "true");
        properties.setProperty("connectTimeout", String.valueOf(CONNECT_MILLIS));
        properties.setProperty("socketTimeout", String.valueOf(CONNECT_MILLIS));
        String url = "jdbc:mysql://" + settings.host() + ':' + settings.port() + '/';
        try (Connection connection = DriverManager.getConnection(url, properties)) {
            DatabaseMetaData server = connection.getMetaData();
            String version = server.getDatabaseProductVersion();
            boolean mariadb = version.contains("MariaDB");
            return new Status(
                    mariadb ? version : server.getDatabaseProductName() + ' ' + version, mariadb, end(connection));
        }
    }

    private static BinlogPosition end(Connection connection) throws SQLException {
        try {
            return end(connection, "SHOW BINARY LOG STATUS");
        } catch (SQLSyntaxErrorException e) {
            return end(connection, "SHOW MASTER STATUS"); // before MySQL 8.2, and MariaDB
        }
    }

    private static BinlogPosition end(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet status = statement.executeQuery(query)) {
            if (!status.next()) {
                throw new SQLException("the server writes no binary log; start it with log_bin");
            }
            return new BinlogPosition(status.getString(1), status.getLong(2));
        }
    }

    /** One line for people: what is wrong and what to do about it. */
    public String explain(SQLException e) {
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String message = e.getMessage() != null && e.getMessage().startsWith("Communications link failure")
                ? root.getMessage()
                : e.getMessage();
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String remedy = state.startsWith("28")
                ? "check mysql.user and mysql.password"
                : state.startsWith("08")
                        ? "check mysql.host and mysql.port and that the server runs"
                        : "see the grants and settings in the README";
        return settings + " is not available: " + String.valueOf(message).replaceAll("\\s+", " ") + "; " + remedy;
    }
}

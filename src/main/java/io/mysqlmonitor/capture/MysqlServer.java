package io.mysqlmonitor.capture;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.SQLException;
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
     * Opens a connection and closes it again.
     *
     * @return product and version of the server
     * @throws SQLException if the server cannot be reached or refuses the user
     */
    public String connect() throws SQLException {
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
            return version.contains("MariaDB") ? version : server.getDatabaseProductName() + ' ' + version;
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
                : "check mysql.host and mysql.port and that the server runs";
        return settings + " is not available: " + String.valueOf(message).replaceAll("\\s+", " ") + "; " + remedy;
    }
}

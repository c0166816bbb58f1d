package io.mysqlmonitor.server;

import io.mysqlmonitor.change.BinlogPosition;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** The database server as the monitor's user sees it over JDBC; it is only read. */
public final class MysqlServer {

    private static final int CONNECT_MILLIS = 10_000;
    /** One line for people: what happened and what to do about it. */
    public static final String OUT_OF_MEMORY = "the Java heap of "
            + Runtime.getRuntime().maxMemory() / 1024 / 1024
            + " MB is full; give it more with -Xmx";

    private final MysqlSettings settings;
    private final ServerRequirements requirements;
    private final ServerProblems problems;

    public MysqlServer(MysqlSettings settings) {
        this.settings = settings;
        this.requirements = new ServerRequirements(settings);
        this.problems = new ServerProblems(settings);
    }

    /**
     * What the monitor asks of the server before it begins.
     *
     * @param version product and version
     * @param mariadb whether it is MariaDB
     * @param gtids whether every transaction gets a GTID as MySQL has them, and none with a tag
     * @param taggedGtids whether there are GTIDs with tags, which the connector cannot read
     * @param encrypted whether the connection to it is
     * @param problems what has to be changed on the server or in the settings before changes can be captured, one line each, with
     *     the statement that does it; empty if nothing
     * @param begin where the binary log that the server still has begins
     * @param end the current end of the binary log
     * @param available whether the server still has all that follows the place that was asked for
     * @param id its {@code server_uuid}, or {@code server_id:<number>} of MariaDB, which has none
     * @param namesCharsets whether its binary log names the character sets of a table's columns before rows
     */
    public record Status(
            String version,
            boolean mariadb,
            boolean gtids,
            boolean taggedGtids,
            boolean encrypted,
            List<String> problems,
            BinlogPosition begin,
            BinlogPosition end,
            boolean available,
            String id,
            boolean namesCharsets) {}

    /**
     * Asks the server for its status.
     *
     * @param checkpoint the place to go on from; empty if there is none yet
     * @throws SQLException if the server cannot be reached or refuses the user
     */
    public Status status(Optional<BinlogPosition> checkpoint) throws SQLException {
        try (Connection connection = connect();
                Statement server = connection.createStatement()) {
            return new StatusQuery(connection, server).run(requirements, checkpoint);
        }
    }

    /**
     * What of the server or the settings would keep capture from beginning, as in {@link Status#problems}.
     *
     * @throws SQLException if the server cannot be reached or refuses the user
     */
    public List<String> problems() throws SQLException {
        try (Connection connection = connect();
                Statement server = connection.createStatement()) {
            return requirements.missing(server);
        }
    }

    /**
     * Why a table cannot be read while the binary log is.
     *
     * @param table {@code database.table}
     * @param where an SQL condition; empty for all rows
     * @return empty if it can
     * @throws SQLException if the server cannot be asked
     */
    public Optional<String> tableSnapshotProblem(String table, String where) throws SQLException {
        return new TableSnapshotCheck(this, settings).problem(table, where);
    }

    /**
     * How many rows the server thinks that its tables have, by {@code database.table}.
     *
     * @throws SQLException if it cannot be asked
     */
    public Map<String, Long> estimatedRows() throws SQLException {
        Map<String, Long> estimates = new HashMap<>();
        try (Connection connection = connect();
                Statement server = connection.createStatement();
                ResultSet tables = server.executeQuery(
                        "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_ROWS FROM information_schema.TABLES "
                                + "WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_ROWS IS NOT NULL")) {
            while (tables.next()) {
                estimates.put(tables.getString(1) + '.' + tables.getString(2), tables.getLong(3));
            }
        }
        return estimates;
    }

    /**
     * A table by its names.
     *
     * @param name without its database
     */
    public record Table(String database, String name) {}

    /**
     * The tables that the monitor's user may read.
     *
     * @throws SQLException if the server cannot be asked
     */
    public List<Table> tables() throws SQLException {
        List<Table> names = new ArrayList<>();
        try (Connection connection = connect();
                Statement server = connection.createStatement();
                ResultSet tables = server.executeQuery("SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES "
                        + "WHERE TABLE_TYPE = 'BASE TABLE'")) {
            while (tables.next()) {
                names.add(new Table(tables.getString(1), tables.getString(2)));
            }
        }
        return names;
    }

    Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", settings.user());
        properties.setProperty("password", settings.password());
        properties.setProperty("sslMode", settings.sslMode().toUpperCase(Locale.ROOT));
        properties.setProperty("allowPublicKeyRetrieval", "true");
        properties.setProperty("connectTimeout", String.valueOf(CONNECT_MILLIS));
        properties.setProperty("socketTimeout", String.valueOf(CONNECT_MILLIS));
        if (settings.trustStore() != null) {
            properties.setProperty(
                    "trustCertificateKeyStoreUrl", settings.trustStore().toUri().toString());
            properties.setProperty("trustCertificateKeyStorePassword", MysqlSettings.TRUST_STORE_PASSWORD);
            properties.setProperty("fallbackToSystemTrustStore", "false");
        }
        if (settings.keyStore() != null) {
            properties.setProperty(
                    "clientCertificateKeyStoreUrl", settings.keyStore().toUri().toString());
            properties.setProperty("clientCertificateKeyStorePassword", MysqlSettings.KEY_STORE_PASSWORD);
        }
        String url = "jdbc:mysql://" + settings.host() + ':' + settings.port() + '/';
        return DriverManager.getConnection(url, properties);
    }

    /**
     * A place in MariaDB's binary log with what was executed before it, which is all that MariaDB's connector looks at.
     *
     * @throws SQLException if the server cannot be reached, or the place is not between two transactions
     */
    public BinlogPosition withGtids(BinlogPosition place) throws SQLException {
        try (Connection connection = connect();
                Statement server = connection.createStatement()) {
            return new StatusQuery(connection, server).withMariadbGtids(place);
        }
    }

    /** One line for people: why the server is not available, and what to do about it. */
    public String problem(SQLException e) {
        return problems.connection(e);
    }

    /** One line for people: why the engine ended, and, where that is known, what to do about it. */
    public String engineProblem(Throwable failure) {
        return problems.engine(failure);
    }

    @Override
    public String toString() {
        return settings.toString();
    }
}

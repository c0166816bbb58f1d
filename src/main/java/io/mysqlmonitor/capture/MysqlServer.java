package io.mysqlmonitor.capture;

import com.github.shyiko.mysql.binlog.network.IdentityVerificationException;
import io.mysqlmonitor.change.BinlogCoordinates;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.NestedExceptionUtils;

/** The database server as the monitor's user sees it over JDBC; it is only read. */
public final class MysqlServer {

    private static final int CONNECT_MILLIS = 10_000;
    private static final int SECURE_TRANSPORT_REQUIRED = 3159;
    private static final String NAME_IN_CERTIFICATE =
            "set mysql.host to a name in its certificate, or mysql.ssl-mode=verify_ca";
    /** Where the first event of every binary log file stands. */
    private static final long FIRST_EVENT = 4;

    private static final Pattern TAG = Pattern.compile(":\\s*[A-Za-z_]");
    /** One line for people: what happened and what to do about it. */
    public static final String OUT_OF_MEMORY = "the Java heap of "
            + Runtime.getRuntime().maxMemory() / 1024 / 1024
            + " MB is full; give it more with -Xmx";

    private static final Pattern TABLE = Pattern.compile("([^.`]+)\\.([^.`]+)");

    private final MysqlSettings settings;
    private final ServerRequirements requirements;

    public MysqlServer(MysqlSettings settings) {
        this.settings = settings;
        this.requirements = new ServerRequirements(settings);
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
            BinlogCoordinates begin,
            BinlogCoordinates end,
            boolean available,
            String id,
            boolean namesCharsets) {}

    /**
     * Asks the server for its status.
     *
     * @param checkpoint the place to go on from; empty if there is none yet
     * @throws SQLException if the server cannot be reached or refuses the user
     */
    public Status status(Optional<BinlogCoordinates> checkpoint) throws SQLException {
        try (Connection connection = connect();
                Statement server = connection.createStatement()) {
            DatabaseMetaData product = connection.getMetaData();
            String version = product.getDatabaseProductVersion();
            boolean mariadb = version.contains("MariaDB");
            String name = mariadb ? version : product.getDatabaseProductName() + ' ' + version;
            boolean encrypted = !SqlValues.value(server, "SHOW SESSION STATUS LIKE 'Ssl_cipher'", 2)
                    .isEmpty();
            List<String> problems = requirements.missing(server);
            if (!problems.isEmpty()) {
                BinlogCoordinates none = new BinlogCoordinates("", 0, "");
                return new Status(name, mariadb, false, false, encrypted, problems, none, none, false, "", false);
            }
            Map<String, Long> files = files(server);
            BinlogCoordinates begin =
                    new BinlogCoordinates(files.keySet().iterator().next(), FIRST_EVENT, "");
            BinlogCoordinates end;
            boolean gtids = false;
            boolean tagged = false;
            boolean available;
            if (mariadb) {
                String written = SqlValues.value(server, "SELECT @@GLOBAL.gtid_binlog_state");
                String last =
                        SqlValues.value(server, "SELECT @@GLOBAL.gtid_binlog_pos"); // first, so that nothing is skipped
                begin = withGtids(connection, begin);
                end = end(server, false).withGtids(last);
                available = checkpoint.isEmpty() || isAvailable(files, begin.gtids(), written, checkpoint.get());
            } else {
                boolean on = "ON".equals(SqlValues.value(server, "SELECT @@GLOBAL.gtid_mode"));
                tagged = on && isTagged(SqlValues.value(server, "SELECT @@GLOBAL.gtid_executed"));
                gtids = on && !tagged;
                begin = begin.withGtids(gtids ? gtidSet(SqlValues.value(server, "SELECT @@GLOBAL.gtid_purged")) : "");
                end = end(server, gtids);
                available = checkpoint.isEmpty() || isAvailable(connection, files, gtids, checkpoint.get());
            }
            String id = mariadb
                    ? "server_id:" + SqlValues.value(server, "SELECT @@GLOBAL.server_id")
                    : SqlValues.value(server, "SELECT @@GLOBAL.server_uuid");
            boolean namesCharsets = !SqlValues.all(
                            server,
                            "SHOW GLOBAL VARIABLES WHERE Variable_name = 'binlog_row_metadata' AND Value <> 'NO_LOG'")
                    .isEmpty();
            return new Status(
                    name, mariadb, gtids, tagged, encrypted, problems, begin, end, available, id, namesCharsets);
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
        Matcher name = TABLE.matcher(table);
        if (!name.matches()) {
            return Optional.of(table + " is not the name of a table; write database.table");
        }
        Status status = status(Optional.empty());
        if (status.taggedGtids()) {
            return Optional.of(
                    settings + " has GTIDs with tags, by which the connector cannot read a table while changes are; "
                            + "begin anew with monitor.start=snapshot and an empty monitor.data");
        }
        if (!status.gtids()) {
            return Optional.of(
                    settings + " does not assign GTIDs, and without them a table cannot be read while changes are; set "
                            + "gtid_mode = ON, or begin anew with monitor.start=snapshot and an empty monitor.data");
        }
        try (Connection connection = connect();
                PreparedStatement key = connection.prepareStatement(
                        "SELECT t.TABLE_NAME, k.TABLE_NAME FROM information_schema.TABLES t "
                                + "LEFT JOIN information_schema.TABLE_CONSTRAINTS k ON k.TABLE_SCHEMA = t.TABLE_SCHEMA "
                                + "AND k.TABLE_NAME = t.TABLE_NAME AND k.CONSTRAINT_TYPE = 'PRIMARY KEY' "
                                + "WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA = ? AND t.TABLE_NAME = ?");
                Statement server = connection.createStatement()) {
            key.setString(1, name.group(1));
            key.setString(2, name.group(2));
            try (ResultSet found = key.executeQuery()) {
                if (!found.next()) {
                    return Optional.of(settings + " has no table " + table + " that " + settings.user() + " may read");
                }
                if (found.getString(2) == null) {
                    return Optional.of(table + " has no primary key, and without one it cannot be read in parts");
                }
            }
            if (!where.isEmpty()) {
                server.executeQuery("SELECT 1 FROM `" + name.group(1) + "`.`" + name.group(2) + "` WHERE (" + where
                                + ") LIMIT 0")
                        .close();
            }
            return Optional.empty();
        } catch (SQLException e) {
            if (where.isEmpty() || String.valueOf(e.getSQLState()).startsWith("08")) {
                throw e;
            }
            return Optional.of("the condition \"" + where + "\" is not possible: " + oneLine(e.getMessage()));
        }
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
        String url = "jdbc:mysql://" + settings.host() + ':' + settings.port() + '/';
        return DriverManager.getConnection(url, properties);
    }

    static Map<String, Long> files(Statement server) throws SQLException {
        Map<String, Long> files = new LinkedHashMap<>();
        try (ResultSet rows = server.executeQuery("SHOW BINARY LOGS")) {
            while (rows.next()) {
                files.put(rows.getString(1), rows.getLong(2));
            }
        }
        return files;
    }

    private static BinlogCoordinates end(Statement server, boolean gtids) throws SQLException {
        try {
            return end(server, "SHOW BINARY LOG STATUS", gtids);
        } catch (SQLSyntaxErrorException e) {
            return end(server, "SHOW MASTER STATUS", gtids); // before MySQL 8.2, and MariaDB
        }
    }

    private static BinlogCoordinates end(Statement server, String query, boolean gtids) throws SQLException {
        try (ResultSet status = server.executeQuery(query)) {
            if (!status.next()) {
                throw new SQLException("the server does not tell where its binary log ends");
            }
            return new BinlogCoordinates(
                    status.getString(1),
                    status.getLong(2),
                    gtids ? gtidSet(status.getString("Executed_Gtid_Set")) : "");
        }
    }

    /** Whether a GTID in a set has a tag, which begins with a letter or an underscore. */
    static boolean isTagged(String gtids) {
        return TAG.matcher(gtids).find();
    }

    /** With GTIDs a server has what follows if it purged nothing but what was seen, and if it is the server that it was seen on. */
    private static boolean isAvailable(
            Connection connection, Map<String, Long> files, boolean gtids, BinlogCoordinates place)
            throws SQLException {
        if (place.equals(BinlogCoordinates.BEGIN)
                ? !gtids
                : !gtids || place.gtids().isEmpty()) {
            return place.position() <= files.getOrDefault(place.file(), -1L);
        }
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT GTID_SUBSET(@@GLOBAL.gtid_purged, ?) AND GTID_SUBSET(?, @@GLOBAL.gtid_executed)")) {
            query.setString(1, place.gtids());
            query.setString(2, place.gtids());
            try (ResultSet available = query.executeQuery()) {
                available.next();
                return available.getBoolean(1);
            }
        }
    }

    /**
     * A place in MariaDB's binary log with what was executed before it, which is all that MariaDB's connector looks at.
     *
     * @throws SQLException if the server cannot be reached, or the place is not between two transactions
     */
    public BinlogCoordinates withGtids(BinlogCoordinates place) throws SQLException {
        try (Connection connection = connect()) {
            return withGtids(connection, place);
        }
    }

    private static BinlogCoordinates withGtids(Connection connection, BinlogCoordinates place) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("SELECT BINLOG_GTID_POS(?, ?)")) {
            query.setString(1, place.file());
            query.setLong(2, place.position());
            try (ResultSet row = query.executeQuery()) {
                row.next();
                String gtids = row.getString(1);
                if (gtids == null) {
                    throw new SQLException("the server has no GTID position for " + place
                            + ", which is not in its binary log or not between two transactions");
                }
                return place.withGtids(gtids);
            }
        }
    }

    /** The same for MariaDB. */
    private static boolean isAvailable(
            Map<String, Long> files, String purged, String written, BinlogCoordinates place) {
        return place.gtids().isEmpty() && !place.equals(BinlogCoordinates.BEGIN)
                ? place.position() <= files.getOrDefault(place.file(), -1L)
                : MariadbGtids.isAvailable(place.gtids(), purged, written);
    }

    private static String gtidSet(String lines) {
        return lines.replace("\n", "");
    }

    /** One line for people: what is wrong and what to do about it. */
    public String explain(SQLException e) {
        String message = e.getMessage() != null && e.getMessage().startsWith("Communications link failure")
                ? NestedExceptionUtils.getMostSpecificCause(e).getMessage()
                : e.getMessage();
        return settings + " is not available: " + oneLine(message) + "; " + remedy(e, oneLine(message));
    }

    private static String remedy(SQLException e, String message) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        if (state.startsWith("28")) {
            return "check mysql.user and mysql.password";
        }
        if (message.contains("PKIX path") || message.contains("trust anchors")) {
            return "name the file with the certificate of its authority in mysql.ssl-ca";
        }
        if (message.contains("identity verification")) {
            return NAME_IN_CERTIFICATE;
        }
        if (message.contains("SSL Connection required")) {
            return "set up TLS on the server, or set mysql.ssl-mode=preferred";
        }
        if (e.getErrorCode() == SECURE_TRANSPORT_REQUIRED) {
            return "set mysql.ssl-mode=required";
        }
        return state.startsWith("08")
                ? "check mysql.host and mysql.port and that the server runs"
                : "see the grants and settings in the README";
    }

    /** One line for people: why the engine ended. */
    public String explain(Throwable engineFailure) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(engineFailure);
        String message = oneLine(root.getMessage() == null ? root.toString() : root.getMessage());
        String remedy = "";
        if (message.contains("same server_uuid/server_id")) {
            remedy = "; mysql.server-id=" + settings.serverId()
                    + " is another replica's too, give the monitor one of its own";
        } else if (root instanceof OutOfMemoryError) {
            return OUT_OF_MEMORY;
        } else if (root instanceof IdentityVerificationException) {
            // The JDBC driver, asked before, looks at a certificate's IP addresses too.
            remedy = "; it compares the names in the certificate only, and no IP addresses: " + NAME_IN_CERTIFICATE;
        }
        return root.getClass().getSimpleName() + ": " + message + remedy;
    }

    @Override
    public String toString() {
        return settings.toString();
    }

    private static String oneLine(String message) {
        return String.valueOf(message).replaceAll("\\s+", " ").replaceFirst("[. ]+$", "");
    }
}

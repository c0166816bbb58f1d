package io.mysqlmonitor.server;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a table can be read while the binary log is: that takes GTIDs and a primary key. */
final class TableSnapshotCheck {

    private static final Pattern TABLE = Pattern.compile("([^.`]+)\\.([^.`]+)");

    private final MysqlServer server;
    private final MysqlSettings settings;

    TableSnapshotCheck(MysqlServer server, MysqlSettings settings) {
        this.server = server;
        this.settings = settings;
    }

    /** As {@link MysqlServer#tableSnapshotProblem}. */
    Optional<String> problem(String table, String where) throws SQLException {
        Matcher name = TABLE.matcher(table);
        if (!name.matches()) {
            return Optional.of(table + " is not the name of a table; write database.table");
        }
        MysqlServer.Status status = server.status(Optional.empty());
        if (status.taggedGtids()) {
            return Optional.of(
                    settings + " has GTIDs with tags, by which the connector cannot read a table while changes are; "
                            + "start over with monitor.start=snapshot and an empty monitor.data");
        }
        if (!status.gtids()) {
            return Optional.of(
                    settings + " does not assign GTIDs, and without them a table cannot be read while changes are; set "
                            + "gtid_mode = ON, or start over with monitor.start=snapshot and an empty monitor.data");
        }
        try (Connection connection = server.connect();
                PreparedStatement key = connection.prepareStatement(
                        "SELECT t.TABLE_NAME, k.TABLE_NAME FROM information_schema.TABLES t "
                                + "LEFT JOIN information_schema.TABLE_CONSTRAINTS k ON k.TABLE_SCHEMA = t.TABLE_SCHEMA "
                                + "AND k.TABLE_NAME = t.TABLE_NAME AND k.CONSTRAINT_TYPE = 'PRIMARY KEY' "
                                + "WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA = ? AND t.TABLE_NAME = ?");
                Statement statement = connection.createStatement()) {
            key.setString(1, name.group(1));
            key.setString(2, name.group(2));
            try (ResultSet found = key.executeQuery()) {
                if (!found.next()) {
                    return Optional.of(
                            settings + " has no table " + table + " that user '" + settings.user() + "' may read");
                }
                if (found.getString(2) == null) {
                    return Optional.of(table + " has no primary key, and without one it cannot be read in parts");
                }
            }
            if (!where.isEmpty()) {
                statement
                        .executeQuery("SELECT 1 FROM `" + name.group(1) + "`.`" + name.group(2) + "` WHERE (" + where
                                + ") LIMIT 0")
                        .close();
            }
            return Optional.empty();
        } catch (SQLException e) {
            if (where.isEmpty() || String.valueOf(e.getSQLState()).startsWith("08")) {
                throw e;
            }
            return Optional.of(
                    "the condition \"" + where + "\" is not possible: " + ServerProblems.oneLine(e.getMessage()));
        }
    }
}

package io.mysqlmonitor.server;

import io.mysqlmonitor.change.BinlogPosition;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;

/** Asks a server for its {@link MysqlServer.Status}, by one connection. */
final class StatusQuery {

    private final Connection connection;
    private final Statement server;

    /**
     * @param server of the connection
     */
    StatusQuery(Connection connection, Statement server) {
        this.connection = connection;
        this.server = server;
    }

    /**
     * @param checkpoint the place to go on from; empty if there is none yet
     */
    MysqlServer.Status run(ServerRequirements requirements, Optional<BinlogPosition> checkpoint) throws SQLException {
        DatabaseMetaData product = connection.getMetaData();
        String version = product.getDatabaseProductVersion();
        boolean mariadb = version.contains("MariaDB");
        String name = mariadb ? version : product.getDatabaseProductName() + ' ' + version;
        boolean encrypted = !SqlValues.value(server, "SHOW SESSION STATUS LIKE 'Ssl_cipher'", 2)
                .isEmpty();
        List<String> problems = requirements.missing(server);
        if (!problems.isEmpty()) {
            BinlogPosition none = new BinlogPosition("", 0, "");
            return new MysqlServer.Status(
                    name, mariadb, false, false, encrypted, problems, none, none, false, "", false);
        }
        BinlogFiles files = BinlogFiles.of(server);
        BinlogPosition begin;
        BinlogPosition end;
        boolean gtids = false;
        boolean tagged = false;
        boolean available;
        if (mariadb) {
            String written = SqlValues.value(server, "SELECT @@GLOBAL.gtid_binlog_state");
            String last =
                    SqlValues.value(server, "SELECT @@GLOBAL.gtid_binlog_pos"); // first, so that nothing is skipped
            begin = withMariadbGtids(files.begin());
            end = end(false).withGtids(last);
            available = checkpoint.isEmpty() || isInMariadb(checkpoint.get(), files, begin.gtids(), written);
        } else {
            boolean on = "ON".equals(SqlValues.value(server, "SELECT @@GLOBAL.gtid_mode"));
            tagged = on && MysqlGtids.isTagged(SqlValues.value(server, "SELECT @@GLOBAL.gtid_executed"));
            gtids = on && !tagged;
            begin = files.begin()
                    .withGtids(gtids ? MysqlGtids.oneLine(SqlValues.value(server, "SELECT @@GLOBAL.gtid_purged")) : "");
            end = end(gtids);
            available = checkpoint.isEmpty() || isInMysql(checkpoint.get(), files, gtids);
        }
        String id = mariadb
                ? "server_id:" + SqlValues.value(server, "SELECT @@GLOBAL.server_id")
                : SqlValues.value(server, "SELECT @@GLOBAL.server_uuid");
        boolean namesCharsets = !SqlValues.all(
                        server,
                        "SHOW GLOBAL VARIABLES WHERE Variable_name = 'binlog_row_metadata' AND Value <> 'NO_LOG'")
                .isEmpty();
        return new MysqlServer.Status(
                name, mariadb, gtids, tagged, encrypted, problems, begin, end, available, id, namesCharsets);
    }

    /** As {@link MysqlServer#withGtids}. */
    BinlogPosition withMariadbGtids(BinlogPosition place) throws SQLException {
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

    private BinlogPosition end(boolean gtids) throws SQLException {
        try {
            return end("SHOW BINARY LOG STATUS", gtids);
        } catch (SQLSyntaxErrorException e) {
            return end("SHOW MASTER STATUS", gtids); // before MySQL 8.2, and MariaDB
        }
    }

    private BinlogPosition end(String query, boolean gtids) throws SQLException {
        try (ResultSet status = server.executeQuery(query)) {
            if (!status.next()) {
                throw new SQLException("the server does not tell where its binary log ends");
            }
            return new BinlogPosition(
                    status.getString(1),
                    status.getLong(2),
                    gtids ? MysqlGtids.oneLine(status.getString("Executed_Gtid_Set")) : "");
        }
    }

    /** With GTIDs a server has what follows if it purged nothing but what was seen, and if it is the server that it was seen on. */
    private boolean isInMysql(BinlogPosition place, BinlogFiles files, boolean gtids) throws SQLException {
        if (!gtids || !isKnownByGtids(place)) {
            return files.contain(place);
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
     * @param purged what the server had executed before the start of its binary log
     * @param written of each domain and server the last transaction that the server has written
     */
    static boolean isInMariadb(BinlogPosition place, BinlogFiles files, String purged, String written) {
        return isKnownByGtids(place) ? MariadbGtids.isAvailable(place.gtids(), purged, written) : files.contain(place);
    }

    /** The very start is before all GTIDs. */
    private static boolean isKnownByGtids(BinlogPosition place) {
        return !place.gtids().isEmpty() || place.equals(BinlogPosition.BEGIN);
    }
}

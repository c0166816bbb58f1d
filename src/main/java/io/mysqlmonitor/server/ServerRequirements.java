package io.mysqlmonitor.server;

import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a server and its user need before changes can be captured. */
final class ServerRequirements {

    private static final Logger LOG = LoggerFactory.getLogger(ServerRequirements.class);

    private final MysqlSettings settings;

    ServerRequirements(MysqlSettings settings) {
        this.settings = settings;
    }

    /** What has to be changed on the server or in the settings, one line each, with the statement that does it; empty if nothing. */
    List<String> missing(Statement server) throws SQLException {
        List<String> problems = new ArrayList<>();
        if (!"1".equals(SqlValues.value(server, "SELECT @@GLOBAL.log_bin"))) {
            problems.add(settings + " writes no binary log; start it with --log-bin, and without --skip-log-bin");
        } else if (!"ROW".equals(SqlValues.value(server, "SELECT @@GLOBAL.binlog_format"))) {
            problems.add(
                    settings + " does not log rows; run SET GLOBAL binlog_format = 'ROW', and set it in the server's "
                            + "configuration too");
        } else if (!"FULL".equals(SqlValues.value(server, "SELECT @@GLOBAL.binlog_row_image"))) {
            problems.add(
                    settings + " does not log whole rows; run SET GLOBAL binlog_row_image = 'FULL', and set it in the "
                            + "server's configuration too");
        }
        // Not a variable of MariaDB and of MySQL 5.
        if (!SqlValues.all(
                        server,
                        "SHOW GLOBAL VARIABLES WHERE Variable_name = 'binlog_row_value_options' AND Value <> ''")
                .isEmpty()) {
            problems.add(settings + " logs updates of JSON in part, which Debezium skips; run SET GLOBAL "
                    + "binlog_row_value_options = '', and set it in the server's configuration too");
        }
        if (SqlValues.all(server, "SHOW GLOBAL VARIABLES LIKE 'log_bin_compress'", 2)
                .contains("ON")) { // MariaDB's
            problems.add(settings
                    + " compresses the events of its binary log, and such events would be missed; run SET GLOBAL "
                    + "log_bin_compress = OFF, and set it in the server's configuration too");
        }
        if (!SqlValues.all(
                                server,
                                "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('log_replica_updates', 'log_slave_updates') AND Value = 'OFF'")
                        .isEmpty()
                && isReplica(server)) {
            problems.add(
                    settings
                            + " is a replica and does not log what it replicates, which would be missed; start it with "
                            + "--log-replica-updates (--log-slave-updates), or, if it replicates no more, run RESET REPLICA ALL");
        }
        if (settings.serverId().equals(SqlValues.value(server, "SELECT @@GLOBAL.server_id"))) {
            problems.add("mysql.server-id=" + settings.serverId()
                    + " is the server's own; choose one that is nobody else's");
        }
        if (replicas(server).contains(settings.serverId())) {
            problems.add("mysql.server-id=" + settings.serverId()
                    + " is the id of another replica of this server; choose one that is nobody else's");
        }
        Set<String> missing = missingPrivileges(server);
        if (!missing.isEmpty()) {
            String account = SqlValues.value(server, "SELECT CURRENT_USER()").replaceFirst("^(.*)@(.*)$", "'$1'@'$2'");
            problems.add(
                    settings + " lacks privileges; run GRANT " + String.join(", ", missing) + " ON *.* TO " + account);
        }
        return problems;
    }

    /** Ids of the replicas that have registered; clients that read the binary log like this monitor do not. */
    private static List<String> replicas(Statement server) {
        for (String query : List.of("SHOW REPLICAS", "SHOW SLAVE HOSTS")) {
            try {
                return SqlValues.all(server, query);
            } catch (SQLException e) {
                LOG.debug("{} is not possible", query, e); // an older server, or one that asks for more privileges
            }
        }
        return List.of();
    }

    /** Whether it has another server as its source; of MariaDB, whether it replicates now, since more takes a privilege more. */
    private static boolean isReplica(Statement server) throws SQLException {
        List<String> running = SqlValues.all(server, "SHOW GLOBAL STATUS LIKE 'Slaves_running'", 2); // MariaDB's
        if (!running.isEmpty()) {
            return !running.get(0).equals("0");
        }
        for (String query : List.of("SHOW REPLICA STATUS", "SHOW SLAVE STATUS")) {
            try {
                return !SqlValues.all(server, query).isEmpty();
            } catch (SQLException e) {
                LOG.debug("{} is not possible", query, e); // an older server, or a privilege that is asked for below
            }
        }
        return false;
    }

    /** Privileges that come by a role are not seen, and nothing is missed of a user who has a role. */
    private static Set<String> missingPrivileges(Statement server) throws SQLException {
        Set<String> granted = new HashSet<>();
        String own = "REPLACE(GRANTEE, CHAR(39), '') = CURRENT_USER()";
        for (String scope : List.of("USER", "SCHEMA", "TABLE", "COLUMN")) {
            granted.addAll(SqlValues.all(
                    server,
                    "SELECT DISTINCT PRIVILEGE_TYPE FROM information_schema." + scope + "_PRIVILEGES WHERE " + own));
        }
        Set<String> missing = new TreeSet<>(Set.of("SELECT", "REPLICATION SLAVE", "REPLICATION CLIENT"));
        missing.removeAll(granted);
        if (granted.contains("SUPER") || granted.contains("BINLOG MONITOR")) { // its name in MariaDB
            missing.remove("REPLICATION CLIENT");
        }
        return missing.isEmpty() || hasRole(server) ? Set.of() : missing;
    }

    private static boolean hasRole(Statement server) throws SQLException {
        try {
            return !SqlValues.all(server, "SELECT ROLE_NAME FROM information_schema.APPLICABLE_ROLES")
                    .isEmpty();
        } catch (SQLSyntaxErrorException e) {
            return false; // a server without roles
        }
    }
}

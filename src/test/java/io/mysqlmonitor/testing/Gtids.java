package io.mysqlmonitor.testing;

import io.mysqlmonitor.servers.TestServers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The GTIDs of the MySQL server, which is changed step by step. */
public final class Gtids {

    private static final List<String> MODES = List.of("OFF", "OFF_PERMISSIVE", "ON_PERMISSIVE", "ON");

    private Gtids() {}

    /**
     * Changes {@code gtid_mode}, and begins a new file of the binary log: no reader by GTID gets past a transaction without one.
     *
     * @return the mode before
     */
    public static String set(String mode) throws SQLException {
        try (Connection admin = TestServers.get().mysql().connect();
                Statement server = admin.createStatement()) {
            String before;
            try (ResultSet row = server.executeQuery("SELECT @@GLOBAL.gtid_mode")) {
                row.next();
                before = row.getString(1);
            }
            server.execute("SET GLOBAL enforce_gtid_consistency = ON");
            int wanted = MODES.indexOf(mode);
            int now = MODES.indexOf(before);
            while (now != wanted) {
                now += Integer.signum(wanted - now);
                server.execute("SET GLOBAL gtid_mode = " + MODES.get(now));
            }
            server.execute("FLUSH BINARY LOGS");
            return before;
        }
    }
}

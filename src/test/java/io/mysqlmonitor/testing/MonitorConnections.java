package io.mysqlmonitor.testing;

import static io.mysqlmonitor.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.servers.TestServers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The connections to the test servers' database that are the monitors', as the server sees them. */
public final class MonitorConnections {

    private static final String ALL =
            "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = '" + Scene.MONITOR_USER + "'";
    private static final String READERS = ALL + " AND COMMAND LIKE 'Binlog Dump%'";

    private long lastKilled;

    /** Ends all of them. */
    public void kill() throws SQLException {
        kill(ALL);
    }

    /** Ends those that read the binary log, of which there must be one. */
    public void killReaders() throws SQLException {
        List<Long> killed = kill(READERS);
        assertThat(killed).isNotEmpty();
        lastKilled = Collections.max(killed);
    }

    /**
     * Waits for a reader that began after the last {@link #killReaders()}. Those of earlier tests may linger: a server notices a lost one at its
     * next event.
     */
    public void awaitReader() {
        await().until(() -> {
            try (Connection admin = TestServers.get().mysql().connect();
                    Statement statement = admin.createStatement()) {
                return ids(statement, READERS).stream().anyMatch(id -> id > lastKilled);
            }
        });
    }

    private static List<Long> kill(String query) throws SQLException {
        try (Connection admin = TestServers.get().mysql().connect();
                Statement statement = admin.createStatement()) {
            List<Long> ids = ids(statement, query);
            for (long id : ids) {
                statement.execute("KILL " + id);
            }
            return ids;
        }
    }

    private static List<Long> ids(Statement statement, String query) throws SQLException {
        List<Long> ids = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        return ids;
    }
}

package io.mysqlmonitor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.testing.Gtids;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where capture begins when there is no checkpoint. */
class StartIT {

    @TempDir
    private Path directory;

    private Scene scene;

    @BeforeEach
    void setUp() throws Exception {
        scene = new Scene(directory);
        scene.expectUncounted("each monitor begins elsewhere; the test names the rows that come");
        scene.sql("CREATE TABLE employee (id INT PRIMARY KEY, name VARCHAR(50))");
    }

    @AfterEach
    void tearDown() throws Exception {
        scene.close();
    }

    /** Begins there, and awaits just these rows and one that is inserted then: the first such has the key 1000. */
    private void beginsWith(String start, int... ids) throws Exception {
        int before = scene.changes().size();
        String data = directory.resolve("data" + before).toString();
        try (RunningMonitor monitor = monitor(start, data)) {
            monitor.begin();
            insert(1_000 + before);

            scene.awaitChanges(before + ids.length + 1);
        }
        List<Integer> keys = new ArrayList<>();
        for (int id : ids) {
            keys.add(id);
        }
        keys.add(1_000 + before);
        assertThat(keys().subList(before, before + ids.length + 1)).as(start).isEqualTo(keys);
    }

    private void isRefused(String start, String... because) throws Exception {
        try (RunningMonitor monitor =
                monitor(start, directory.resolve("refused").toString())) {
            monitor.begin();
            assertThat(monitor.awaitHalt())
                    .startsWith("monitor.start=" + start + " is not possible: ")
                    .contains(because)
                    .doesNotContain("\n");
        }
    }

    private RunningMonitor monitor(String start, String data) {
        return new RunningMonitor(scene, "monitor.start", start, "monitor.data", data, "monitor.dedupe.window", "0");
    }

    private void insert(int id) throws SQLException {
        scene.sql("INSERT INTO employee VALUES (" + id + ", 'x')");
    }

    private List<Integer> keys() {
        return scene.changes().stream().map(Received::id).toList();
    }

    @Test
    void shouldBeginAtTheEarliest() throws Exception {
        insert(1);
        scene.sql("FLUSH BINARY LOGS");
        insert(2);

        beginsWith("earliest", 1, 2);
    }

    @Test
    void shouldBeginAtAPositionBetweenTwoTransactions() throws Exception {
        insert(1);
        String file = end("File");
        String position = end("Position");
        insert(2);
        String last = end("Position");
        scene.sql("FLUSH BINARY LOGS");
        insert(3);

        beginsWith(file + ":" + position, 2, 3);
        beginsWith(file + ":" + last, 3, 1_000);
        beginsWith(end("File") + ":" + end("Position"));
        isRefused(
                file + ":" + (Long.parseLong(position) + 1),
                "between two transactions; begin at " + file + ":" + position);
        isRefused(file + ":" + within(file, position), "between two transactions; begin at " + file + ":" + position);
        isRefused(file + ":999999999", "between two transactions; begin at " + file + ":");
        isRefused("binlog.987654:4", "has no file binlog.987654");
    }

    @Test
    void shouldBeginAtATime() throws Exception {
        insert(1);
        String begin = nextSecond();
        insert(2);
        scene.sql("FLUSH BINARY LOGS");
        insert(3);

        beginsWith("time:" + begin, 2, 3);
        beginsWith("time:" + nextSecond());
        isRefused("time:" + Instant.now().plusSeconds(3600), "it is in the future");
        isRefused("time:2001-01-01T00:00:00+02:00", "reaches back to 20", "monitor.start=earliest");
    }

    @Test
    void shouldRefuseAGtidSetWhereThereAreNone() throws Exception {
        String mode = scene.isMariadb() ? null : Gtids.set("OFF");
        try {
            isRefused("gtid:00000000-0000-0000-0000-000000000001:1-5", "does not assign GTIDs");
        } finally {
            if (mode != null) {
                Gtids.set(mode);
            }
        }
    }

    @Test
    void shouldBeginAfterAGtidSet() throws Exception {
        assumeThat(scene.isMariadb()).isFalse();
        String mode = Gtids.set("ON");
        try {
            insert(1);
            String executed = value("SELECT REPLACE(@@GLOBAL.gtid_executed, '\n', '')");
            String place = end("File") + ":" + end("Position");
            String time = nextSecond();
            insert(2);

            beginsWith("gtid:" + executed, 2);
            insert(3);
            beginsWith("gtid:" + value("SELECT REPLACE(@@GLOBAL.gtid_executed, '\n', '')"));
            isRefused(
                    "gtid:00000000-0000-0000-0000-000000000001:5",
                    "has not executed 00000000-0000-0000-0000-000000000001:5");
            isRefused("gtid:00000000-0000-0000-0000-000000000001:0", "it is not a GTID set");
            scene.sql("FLUSH BINARY LOGS");
            scene.sql("PURGE BINARY LOGS TO '" + end("File") + "'");
            isRefused("gtid:" + executed.replaceFirst(":1-\\d+", ":1"), "no longer has what follows it");
            isRefused(place, "has no file");
            isRefused("time:" + time, "reaches back to");

            place = end("File") + ":" + end("Position");
            time = nextSecond();
            insert(4);
            beginsWith(place, 4);
        } finally {
            Gtids.set(mode);
        }
    }

    /** Where the second event after a position stands. */
    private static long within(String file, String position) throws SQLException {
        try (Connection admin = TestServers.get().mysql().connect();
                Statement statement = admin.createStatement();
                ResultSet events =
                        statement.executeQuery("SHOW BINLOG EVENTS IN '" + file + "' FROM " + position + " LIMIT 3")) {
            events.next();
            events.next();
            events.next();
            return events.getLong("Pos");
        }
    }

    private static String end(String column) throws SQLException {
        try (Connection admin = TestServers.get().mysql().connect();
                Statement statement = admin.createStatement();
                ResultSet status = statement.executeQuery(
                        admin.getMetaData().getDatabaseProductVersion().contains("MariaDB")
                                ? "SHOW MASTER STATUS"
                                : "SHOW BINARY LOG STATUS")) {
            status.next();
            return status.getString(column);
        }
    }

    /** The begin of the next second by the server's clock, after it has begun. */
    private static String nextSecond() throws SQLException {
        return Instant.ofEpochSecond(Long.parseLong(value("SELECT FLOOR(UNIX_TIMESTAMP(NOW(6))) + 1 + SLEEP(1.2)")))
                .toString();
    }

    private static String value(String query) throws SQLException {
        try (Connection admin = TestServers.get().mysql().connect();
                Statement statement = admin.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}

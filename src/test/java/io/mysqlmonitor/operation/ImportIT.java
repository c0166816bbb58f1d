package io.mysqlmonitor.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.mysqlmonitor.servers.Servers;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.testing.Gtids;
import io.mysqlmonitor.testing.Program;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The predecessor's files become ours, and the program goes on where the predecessor ended. */
class ImportIT {

    @TempDir
    private Path folder;

    private final Servers servers = TestServers.get();
    private Scene scene;

    @BeforeEach
    void setUp() throws Exception {
        scene = new Scene(folder);
        scene.sql("CREATE TABLE employee (id INT PRIMARY KEY)");
    }

    @AfterEach
    void tearDown() throws Exception {
        scene.close();
    }

    @Test
    void shouldBeginBehindTheLastRowThatThePredecessorPublished() throws Exception {
        assumeMysql();
        scene.sql("INSERT INTO employee VALUES (1)", "INSERT INTO employee VALUES (2)");
        String state = stateBehindLastInsert();
        scene.sql("INSERT INTO employee VALUES (3)");

        imported(state);

        runUntilChanges("3", "4");
    }

    @Test
    void shouldBeginWithTheTransactionWhenThePredecessorPublishedAPartOfIt() throws Exception {
        assumeMysql();
        scene.expectUncounted("a server with GTIDs does not send what was written without them");
        String mode = Gtids.set("OFF"); // as most servers were at the predecessor's time
        try {
            scene.sql("INSERT INTO employee VALUES (1)", "START TRANSACTION", "INSERT INTO employee VALUES (2)");
            scene.sql("INSERT INTO employee VALUES (3)", "COMMIT");
            String state = stateBehind(inserts().get(inserts().size() - 2));

            imported(state);

            runUntilChanges("2", "3", "4");
        } finally {
            Gtids.set(mode);
        }
    }

    @Test
    void shouldReplaceNothingAndSayWhatIsWrongInOneLine() throws Exception {
        config();
        isRefused("{}", "state.json has no binlog_file and binlog_position");
        isRefused("binlog", "state.json is not JSON");
        isRefused(state("binlog.987654", 4), "the server has no file binlog.987654");
        isRefused(stateBehindLastInsertMinusOne(), "no event of the file begins or ends there");
        assertThat(folder.resolve("application.properties")).doesNotExist();
        assertThat(scene.data()).doesNotExist();

        Files.createDirectories(scene.data());
        Files.writeString(scene.data().resolve("checkpoint.json"), "mine");
        isRefused(stateBehindLastInsert(), "data/checkpoint.json exists and is not replaced");
        Files.writeString(folder.resolve("application.properties"), "mine");
        isRefused(stateBehindLastInsert(), "application.properties exists and is not replaced");
        assertThat(scene.data().resolve("checkpoint.json")).hasContent("mine");
        assertThat(folder.resolve("application.properties")).hasContent("mine");
    }

    private String stateBehindLastInsertMinusOne() throws SQLException {
        scene.sql("INSERT INTO employee VALUES (100)");
        Insert last = inserts().get(inserts().size() - 1);
        return state(last.file(), last.end() - 1);
    }

    private void isRefused(String state, String because) throws Exception {
        Files.writeString(folder.resolve("state.json"), state);
        try (Program program = Program.start(folder, "import", "config.cfg", "state.json")) {
            assertThat(program.await()).as(program.errors()).isEqualTo(2);
            assertThat(program.errors().lines())
                    .singleElement()
                    .asString()
                    .startsWith("mysql-monitor: ")
                    .contains(because)
                    .doesNotContain(Scene.PASSWORD);
        }
    }

    private void config() throws IOException {
        String example = Files.readString(Path.of("src/test/resources/predecessor/config.cfg"));
        Path config = folder.resolve("config.cfg");
        Files.writeString(
                config,
                example.replace("database = test", "database = " + scene.database())
                        .replace("password = monitor", "password = " + Scene.PASSWORD)
                        .replace("host = db", "host = " + servers.mysql().host())
                        .replace("port = 3306", "port = " + servers.mysql().port())
                        .replace("user = guest", "user = " + servers.rabbitmq().user())
                        .replace(
                                "password = guest",
                                "password = " + servers.rabbitmq().password())
                        .replace("host = queue", "host = " + servers.rabbitmq().host())
                        .replace("port = 5672", "port = " + servers.rabbitmq().port())
                        .replace("exchange = mysql-monitor", "exchange = " + scene.database()));
        Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("rw-------"));
    }

    private void imported(String state) throws Exception {
        config();
        Files.writeString(folder.resolve("state.json"), state);
        try (Program program = Program.start(folder, "import", "config.cfg", "state.json")) {
            assertThat(program.await()).as(program.errors()).isZero();
            assertThat(program.output())
                    .contains("data/checkpoint.json is written: the monitor starts at ")
                    .contains("application.properties is written", "[monitor] delay_start has no counterpart: ")
                    .doesNotContain(Scene.PASSWORD);
            assertThat(program.errors()).isEmpty();
        }
        assertThat(Files.getPosixFilePermissions(folder.resolve("application.properties")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    private void runUntilChanges(String... ids) throws Exception {
        Files.writeString(
                folder.resolve("application.properties"),
                "monitor.http.enabled=false\n", // its port is one for all
                StandardOpenOption.APPEND);
        try (Program program = Program.start(folder, "run")) {
            scene.awaitCheckpoint();
            scene.sql("INSERT INTO employee VALUES (4)");

            assertThat(scene.awaitChanges(ids.length))
                    .extracting(Received::body)
                    .zipSatisfy(Stream.of(ids).toList(), (body, id) -> assertThat(body)
                            .contains("\"type\":\"row_insert\"", "\"keys\":{\"id\":" + id + "}"));
            program.terminate();
            program.await();
        }
    }

    /** MariaDB 11.4 does not say where an event within a transaction ends; the predecessor cannot have noted it. */
    private void assumeMysql() throws SQLException {
        assumeThat(scene.isMariadb()).isFalse();
    }

    private record Insert(String file, long end) {}

    private String stateBehindLastInsert() throws SQLException {
        return stateBehind(inserts().get(inserts().size() - 1));
    }

    private static String stateBehind(Insert insert) {
        return state(insert.file(), insert.end());
    }

    /** As the predecessor writes it: the end of the row event, which is within its transaction. */
    private static String state(String file, long position) {
        return "{\"binlog_position\": " + position + ", \"binlog_file\": \"" + file + "\"}";
    }

    private List<Insert> inserts() throws SQLException {
        try (Connection admin = servers.mysql().connect();
                Statement statement = admin.createStatement()) {
            String file;
            try (ResultSet status =
                    statement.executeQuery(scene.isMariadb() ? "SHOW MASTER STATUS" : "SHOW BINARY LOG STATUS")) {
                status.next();
                file = status.getString("File");
            }
            List<Insert> inserts = new ArrayList<>();
            try (ResultSet events = statement.executeQuery("SHOW BINLOG EVENTS IN '" + file + "'")) {
                while (events.next()) {
                    if (events.getString("Event_type").startsWith("Write_rows")) {
                        inserts.add(new Insert(file, events.getLong("End_log_pos")));
                    }
                }
            }
            return inserts;
        }
    }
}

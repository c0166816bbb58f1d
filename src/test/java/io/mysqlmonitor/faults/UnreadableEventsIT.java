package io.mysqlmonitor.faults;

import static io.mysqlmonitor.testing.ServerContainer.assumeContainers;
import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.servers.DatabaseServer;
import io.mysqlmonitor.servers.Servers;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events that may hold changes of watched tables and cannot be read, since a session set for itself what the server does not. */
class UnreadableEventsIT {

    @TempDir
    private Path directory;

    private DatabaseServer server;
    private Scene scene;
    private RunningMonitor monitor;

    @AfterEach
    void tearDown() throws Exception {
        if (monitor != null) {
            monitor.close();
        }
        if (scene != null) {
            scene.close();
        }
        if (server != null) {
            server.close();
        }
    }

    /** Makes the scene on these servers, with a monitor that watches the table {@code item}. */
    private void prepare(Servers servers) throws Exception {
        scene = new Scene(directory, servers);
        monitor = new RunningMonitor(scene, "monitor.dedupe.window", "0", "mysql.tables", scene.database() + ".item");
    }

    /** A file on the server with a row for LOAD DATA. */
    private String file(String folder) throws Exception {
        String file = folder + scene.database();
        scene.sql("SELECT 6, 'six' INTO OUTFILE '" + file + "'");
        return file;
    }

    private static String summary(Received message) {
        String body = message.body();
        return message.type()
                + ' '
                + (message.type().equals("gap")
                        ? body.replaceFirst(".*\"table\":\"(\\w+)\",\"reason\":\"(.*)\"}", "$1: $2")
                        : body.replaceFirst(".*\"keys\":\\{\"id\":(\\d+)}.*", "$1"));
    }

    private static String gap(String reason) {
        return "gap item: " + reason;
    }

    private static String statement(String verb) {
        return gap("the statement (" + verb
                + ") is logged instead of its rows; a session set binlog_format to STATEMENT or MIXED");
    }

    @Test
    void shouldPublishAGapForEachEventOfMysqlThatCannotBeRead() throws Exception {
        assumeContainers(); // a MySQL with such settings
        prepare(TestServers.get());
        scene.sql(
                "CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(50), doc JSON, photo BLOB)",
                "CREATE TABLE note (id INT PRIMARY KEY, name VARCHAR(50), doc JSON)");
        String file = file(scene.select("SELECT @@secure_file_priv").get(0));
        monitor.start("monitor.on-unreadable", "gap");

        scene.sql(
                "INSERT INTO item VALUES (1, 'a', '{\"a\": 1}', 'p')",
                "INSERT INTO note VALUES (1, 'a', '{\"a\": 1}')",
                "SET SESSION binlog_row_value_options = PARTIAL_JSON",
                "UPDATE item SET doc = JSON_SET(doc, '$.a', 2)",
                "UPDATE note SET doc = JSON_SET(doc, '$.a', 2)",
                "SET SESSION binlog_row_value_options = ''",
                "INSERT INTO item (id) VALUES (2)",
                "SET SESSION binlog_row_image = MINIMAL",
                "UPDATE item SET name = 'b' WHERE id = 2",
                "UPDATE note SET name = 'b'",
                "SET SESSION binlog_row_image = NOBLOB",
                "DELETE FROM item WHERE id = 2",
                "SET SESSION binlog_row_image = FULL",
                "INSERT INTO item (id) VALUES (3)",
                "SET SESSION binlog_format = STATEMENT",
                "INSERT INTO note VALUES (2, 'b', NULL)",
                "UPDATE item SET name = 'c' WHERE id = 3",
                "LOAD DATA INFILE '" + file + "' INTO TABLE item (id, name)",
                "LOAD DATA INFILE '" + file + "' INTO TABLE note (id, name)",
                "CREATE TABLE later (id INT)",
                "ANALYZE TABLE item",
                "DELETE FROM mysql.time_zone WHERE Time_zone_id = -1",
                "SET SESSION binlog_format = ROW",
                "INSERT INTO item (id) VALUES (4)",
                "SET SESSION binlog_transaction_compression = ON",
                "SET SESSION binlog_row_value_options = PARTIAL_JSON",
                "BEGIN",
                "INSERT INTO item (id) VALUES (5)",
                "UPDATE item SET doc = JSON_SET(doc, '$.a', 3) WHERE id = 1",
                "COMMIT",
                "SET SESSION binlog_row_value_options = ''",
                "SET SESSION binlog_transaction_compression = OFF",
                "DELETE FROM item WHERE id = 1");

        String partial = gap("an update that holds JSON in part; a session set binlog_row_value_options=PARTIAL_JSON");
        String image = gap("rows without all of their columns; a session set binlog_row_image to other than FULL");
        List<Received> messages = scene.awaitChanges(12);
        assertThat(messages)
                .extracting(UnreadableEventsIT::summary)
                .containsExactly(
                        "row_insert 1",
                        partial,
                        "row_insert 2",
                        image,
                        image,
                        "row_insert 3",
                        statement("UPDATE"),
                        statement("LOAD"),
                        "row_insert 4",
                        partial, // it names the start of the compressed transaction
                        "row_insert 5",
                        "row_delete 1");
    }

    @Test
    void shouldPublishAGapForEachEventOfMariadbThatCannotBeRead() throws Exception {
        server = DatabaseServer.mariadb(null, "--log-bin=mariadb-bin", "--binlog-format=ROW");
        prepare(server.withBroker());
        scene.sql(
                "CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(2000))",
                "CREATE TABLE note (id INT PRIMARY KEY, name VARCHAR(2000))");
        String file = file("/tmp/");
        monitor.start("monitor.on-unreadable", "gap");

        scene.sql(
                "INSERT INTO item VALUES (1, 'a')",
                "SET GLOBAL log_bin_compress = ON",
                "INSERT INTO item VALUES (2, REPEAT('a', 2000))",
                "UPDATE item SET name = REPEAT('b', 2000) WHERE id = 2",
                "DELETE FROM item WHERE id = 2",
                "INSERT INTO note VALUES (2, REPEAT('a', 2000))",
                "SET GLOBAL log_bin_compress = OFF",
                "SET SESSION binlog_row_image = MINIMAL",
                "UPDATE item SET name = 'b'",
                "SET SESSION binlog_row_image = FULL",
                "INSERT INTO item (id) VALUES (3)",
                "SET SESSION binlog_format = STATEMENT",
                "UPDATE item SET name = 'c' WHERE id = 3",
                "INSERT INTO note VALUES (3, 'b')",
                "LOAD DATA INFILE '" + file + "' INTO TABLE item (id, name)",
                "SET STATEMENT max_statement_time = 60 FOR DELETE FROM item WHERE id = 3",
                "SET SESSION binlog_format = ROW",
                "SAVEPOINT a",
                "INSERT INTO item (id) VALUES (4)");

        String compressed = gap("rows that are compressed; log_bin_compress is or was ON");
        assertThat(scene.awaitChanges(10))
                .extracting(UnreadableEventsIT::summary)
                .containsExactly(
                        "row_insert 1",
                        compressed,
                        compressed,
                        compressed,
                        gap("rows without all of their columns; a session set binlog_row_image to other than FULL"),
                        "row_insert 3",
                        statement("UPDATE"),
                        statement("LOAD"),
                        statement("DELETE"),
                        "row_insert 4");
    }

    @Test
    void shouldStopBeforeAnEventThatCannotBeReadAndGoOnWithAGapIfToldTo() throws Exception {
        assumeContainers(); // a MySQL with such settings
        prepare(TestServers.get());
        scene.sql("CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(50), doc JSON)");
        monitor.start("monitor.on-unreadable", "stop");
        scene.sql(
                "SET SESSION binlog_row_value_options = PARTIAL_JSON",
                "BEGIN",
                "INSERT INTO item VALUES (1, 'a', '{\"a\": 1}')",
                "UPDATE item SET doc = JSON_SET(doc, '$.a', 2)",
                "COMMIT",
                "SET SESSION binlog_row_value_options = ''",
                "INSERT INTO item (id) VALUES (2)");

        assertThat(monitor.awaitHalt())
                .contains(
                        "the watched table " + scene.database() + ".item",
                        "binlog_row_value_options=PARTIAL_JSON",
                        "monitor.on-unreadable=gap");
        monitor.stop();
        assertThat(scene.changes()).extracting(UnreadableEventsIT::summary).containsExactly("row_insert 1");
        monitor.start("monitor.on-unreadable", "gap");

        assertThat(scene.awaitChanges(3)).extracting(Received::type).containsExactly("row_insert", "gap", "row_insert");
    }

    @Test
    void shouldSayWhyItStopsWithinAnXaTransaction() throws Exception {
        assumeContainers(); // a MySQL with such settings
        prepare(TestServers.get());
        scene.sql("CREATE TABLE item (id INT PRIMARY KEY, doc JSON)");
        monitor.start("monitor.on-unreadable", "stop");
        scene.sql(
                "SET SESSION binlog_row_value_options = PARTIAL_JSON",
                "XA START 'x'",
                "INSERT INTO item VALUES (1, '{\"a\": 1}')",
                "UPDATE item SET doc = JSON_SET(doc, '$.a', 2)",
                "XA END 'x'",
                "XA PREPARE 'x'",
                "XA COMMIT 'x'",
                "SET SESSION binlog_row_value_options = ''");

        assertThat(monitor.awaitHalt()).contains("binlog_row_value_options=PARTIAL_JSON");
        monitor.stop();
        monitor.start("monitor.on-unreadable", "gap");

        assertThat(scene.awaitChanges(3)).extracting(Received::type).containsExactly("row_insert", "row_insert", "gap");
    }
}

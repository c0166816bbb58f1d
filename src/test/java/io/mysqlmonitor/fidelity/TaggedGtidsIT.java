package io.mysqlmonitor.fidelity;

import static io.mysqlmonitor.testing.ServerContainer.assumeContainers;
import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.servers.DatabaseServer;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GTIDs with tags, which neither Debezium nor its binlog client knows. */
class TaggedGtidsIT {

    private static final String TAGGED = "SET SESSION gtid_next = 'AUTOMATIC:tag'";
    private static final String AUTOMATIC = "SET SESSION gtid_next = 'AUTOMATIC'";

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

    @Test
    void shouldReadOnAcrossThemAndAfterARestartAndFromAPosition() throws Exception {
        assumeContainers(); // a MySQL that has tags
        server = DatabaseServer.mysql(null);
        scene = new Scene(directory, server.withBroker());
        monitor = new RunningMonitor(scene, "monitor.dedupe.window", "0");
        scene.sql("CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(50))");
        monitor.start();
        scene.sql("INSERT INTO item VALUES (1, 'a')");
        scene.awaitChanges(1);

        scene.sql(
                TAGGED,
                "INSERT INTO item VALUES (2, 'a')",
                "ALTER TABLE item ADD price INT FIRST",
                AUTOMATIC,
                "INSERT INTO item VALUES (3, 3, 'a')",
                "FLUSH BINARY LOGS");
        scene.awaitChanges(3);
        monitor.stop();
        scene.sql(
                "INSERT INTO item VALUES (4, 4, 'a')",
                TAGGED,
                "ALTER TABLE item DROP name",
                "FLUSH BINARY LOGS",
                "INSERT INTO item VALUES (5, 5)",
                AUTOMATIC);
        monitor.start();
        scene.sql("INSERT INTO item VALUES (6, 6)");

        assertThat(scene.awaitChanges(6))
                .extracting(Received::body)
                .extracting(body -> body.replaceFirst(".*\"keys\":\\{\"id\":(\\d)},\"values\":(.*)}", "$1 $2"))
                .containsExactly(
                        "1 {\"id\":1,\"name\":\"a\"}",
                        "2 {\"id\":2,\"name\":\"a\"}",
                        "3 {\"price\":3,\"id\":3,\"name\":\"a\"}",
                        "4 {\"price\":4,\"id\":4,\"name\":\"a\"}",
                        "5 {\"price\":5,\"id\":5}",
                        "6 {\"price\":6,\"id\":6}");
        assertThat(monitor.halted()).isEmpty();

        monitor.stop();
        Files.walk(scene.data()).filter(Files::isRegularFile).forEach(file -> file.toFile()
                .delete());
        String file = scene.select("SHOW BINARY LOG STATUS").get(0);
        monitor.start("monitor.start", file + ":4");

        assertThat(scene.awaitChanges(8).subList(6, 8))
                .extracting(Received::body)
                .extracting(body -> body.replaceFirst(".*\"keys\":\\{\"id\":(\\d)}.*", "$1"))
                .containsExactly("5", "6");
    }
}

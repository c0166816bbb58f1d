package io.mysqlmonitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.mysqlmonitor.Scene.Received;
import io.mysqlmonitor.servers.ContainerServers;
import io.mysqlmonitor.servers.DatabaseServer;
import io.mysqlmonitor.servers.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.impl.DefaultCamelContext;
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
    private DefaultCamelContext context;
    private MysqlMonitor monitor;

    @AfterEach
    void tearDown() throws Exception {
        stop();
        if (scene != null) {
            scene.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private void start(String... settings) throws Exception {
        context = new DefaultCamelContext();
        monitor = new MysqlMonitor(MonitorConfiguration.of(scene.properties(settings)));
        monitor.addTo(context);
        context.start();
        scene.awaitCheckpoint();
    }

    private void stop() throws Exception {
        if (context != null) {
            context.close();
            monitor.close();
            context = null;
        }
    }

    @Test
    void shouldReadOnAcrossThemAndAfterARestartAndFromAPosition() throws Exception {
        assumeThat(TestServers.get()).isInstanceOf(ContainerServers.class); // a MySQL that has tags
        server = DatabaseServer.mysql(null);
        scene = new Scene(directory, server.withBroker());
        scene.sql("CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(50))");
        start("monitor.dedupe.window", "0");
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
        stop();
        scene.sql(
                "INSERT INTO item VALUES (4, 4, 'a')",
                TAGGED,
                "ALTER TABLE item DROP name",
                "FLUSH BINARY LOGS",
                "INSERT INTO item VALUES (5, 5)",
                AUTOMATIC);
        start("monitor.dedupe.window", "0");
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

        stop();
        Files.walk(scene.data()).filter(Files::isRegularFile).forEach(file -> file.toFile()
                .delete());
        String file = scene.select("SHOW BINARY LOG STATUS").get(0);
        start("monitor.dedupe.window", "0", "monitor.start", file + ":4");

        assertThat(scene.awaitChanges(8).subList(6, 8))
                .extracting(Received::body)
                .extracting(body -> body.replaceFirst(".*\"keys\":\\{\"id\":(\\d)}.*", "$1"))
                .containsExactly("5", "6");
    }
}

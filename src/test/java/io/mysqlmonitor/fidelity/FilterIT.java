package io.mysqlmonitor.fidelity;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.component.debezium.DebeziumConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left out of what is published, and what becomes of the position meanwhile. */
class FilterIT {

    private static final int FILTERED = 100_000;
    private static final int ROWS_PER_STATEMENT = 5_000;

    @TempDir
    private Path directory;

    private final AtomicInteger read = new AtomicInteger();
    private Scene scene;
    private RunningMonitor monitor;

    @BeforeEach
    void setUp() throws Exception {
        scene = new Scene(directory);
        monitor = new RunningMonitor(scene, "monitor.dedupe.window", "0");
        monitor.wrapTransform(real -> exchange -> {
            if (exchange.getMessage().getHeader(DebeziumConstants.HEADER_OPERATION) != null) {
                read.incrementAndGet();
            }
            real.process(exchange);
        });
    }

    @AfterEach
    void tearDown() throws Exception {
        monitor.close();
        scene.close();
    }

    private List<String> awaitBodies(int count) {
        return scene.awaitChanges(count).stream()
                .map(message -> message.body().replaceFirst(".*(?=\"table_name\")", message.type() + " "))
                .toList();
    }

    @Test
    void shouldLetThePositionAdvanceOverWhatIsFiltered() throws Exception {
        scene.sql(
                "CREATE TABLE other (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50))",
                "CREATE TABLE person (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50))");
        String[] settings = {
            "mysql.tables",
            scene.database() + ".*",
            "mysql.tables.exclude",
            scene.database() + ".other",
            "monitor.filter",
            "${body.value('name')} == 'kept'"
        };
        scene.expectLeftOut("person", FILTERED, "monitor.filter");
        monitor.start(settings);

        insertFiltered("other");
        insertFiltered("person");
        monitor.awaitEnd();

        assertThat(read).hasValue(FILTERED); // of person alone
        monitor.stop();
        read.set(0);
        monitor.start(settings);
        scene.sql("INSERT INTO other (name) VALUES ('kept')", "INSERT INTO person (name) VALUES ('kept')");
        assertThat(awaitBodies(1).get(0)).contains("\"name\":\"kept\"");
        assertThat(read).hasValue(1);
    }

    private void insertFiltered(String table) throws SQLException {
        String rows =
                IntStream.range(0, ROWS_PER_STATEMENT).mapToObj(i -> "('x')").collect(Collectors.joining(","));
        for (int i = 0; i < FILTERED / ROWS_PER_STATEMENT; i++) {
            scene.sql("INSERT INTO " + table + " (name) VALUES " + rows);
        }
    }

    @Test
    void shouldPublishTheRowsForWhichTheFilterIsTrue() throws Exception {
        scene.sql(
                "CREATE TABLE orders (id INT PRIMARY KEY, status VARCHAR(9), total DECIMAL(9,2))",
                "CREATE TABLE customer (id INT PRIMARY KEY)");
        scene.expectLeftOut("orders", 4, "monitor.filter");
        monitor.start(
                "monitor.filter",
                "${body.tableName} != 'orders' || ${body.value('status')} == 'paid'",
                "monitor.dead-letter",
                scene.database());

        scene.sql(
                "INSERT INTO customer VALUES (7)",
                "INSERT INTO orders VALUES (1, 'new', 5), (2, 'paid', 5), (3, NULL, 5)",
                "UPDATE orders SET total = 6", // without, within and without
                "UPDATE orders SET status = 'paid' WHERE id = 1", // comes
                "UPDATE orders SET status = 'sent' WHERE id = 2", // goes
                "UPDATE orders SET id = 4 WHERE id = 1",
                "DELETE FROM orders");

        assertThat(awaitBodies(8))
                .containsExactly(
                        "row_insert \"table_name\":\"customer\",\"keys\":{\"id\":7},\"values\":{\"id\":7}}",
                        "row_insert \"table_name\":\"orders\",\"keys\":{\"id\":2},\"values\":{\"id\":2,\"status\":\"paid\",\"total\":\"5.00\"}}",
                        "row_update \"table_name\":\"orders\",\"keys\":{\"id\":2},\"before_values\":{\"total\":\"5.00\"},\"after_values\":{\"total\":\"6.00\"}}",
                        "row_insert \"table_name\":\"orders\",\"keys\":{\"id\":1},\"values\":{\"id\":1,\"status\":\"paid\",\"total\":\"6.00\"}}",
                        "row_delete \"table_name\":\"orders\",\"keys\":{\"id\":2}}",
                        "row_delete \"table_name\":\"orders\",\"keys\":{\"id\":1}}",
                        "row_insert \"table_name\":\"orders\",\"keys\":{\"id\":4},\"values\":{\"id\":4,\"status\":\"paid\",\"total\":\"6.00\"}}",
                        "row_delete \"table_name\":\"orders\",\"keys\":{\"id\":4}}");
    }

    @Test
    void shouldPutChangesOnWhichTheFilterFailsIntoTheDeadLetters() throws Exception {
        scene.sql("CREATE TABLE orders (id INT PRIMARY KEY, state VARCHAR(9))");
        monitor.start("monitor.filter", "${body.value('status')} == 'paid'", "monitor.dead-letter", scene.database());

        scene.sql("INSERT INTO orders VALUES (1, 'paid')", "ALTER TABLE orders RENAME COLUMN state TO status");
        scene.sql("INSERT INTO orders VALUES (2, 'paid')");

        List<Received> messages = scene.awaitChanges(2);
        assertThat(messages).extracting(Received::type).containsExactly("dead_letter", "row_insert");
        assertThat(messages.get(0).body())
                .contains("\"keys\":{\"id\":1},\"reason\":\"monitor.filter: table " + scene.database()
                        + ".orders has no column status, but [id, state]\"");
    }

    @Test
    void shouldMaskColumnsOfEveryType() throws Exception {
        scene.sql(
                "CREATE TABLE person (id INT PRIMARY KEY, name VARCHAR(9), salary INT, mail VARCHAR(9), note TEXT, secret INT)",
                "CREATE TABLE account (iban VARCHAR(9) PRIMARY KEY, mail VARCHAR(9))",
                "CREATE TABLE token (id INT PRIMARY KEY, mail VARCHAR(9))");
        String database = scene.database();
        scene.expectLeftOut("person", 1, "of one update only masked columns changed");
        monitor.start(
                "mysql.columns.exclude",
                database + ".person.secret",
                "mysql.columns.mask",
                database + ".person.(name|salary), .*\\.iban",
                "mysql.columns.hash",
                database + ".*.mail," + database + ".token.id",
                "mysql.columns.hash.salt",
                "pepper",
                "mysql.columns.truncate",
                database + ".person.note:3");

        scene.sql(
                "INSERT INTO person VALUES (1, 'a', 500, 'm', 'longer', 3), (2, NULL, 5, NULL, 'ab', 4)",
                "UPDATE person SET name = 'b', salary = 600, note = 'long', secret = 5 WHERE id = 1", // nothing to see
                "UPDATE person SET mail = 'n' WHERE id = 1",
                "INSERT INTO account VALUES ('DE1', 'm'), ('DE2', 'm')",
                "INSERT INTO token VALUES (1, 'm')");

        String hashOfM =
                "dc1f2370e31d2b20190f93ccae8f3cafe7184d8c23796e9a73723840483aeeea"; // openssl dgst -sha256 -hmac pepper
        List<String> bodies = awaitBodies(6);
        assertThat(bodies.get(0))
                .endsWith("\"values\":{\"id\":1,\"name\":\"***\",\"salary\":\"***\",\"mail\":\"" + hashOfM
                        + "\",\"note\":\"lon\"}}");
        assertThat(bodies.get(1))
                .endsWith("\"values\":{\"id\":2,\"name\":null,\"salary\":\"***\",\"mail\":null,\"note\":\"ab\"}}");
        assertThat(bodies.get(2))
                .contains("\"keys\":{\"id\":1},\"before_values\":{\"mail\":\"" + hashOfM
                        + "\"},\"after_values\":{\"mail\":");
        assertThat(bodies.get(3)) // its key does not tell rows apart any more
                .endsWith("\"keys\":{},\"values\":{\"iban\":\"***\",\"mail\":\"" + hashOfM + "\"}}");
        assertThat(bodies.get(5)).matches(".*\"keys\":\\{\"id\":\"[0-9a-f]{64}\"},.*");
    }

    @Test
    void shouldPublishTheOperationsAskedFor() throws Exception {
        scene.sql("CREATE TABLE person (id INT PRIMARY KEY, name VARCHAR(9))");
        monitor.start("monitor.operations", "insert, delete", "monitor.dedupe.window", "5s");

        scene.sql(
                "INSERT INTO person VALUES (1, 'a')",
                "UPDATE person SET name = 'b'",
                "UPDATE person SET id = 2", // a delete and an insert
                "DELETE FROM person",
                "INSERT INTO person VALUES (2, 'c')");

        assertThat(awaitBodies(5))
                .extracting(body -> body.replaceFirst(" .*\"keys\":\\{\"id\":(\\d).*", " $1"))
                .containsExactly("row_insert 1", "row_delete 1", "row_insert 2", "row_delete 2", "row_insert 2");
    }
}

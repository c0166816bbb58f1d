package io.mysqlmonitor.fidelity;

import static io.mysqlmonitor.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Statements that define tables, while the monitor runs and while it does not. */
class SchemaChangeIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    private final List<String> expected = new ArrayList<>();
    private Scene scene;
    private RunningMonitor monitor; // of tables whose names start with person

    @BeforeEach
    void setUp() throws Exception {
        scene = new Scene(directory);
        scene.sql(
                "CREATE TABLE person (id INT PRIMARY KEY, name VARCHAR(50)) DEFAULT CHARSET utf8mb4",
                "CREATE TABLE other (id INT PRIMARY KEY, name VARCHAR(50)) DEFAULT CHARSET utf8mb4");
        monitor = new RunningMonitor(
                scene,
                "monitor.dedupe.window",
                "0",
                "mysql.tables",
                scene.database() + "\\.person.*",
                "monitor.message.types",
                "schema_change,table_truncate");
    }

    @AfterEach
    void tearDown() throws Exception {
        monitor.close();
        scene.close();
    }

    /** Runs a statement and notes the messages that have to come of it, in the form of {@link #summary}. */
    private void run(String sql, String... messages) throws SQLException {
        scene.sql(sql);
        expected.addAll(List.of(messages));
    }

    private void assertExpected() {
        await().untilAsserted(() -> assertThat(summaries()).hasSizeGreaterThanOrEqualTo(expected.size()));
        assertThat(summaries()).containsExactlyElementsOf(expected);
    }

    /** On MariaDB a restart may send the latest changes again. */
    private List<String> summaries() {
        return scene.changes().stream()
                .collect(Collectors.toMap(
                        message -> message.properties().getMessageId(),
                        SchemaChangeIT::summary,
                        (first, again) -> first,
                        LinkedHashMap::new))
                .values()
                .stream()
                .toList();
    }

    private static String summary(Received message) {
        try {
            JsonNode body = JSON.readTree(message.body());
            String table = body.get("table_name").asText();
            return switch (message.type()) {
                case "row_insert" -> "+ " + table + " " + body.get("keys") + body.get("values");
                case "row_update" -> "~ " + table + " " + body.get("keys") + body.get("after_values");
                case "row_delete" -> "- " + table + " " + body.get("keys");
                case "table_truncate" -> "truncate " + table;
                default -> body.get("kind").asText() + " " + table + " " + names(body.path("columns"))
                        + body.path("key_columns");
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String names(JsonNode columns) {
        return String.join(",", columns.findValuesAsText("name"));
    }

    @Test
    void shouldReadRowsByTheDefinitionOfTheirTime() throws Exception {
        monitor.start();

        run("INSERT INTO person VALUES (1, 'a')", "+ person {\"id\":1}{\"id\":1,\"name\":\"a\"}");
        run("ALTER TABLE person ADD COLUMN age INT", "alter person id,name,age[\"id\"]");
        run("UPDATE person SET age = 7", "~ person {\"id\":1}{\"age\":7}");
        run(
                "ALTER TABLE person MODIFY COLUMN name VARCHAR(50) FIRST, MODIFY age VARCHAR(5)",
                "alter person name,id,age[\"id\"]");
        run("INSERT INTO person VALUES ('b', 2, 'x')", "+ person {\"id\":2}{\"name\":\"b\",\"id\":2,\"age\":\"x\"}");
        run("ALTER TABLE person CHANGE COLUMN age years VARCHAR(5)", "alter person name,id,years[\"id\"]");
        run("UPDATE person SET years = 'y' WHERE id = 2", "~ person {\"id\":2}{\"years\":\"y\"}");
        run("ALTER TABLE person DROP COLUMN years", "alter person name,id[\"id\"]");
        run("INSERT INTO person VALUES ('c', 3)", "+ person {\"id\":3}{\"name\":\"c\",\"id\":3}");
        run("ALTER TABLE person ADD COLUMN i INT DEFAULT 5, ALGORITHM=INSTANT", "alter person name,id,i[\"id\"]");
        run("UPDATE person SET name = 'd' WHERE id = 3", "~ person {\"id\":3}{\"name\":\"d\"}");
        run("ALTER TABLE person ADD INDEX n (name), ALGORITHM=INPLACE, LOCK=NONE", "alter person name,id,i[\"id\"]");
        // the key
        run("ALTER TABLE person DROP PRIMARY KEY", "alter person name,id,i[]");
        run("DELETE FROM person WHERE id = 3", "- person {}");
        run("ALTER TABLE person ADD PRIMARY KEY (name, id)", "alter person name,id,i[\"name\",\"id\"]");
        run("DELETE FROM person WHERE id = 2", "- person {\"name\":\"b\",\"id\":2}");
        // rows that the binary log does not have
        run("TRUNCATE TABLE person", "truncate person");
        run(
                "INSERT INTO person VALUES ('a', 1, 1)",
                "+ person {\"name\":\"a\",\"id\":1}{\"name\":\"a\",\"id\":1,\"i\":1}");
        // partitions
        run("ALTER TABLE person PARTITION BY HASH (id) PARTITIONS 3", "alter person name,id,i[\"name\",\"id\"]");
        run("DELETE FROM person", "- person {\"name\":\"a\",\"id\":1}");
        run(
                "INSERT INTO person VALUES ('p', 2, 1)",
                "+ person {\"name\":\"p\",\"id\":2}{\"name\":\"p\",\"id\":2,\"i\":1}");
        run("ALTER TABLE person TRUNCATE PARTITION ALL", "alter person name,id,i[\"name\",\"id\"]");
        // what is no table
        run("CREATE VIEW person_v AS SELECT 1 AS x");
        run("DROP VIEW person_v");
        run("ALTER DATABASE " + scene.database() + " CHARACTER SET utf8mb4", "database null ");
        // tables that come and go
        run("CREATE TABLE person_2 (k INT PRIMARY KEY, v INT)", "create person_2 k,v[\"k\"]");
        run("INSERT INTO person_2 VALUES (1, 2)", "+ person_2 {\"k\":1}{\"k\":1,\"v\":2}");
        run("RENAME TABLE person_2 TO person_3", "rename person_3 k,v[\"k\"]");
        run("INSERT INTO person_3 VALUES (2, 2)", "+ person_3 {\"k\":2}{\"k\":2,\"v\":2}");
        run("CREATE TABLE person_2 LIKE person_3", "create person_2 k,v[\"k\"]");
        run(
                "RENAME TABLE person_2 TO person_s, person_3 TO person_2, person_s TO person_3",
                "rename person_s ",
                "rename person_2 k,v[\"k\"]",
                "rename person_3 k,v[\"k\"]");
        run("DROP TABLE person_2, person_3", "drop person_2 ", "drop person_3 ");
        // names that differ in case alone
        run("CREATE TABLE person_K (k INT PRIMARY KEY)", "create person_K k[\"k\"]");
        run("CREATE TABLE person_k (i INT PRIMARY KEY, v INT)", "create person_k i,v[\"i\"]");
        run("ALTER TABLE person_K ADD PRIMARY KEY (b), ADD b INT, DROP PRIMARY KEY", "alter person_K k,b[\"b\"]");
        run("DROP TABLE person_K", "drop person_K ");
        run("RENAME TABLE person_k TO person_K", "rename person_K i,v[\"i\"]");
        // what is not watched
        run("ALTER TABLE other ADD COLUMN age INT");
        run("INSERT INTO other VALUES (1, 'o', 7)");
        run("TRUNCATE TABLE other");
        // into what is watched and out of it
        run("RENAME TABLE other TO person_o", "rename person_o id,name,age[\"id\"]");
        run("INSERT INTO person_o VALUES (1, 'o', 7)", "+ person_o {\"id\":1}{\"id\":1,\"name\":\"o\",\"age\":7}");
        run("ALTER TABLE person_o RENAME TO other", "rename other id,name,age[\"id\"]");
        run("INSERT INTO other VALUES (2, 'o', 7)");

        assertExpected();
        List<String> ids = scene.changes().stream()
                .map(message -> message.properties().getMessageId())
                .toList();
        assertThat(ids).doesNotHaveDuplicates();
        Received dropped = scene.changes().get(indexOf("drop person_3 "));
        assertThat(dropped.properties().getMessageId()).endsWith(":1");
        assertThat(dropped.properties().getHeaders().get("table")).hasToString("person_3");
        assertThat(dropped.properties().getHeaders().get("database")).hasToString(scene.database());
        assertThat(scene.changes().get(indexOf("rename person_3 k,v[\"k\"]")).body())
                .contains("\"former_name\":\"" + scene.database() + ".person_2\"", "\"type\":\"INT\"");
        assertThat(scene.changes().get(indexOf("rename person_s ")).body())
                .contains("\"former_name\":\"" + scene.database() + ".person_2\"");
    }

    @Test
    void shouldTellOfRowsThatMoveWithPartitionsAndAcrossDatabases() throws Exception {
        scene.sql(
                "CREATE TABLE person_p (id INT PRIMARY KEY) PARTITION BY RANGE (id) "
                        + "(PARTITION a VALUES LESS THAN (5), PARTITION b VALUES LESS THAN (9))",
                "CREATE TABLE person_x (id INT PRIMARY KEY)",
                "CREATE TABLE other_p (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 1");
        monitor.start();

        run(
                "ALTER TABLE person_p EXCHANGE PARTITION a WITH TABLE person_x",
                "alter person_p id[\"id\"]",
                "alter person_x id[\"id\"]");
        run(
                "ALTER TABLE other_p EXCHANGE PARTITION p0 WITH TABLE `person_x` WITHOUT VALIDATION",
                "alter person_x id[\"id\"]");
        run("ALTER TABLE person_p TRUNCATE PARTITION a", "alter person_p id[\"id\"]");
        run("ALTER TABLE person_p DROP PARTITION b", "alter person_p id[\"id\"]");
        run("TRUNCATE person_x", "truncate person_x");
        run("/* by app */ TRUNCATE  TABLE person_x", "truncate person_x");
        run("INSERT INTO person_x VALUES (1)", "+ person_x {\"id\":1}{\"id\":1}");

        assertExpected();
        assertThat(scene.changes().get(1).properties().getMessageId()).endsWith(":1");
    }

    @Test
    void shouldEndWithTheRowsOfTheTableInADedupeWindowAlsoIfNotToldOfStatements() throws Exception {
        scene.sql(
                "CREATE TABLE person_n LIKE person",
                "INSERT INTO person VALUES (7, '1')",
                "INSERT INTO person_n VALUES (7, '1')");
        monitor.start("monitor.message.types", "", "monitor.dedupe.window", "3s");

        run("INSERT INTO person VALUES (1, 'a')", "+ person {\"id\":1}{\"id\":1,\"name\":\"a\"}");
        run("UPDATE person SET name = '2' WHERE id = 7", "~ person {\"id\":7}{\"name\":\"2\"}");
        run("RENAME TABLE person TO person_old, person_n TO person");
        run("UPDATE person SET name = '3' WHERE id = 7", "~ person {\"id\":7}{\"name\":\"3\"}");
        run("UPDATE person SET name = '1' WHERE id = 7", "~ person {\"id\":7}{\"name\":\"1\"}");
        run("TRUNCATE person");
        run("INSERT INTO person VALUES (1, 'a')", "+ person {\"id\":1}{\"id\":1,\"name\":\"a\"}");
        run("DELETE FROM person", "- person {\"id\":1}");

        assertExpected();
    }

    private int indexOf(String summary) {
        return expected.indexOf(summary);
    }

    @Test
    void shouldReadRowsOfADowntimeByTheDefinitionOfTheirTime() throws Exception {
        monitor.start("monitor.message.types", "");
        run("INSERT INTO person VALUES (1, 'a')", "+ person {\"id\":1}{\"id\":1,\"name\":\"a\"}");
        assertExpected();
        monitor.stop();

        run("INSERT INTO person VALUES (2, 'b')", "+ person {\"id\":2}{\"id\":2,\"name\":\"b\"}");
        run("ALTER TABLE person ADD COLUMN age INT FIRST");
        run("INSERT INTO person VALUES (7, 3, 'c')", "+ person {\"id\":3}{\"age\":7,\"id\":3,\"name\":\"c\"}");
        run("TRUNCATE TABLE person");
        // as online tools do it
        run("CREATE TABLE _person_gho LIKE person");
        run("ALTER TABLE _person_gho ADD COLUMN mail VARCHAR(20) AFTER id, MODIFY age BIGINT");
        run("INSERT INTO person VALUES (8, 4, 'd')", "+ person {\"id\":4}{\"age\":8,\"id\":4,\"name\":\"d\"}");
        run("INSERT INTO _person_gho (age, id, name) SELECT age, id, name FROM person");
        run("RENAME TABLE person TO _person_del, _person_gho TO person");
        run(
                "INSERT INTO person VALUES (9, 5, 'm', 'e')",
                "+ person {\"id\":5}{\"age\":9,\"id\":5,\"mail\":\"m\",\"name\":\"e\"}");
        monitor.start("monitor.message.types", "");
        assertExpected();

        run("DROP TABLE _person_del");
        run("UPDATE person SET mail = 'n' WHERE id = 5", "~ person {\"id\":5}{\"mail\":\"n\"}");
        assertExpected();
    }

    @Test
    void shouldReadAStatementOnceMoreAfterARestartThatFollowsIt() throws Exception {
        assumeThat(scene.isMariadb()).isFalse(); // where the server does not send it again
        String gtidMode = scene.query("SELECT @@GLOBAL.gtid_mode", row -> row.getString(1));
        assertThat(gtidMode).isEqualTo("ON");
        monitor.start("monitor.message.types", "");
        run("CREATE TABLE _person_gho (id INT PRIMARY KEY, mail VARCHAR(20))");
        run("RENAME TABLE person TO _person_del, _person_gho TO person");
        monitor.awaitEnd();
        monitor.stop();

        monitor.start("monitor.message.types", "");
        run("INSERT INTO person VALUES (1, 'm')", "+ person {\"id\":1}{\"id\":1,\"mail\":\"m\"}");

        assertExpected();
        monitor.stop();
        monitor.start("monitor.message.types", ""); // by what it wrote down about the statement that it read twice
        run("INSERT INTO person VALUES (2, 'n')", "+ person {\"id\":2}{\"id\":2,\"mail\":\"n\"}");
        assertExpected();
    }

    @Test
    void shouldPassOverStatementsThatNoParserKnowsAboutTablesThatAreNotWatched() throws Exception {
        monitor.start();

        run("ALTER TABLE other ADD COLUMN n INT DEFAULT (INTERVAL(1, 2, 3))");
        run("INSERT INTO other VALUES (1, 'o', 1)");
        run("INSERT INTO person VALUES (1, 'a')", "+ person {\"id\":1}{\"id\":1,\"name\":\"a\"}");

        assertExpected();
        monitor.stop();
        monitor.start(); // the statement is in the history
        run("INSERT INTO person VALUES (2, 'b')", "+ person {\"id\":2}{\"id\":2,\"name\":\"b\"}");
        assertExpected();
    }

    @Test
    void shouldReadNoRowAfterAStatementThatNoParserKnowsAboutAWatchedTable() throws Exception {
        assumeThat(scene.isMariadb())
                .isFalse(); // of its statements, no such one is known that leaves a table that can be read
        String unknown = "ALTER TABLE person ADD COLUMN age VARCHAR(9) FIRST, DROP COLUMN name, AUTOEXTEND_SIZE = 4M";
        monitor.start();

        run("INSERT INTO person VALUES (1, 'a')", "+ person {\"id\":1}{\"id\":1,\"name\":\"a\"}");
        run(unknown);
        run("INSERT INTO person VALUES ('x', 2)");

        assertThat(monitor.awaitHalt())
                .contains(
                        scene.database() + ".person",
                        unknown,
                        "monitor.on-schema-loss=rebuild",
                        "mysql.tables.exclude");
        assertExpected();
        monitor.stop();

        monitor.start("monitor.on-schema-loss", "rebuild");
        expected.add("alter person ");
        expected.add("+ person {\"id\":2}{\"age\":\"x\",\"id\":2}");
        run("INSERT INTO person VALUES ('y', 3)", "+ person {\"id\":3}{\"age\":\"y\",\"id\":3}");
        assertExpected();
    }

    @Test
    void shouldFindColumnsWithABackquoteAndStopWhereItCannot() throws Exception {
        scene.sql("CREATE TABLE `person\"q` (id INT PRIMARY KEY, `b``t` INT, `c``\"` INT)");
        monitor.start("monitor.message.types", "");

        run("ALTER TABLE `person\"q` MODIFY `b``t` BIGINT FIRST, ADD `x``` INT AFTER id");
        run(
                "INSERT INTO `person\"q` VALUES (2, 1, 3, 4)",
                "+ person\"q {\"id\":1}{\"b`t\":2,\"id\":1,\"x`\":3,\"c`\\\"\":4}");
        run("ALTER TABLE `person\"q` DROP `b``t`, ADD y INT, RENAME TO `person``r`");
        run(
                "INSERT INTO `person``r` VALUES (2, 3, 4, 5)",
                "+ person`r {\"id\":2}{\"id\":2,\"x`\":3,\"c`\\\"\":4,\"y\":5}");
        assertExpected();
        monitor.stop();
        monitor.start("monitor.message.types", ""); // by definitions in which the former name is gone
        run("CREATE TABLE `person\"q` (v INT, id INT PRIMARY KEY)");
        run("INSERT INTO `person\"q` VALUES (2, 1)", "+ person\"q {\"id\":1}{\"v\":2,\"id\":1}");
        assertExpected();

        run("ALTER TABLE `person``r` MODIFY `c``\"` INT FIRST");
        run("INSERT INTO `person``r` VALUES (4, 3, 3, 5)");

        assertThat(monitor.awaitHalt()).contains("person`r", "MODIFY");
        assertExpected();
    }

    @Test
    void shouldSayThatATableCannotBeReadAtAll() throws Exception {
        monitor.start("monitor.on-schema-loss", "rebuild");
        run("CREATE TABLE person_n (id INT PRIMARY KEY, n INT DEFAULT (INTERVAL(1, 2, 3)))");
        run("INSERT INTO person_n VALUES (1, 1)");

        assertThat(monitor.awaitHalt()).contains("person_n", "without success", "mysql.tables.exclude");
    }

    /** Adds an insert of one row into a table and what it has to be published as. */
    private void insert(String table, String values, String json) throws SQLException {
        run(
                "INSERT INTO " + table + " VALUES (" + values + ")",
                "+ " + table + " {\"id\":" + json.split("[:,}]")[1] + "}" + json);
    }

    @Test
    void shouldReadStatementsAsTheServerMeansThem() throws Exception {
        String latin1 = scene.database() + "_l";
        monitor.start(
                "monitor.message.types",
                "",
                "mysql.databases",
                scene.database() + "," + latin1,
                "mysql.tables",
                "mm_.*\\.person.*");
        // comments
        run("ALTER TABLE person ADD b INT /*!50100 AFTER id */");
        insert("person", "1, 2, 'a'", "{\"id\":1,\"b\":2,\"name\":\"a\"}");
        run("/*!50100 ALTER TABLE person CHANGE b bb INT */");
        insert("person", "2, 3, 'b'", "{\"id\":2,\"bb\":3,\"name\":\"b\"}");
        run("ALTER TABLE person ADD c INT /*!999999 FIRST */ FIRST # end");
        run(
                "INSERT INTO person VALUES (5, 3, 3, 'c')",
                "+ person {\"id\":3}" + "{\"c\":5,\"id\":3,\"bb\":3,\"name\":\"c\"}");
        // names of types
        run("ALTER TABLE person ADD d BOOL, ADD e CHAR(9) ASCII");
        run(
                "INSERT INTO person VALUES (5, 4, 3, 'c', 7, 'é')",
                "+ person {\"id\":4}{\"c\":5,\"id\":4,\"bb\":3,\"name\":\"c\",\"d\":7,\"e\":\"é\"}");
        run("CREATE DATABASE " + latin1 + " /*!40100 DEFAULT CHARACTER SET latin1 */");
        run("CREATE TABLE " + latin1 + ".person_l (id INT PRIMARY KEY, v VARCHAR(20), "
                + "w VARCHAR(20) /*!50500 CHARACTER SET utf8mb4 */)");
        run(
                "INSERT INTO " + latin1 + ".person_l VALUES (1, 'größe', '漢😀')",
                "+ person_l {\"id\":1}{\"id\":1,\"v\":\"größe\",\"w\":\"漢😀\"}");
        run("ALTER DATABASE " + latin1 + " CHARACTER SET utf8mb4");
        run("CREATE TABLE " + latin1 + ".person_u (id INT PRIMARY KEY, v VARCHAR(20))");
        run("INSERT INTO " + latin1 + ".person_u VALUES (1, '漢😀')", "+ person_u {\"id\":1}{\"id\":1,\"v\":\"漢😀\"}");
        run("DROP DATABASE " + latin1);
        // the session's modes and character set
        run("SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,REAL_AS_FLOAT'");
        run("CREATE TABLE \"person a`\" (id INT PRIMARY KEY, \"r\" REAL, e ENUM('a\\', 'b') DEFAULT 'b')");
        run(
                "INSERT INTO \"person a`\" VALUES (1, 1.1, 'a\\')",
                "+ person a` {\"id\":1}{\"id\":1,\"r\":1.1,\"e\":\"a\\\\\"}");
        run("SET sql_mode = DEFAULT");
        run("SET character_set_client = latin1");
        scene.sql("CREATE TABLE `person_größe` (id INT PRIMARY KEY, `größe` ENUM('klein', 'größer'))");
        run("SET character_set_client = utf8mb4");
        String name = scene.select("SHOW TABLES LIKE 'person_gr%'").get(0); // what the server took it for
        String column = scene.select(
                        "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() "
                                + "AND TABLE_NAME = '" + name + "' AND COLUMN_NAME <> 'id'")
                .get(0);
        run("INSERT INTO `" + name + "` VALUES (1, 2)");
        String label =
                scene.select("SELECT `" + column + "` FROM `" + name + "`").get(0);
        expected.add("+ " + name + " {\"id\":1}{\"id\":1,\"" + column + "\":\"" + label + "\"}");

        assertExpected();
    }

    @Test
    void shouldReadValuesAfterAChangeOfCharacterSetOrNullability() throws Exception {
        scene.sql(
                "CREATE TABLE person_c (id INT PRIMARY KEY, v VARCHAR(20), t TEXT, c CHAR(9) COLLATE latin1_bin) "
                        + "DEFAULT CHARACTER SET latin1",
                "CREATE TABLE person_n (id INT PRIMARY KEY, i INT NOT NULL, v VARCHAR(9) NOT NULL, d DATE NOT NULL, "
                        + "m DECIMAL(5,2) NOT NULL, e ENUM('a', 'b') NOT NULL, j JSON NOT NULL, b BLOB NOT NULL, "
                        + "t TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3))");
        if (scene.isMariadb()) {
            scene.sql("SET GLOBAL binlog_row_metadata = MINIMAL"); // or it logs no character sets
        }
        monitor.start("monitor.message.types", "");
        String[][] changes = {
            {"CONVERT TO CHARACTER SET utf8mb4", "é漢😀"},
            {"CONVERT TO CHARACTER SET latin1 COLLATE latin1_swedish_ci", "é€"},
            {"CONVERT TO CHARACTER SET gbk", "汉字"},
            {"CONVERT TO CHARSET utf16 COLLATE utf16_bin", "é漢😀"},
        };
        scene.sql("ALTER DATABASE " + scene.database() + " CHARACTER SET utf8mb4");
        int id = 0;
        for (String[] change : changes) {
            run("DELETE FROM person_c");
            if (id > 0) {
                expected.add("- person_c {\"id\":" + id + "}");
            }
            run("ALTER TABLE person_c " + change[0]);
            String v = change[1];
            id++;
            insert(
                    "person_c",
                    id + ", '" + v + "', '" + v + "', '" + v + "'",
                    "{\"id\":" + id + ",\"v\":\"" + v + "\",\"t\":\"" + v + "\",\"c\":\"" + v + "\"}");
        }

        readColumnsOfTheTablesCharacterSet(id);
        run("ALTER TABLE person_n CHANGE i i INT, CHANGE v w VARCHAR(9), MODIFY d DATE, MODIFY m DECIMAL(5,2), "
                + "CHANGE e e ENUM('a', 'b'), MODIFY j JSON, CHANGE b b BLOB, CHANGE t t TIMESTAMP(3) NULL");
        insert(
                "person_n",
                "1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
                "{\"id\":1,\"i\":null,\"w\":null,\"d\":null,\"m\":null,\"e\":null,\"j\":null,\"b\":null,\"t\":null}");

        assertExpected();
        if (scene.isMariadb()) {
            scene.sql("SET GLOBAL binlog_row_metadata = NO_LOG");
        }
    }

    /** Columns whose character set only earlier statements tell, or a collation. */
    private void readColumnsOfTheTablesCharacterSet(int id) throws SQLException {
        run("DELETE FROM person_c", "- person_c {\"id\":" + id + "}");
        run("ALTER TABLE person_c DROP v, DROP t, DROP c, DEFAULT CHARACTER SET latin1, ADD a VARCHAR(9)");
        insert("person_c", "1, 'ä€'", "{\"id\":1,\"a\":\"ä€\"}");
        run("ALTER TABLE person_c COLLATE = gbk_bin");
        run("ALTER TABLE person_c ADD g POINT, ADD b VARCHAR(9) NOT NULL, ADD c TEXT NOT NULL COLLATE latin1_bin");
        insert("person_c", "2, 'é', NULL, '汉字', 'é'", "{\"id\":2,\"a\":\"é\",\"g\":null,\"b\":\"汉字\",\"c\":\"é\"}");
        run("CREATE TABLE person_d LIKE person_c");
        run("ALTER TABLE person_d DROP g, ADD d VARCHAR(9)");
        insert("person_d", "3, 'é', '汉字', 'é', '汉字'", "{\"id\":3,\"a\":\"é\",\"b\":\"汉字\",\"c\":\"é\",\"d\":\"汉字\"}");
        run(
                "CREATE TABLE person_e (id INT PRIMARY KEY, v VARCHAR(9), g VARCHAR(9) CHARACTER SET latin1) COLLATE latin1_bin");
        insert("person_e", "1, 'é', 'é'", "{\"id\":1,\"v\":\"é\",\"g\":\"é\"}");
    }

    @Test
    void shouldTellOfTablesThatMoveToAnotherDatabase() throws Exception {
        String far = scene.database() + "_far";
        scene.sql("CREATE DATABASE " + far);
        monitor.start();

        run("RENAME TABLE person TO " + far + ".person_x", "rename person_x id,name[\"id\"]");
        run("INSERT INTO " + far + ".person_x VALUES (1, 'x')");
        run("RENAME TABLE " + far + ".person_x TO person", "rename person id,name[\"id\"]");
        run("INSERT INTO person VALUES (2, 'y')", "+ person {\"id\":2}{\"id\":2,\"name\":\"y\"}");
        run("ALTER TABLE person RENAME TO " + far + ".y, ADD x INT", "rename y id,name,x[\"id\"]");
        run("DROP DATABASE " + far);

        assertExpected();
        assertThat(scene.changes().stream().map(Received::body).filter(body -> body.contains("former_name")))
                .satisfiesExactly(
                        body -> assertThat(body)
                                .contains(
                                        "\"database\":\"" + far, "\"former_name\":\"" + scene.database() + ".person\""),
                        body -> assertThat(body)
                                .contains(
                                        "\"database\":\"" + scene.database() + "\"",
                                        "\"former_name\":\"" + far + ".person_x\""),
                        body -> assertThat(body)
                                .contains(
                                        "\"database\":\"" + far,
                                        "\"former_name\":\"" + scene.database() + ".person\""));
    }

    @Test
    void shouldReadStatementsOfMariadbAndStopAtThoseThatItCannot() throws Exception {
        assumeThat(scene.isMariadb()).isTrue();
        monitor.start();

        run(
                "RENAME TABLE person WAIT 3 TO person_a, other TO person_b",
                "rename person_a id,name[\"id\"]",
                "rename person_b id,name[\"id\"]");
        run(
                "ALTER TABLE person_a NOWAIT ADD COLUMN IF NOT EXISTS name VARCHAR(50), ADD IF NOT EXISTS age INT",
                "alter person_a id,name,age[\"id\"]");
        run("CREATE TABLE IF NOT EXISTS person_a (u UUID)");
        run("TRUNCATE person_a", "truncate person_a");
        run("INSERT INTO person_a VALUES (1, 'a', 7)", "+ person_a {\"id\":1}{\"id\":1,\"name\":\"a\",\"age\":7}");
        assertExpected();
        assertStopsAt("person_a", "ALTER TABLE person_a ADD COLUMN IF NOT EXISTS age INT FIRST");
        monitor.start("monitor.on-schema-loss", "rebuild", "monitor.message.types", "");
        run("INSERT INTO person_a VALUES (2, 'a', 7)", "+ person_a {\"id\":2}{\"id\":2,\"name\":\"a\",\"age\":7}");
        assertExpected();
        monitor.stop();

        monitor.start("monitor.message.types", "");
        assertStopsAt("person_b", "ALTER TABLE person_b DEFAULT CHARACTER SET latin1");
        monitor.start("monitor.on-schema-loss", "rebuild", "monitor.message.types", "");
        run("ALTER TABLE person_b ADD v VARCHAR(9)");
        run("INSERT INTO person_b VALUES (1, 'é', 'é')", "+ person_b {\"id\":1}{\"id\":1,\"name\":\"é\",\"v\":\"é\"}");
        assertExpected();
        monitor.stop();

        monitor.start("monitor.message.types", "");
        run("SET sql_mode = ORACLE");
        run("CREATE TABLE person_o (id INT PRIMARY KEY, d DATE)"); // which is a DATETIME
        run("SET sql_mode = DEFAULT");
        assertStopsAt("person_o", "INSERT INTO person_o VALUES (1, '2020-01-02 03:04:05')");
        monitor.start("monitor.on-schema-loss", "rebuild", "monitor.message.types", "");
        expected.add("+ person_o {\"id\":1}{\"id\":1,\"d\":\"2020-01-02T03:04:05\"}");
        assertExpected();
        monitor.stop();

        monitor.start("monitor.message.types", "");
        assertStopsAt("person_o", "CREATE OR REPLACE TABLE person_o (d INT, id INT)");
    }

    private void assertStopsAt(String table, String sql) throws Exception {
        run(sql);
        assertThat(monitor.awaitHalt()).contains(table);
        assertExpected();
        monitor.stop();
    }
}

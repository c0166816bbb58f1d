package io.mysqlmonitor.statement;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoggedStatementTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BEGIN",
                "COMMIT",
                "ROLLBACK TO `a`",
                "SAVEPOINT `a`",
                "XA START X'78',X'',1",
                "# Dummy event replacing event type 160 that slave cannot handle.",
                "/* only a comment */",
                "FLUSH PRIVILEGES",
                "GRANT SELECT ON *.* TO 'a'@'%'",
                "SET PASSWORD FOR 'a'@'%' = 'x'",
                "CREATE USER 'a'@'%'",
                "DROP USER 'a'@'%'",
                "CREATE DEFINER=`a`@`%` VIEW v AS SELECT * FROM item",
                "CREATE DEFINER=`a`@`%` TRIGGER t BEFORE INSERT ON item FOR EACH ROW UPDATE other SET a = 1",
                "CREATE PROCEDURE p() BEGIN INSERT INTO item VALUES (1); END",
                "CREATE TEMPORARY TABLE item AS SELECT 1",
                "DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `item`",
                "CREATE TABLE item (id INT, `select` INT, note TEXT COMMENT 'select') PARTITION BY LIST (id)"
                        + " (PARTITION a VALUES IN (1))",
                "CREATE TABLE item (id INT) /* select */ START TRANSACTION",
                "CREATE TABLE item LIKE other",
                "ALTER TABLE item ADD b INT",
                "TRUNCATE TABLE item",
                "TRUNCATE item",
                "RENAME TABLE a TO b",
                "CREATE INDEX i ON item (a)",
                "ANALYZE TABLE item",
                "ANALYZE NO_WRITE_TO_BINLOG TABLE item",
                "OPTIMIZE TABLE item",
                "SET STATEMENT max_statement_time=1000 FOR ALTER TABLE item ADD b INT",
                "/*!50100 ALTER TABLE item ADD b INT */"
            })
    void shouldPassWhatChangesNoRows(String sql) {
        assertThat(LoggedStatement.of(sql, "shop").changesRows()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "insert into item values (1)|shop.item",
                "INSERT LOW_PRIORITY IGNORE INTO `my shop`.`it``em` (id) SELECT 1|my shop.it`em",
                "INSERT item SET id = 1|shop.item",
                "REPLACE INTO a . b VALUES (1)|a.b",
                "/* app=1 */ UPDATE item SET id = 1|shop.item",
                "UPDATE LOW_PRIORITY a.item AS i SET i.id = 1|a.item",
                "DELETE FROM item WHERE id = 1|shop.item",
                "DELETE QUICK FROM item|shop.item",
                "DELETE FROM item i LIMIT 1|shop.item",
                "LOAD DATA INFILE 'into table x' INTO TABLE `item` FIELDS TERMINATED BY ','|shop.item",
                "LOAD DATA LOCAL INFILE '/tmp/SQL_LOAD-1' IGNORE INTO TABLE a.b|a.b",
                "CREATE TABLE a.b SELECT * FROM item|a.b",
                "CREATE TABLE IF NOT EXISTS b (id INT) AS SELECT * FROM item|shop.b",
                "CREATE OR REPLACE TABLE b AS TABLE item|shop.b",
                "CREATE TABLE b AS VALUES ROW(1)|shop.b",
                "SET STATEMENT max_statement_time = 1 FOR INSERT INTO item VALUES (1)|shop.item",
                "/*!50100 INSERT INTO item */ VALUES (1)|shop.item",
                "INSERT # note\\n INTO größe VALUES (1)|shop.größe"
            })
    void shouldKnowTheOnlyTableThatAStatementChanges(String sql, String table) {
        LoggedStatement statement = LoggedStatement.of(sql.replace("\\n", "\n"), "shop");

        assertThat(statement.changesRows()).isTrue();
        assertThat(statement.table()).hasToString(table);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE a, b SET a.id = 1",
                "UPDATE a JOIN b ON a.id = b.id SET b.id = 1",
                "UPDATE (a, b) SET a.id = 1",
                "UPDATE item PARTITION (p0) SET id = 1",
                "DELETE a FROM a JOIN b ON a.id = b.id",
                "DELETE FROM a USING a, b WHERE a.id = b.id",
                "DELETE FROM a, b USING a, b",
                "CALL p()",
                "SELECT shop.f()",
                "DO shop.f()",
                "WITH x AS (SELECT 1) UPDATE item SET id = 1",
                "BEGIN NOT ATOMIC INSERT INTO item VALUES (1); END",
                "ANALYZE UPDATE item SET id = 1",
                "NEWVERB item"
            })
    void shouldBeInDoubtAboutAllOthers(String sql) {
        assertThat(LoggedStatement.of(sql, "shop")).satisfies(statement -> {
            assertThat(statement.changesRows()).isTrue();
            assertThat(statement.table()).isNull();
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "'", "`", "/*", "/*!", "INSERT", "INSERT INTO `a", "UPDATE", "SET STATEMENT", "LOAD", "\\"})
    void shouldTakeAnyText(String sql) {
        TableStatement.Name table = LoggedStatement.of(sql, "shop").table();

        assertThat(table == null || table.database().equals("shop")).isTrue();
    }
}

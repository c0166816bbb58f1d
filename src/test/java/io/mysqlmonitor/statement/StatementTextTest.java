package io.mysqlmonitor.statement;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.statement.StatementText.Context;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatementTextTest {

    private static final int MYSQL = StatementText.version("9.7.4");
    private static final int MARIADB = StatementText.version("10.11.18-MariaDB-log");

    private static String mysql(String sql, long mode) {
        return StatementText.of(sql, new Context(MYSQL, false, mode)).replaceAll("\\s+", " ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '^',
            value = {
                "ALTER TABLE t ADD b INT /*!50100 AFTER id */; ALTER TABLE t ADD b INT AFTER id",
                "/*!80000 ALTER TABLE t RENAME COLUMN a TO bb */; ALTER TABLE t RENAME COLUMN a TO bb",
                "/*! ALTER */ TABLE/*x*/t ADD a INT; ALTER TABLE t ADD a INT",
                "CREATE DATABASE s /*!40100 DEFAULT CHARACTER SET latin1 */; CREATE DATABASE s DEFAULT CHARACTER SET latin1",
                "CREATE TABLE t (a INT /*!999999 , b INT /* in it */ , c INT */); CREATE TABLE t (a INT )",
                "CREATE TABLE t (a INT /*!080013 INVISIBLE */); CREATE TABLE t (a INT INVISIBLE )",
                "CREATE TABLE t (a INT /*!123 */); CREATE TABLE t (a INT 123 )",
                "CREATE TABLE t (a INT /*!50100 NOT /* in it */ NULL */); CREATE TABLE t (a INT NOT NULL )",
                "CREATE TABLE t (a INT /*M!100100 NOT NULL */); CREATE TABLE t (a INT )",
                "ALTER TABLE /* x */ t DROP COLUMN a; ALTER TABLE t DROP COLUMN a",
                "/* by */ -- app\\n#x\\nDROP TABLE t-- end; DROP TABLE t",
                "DROP TABLE t /* not closed; DROP TABLE t",
                "SELECT 1--1; SELECT 1--1",
                "ALTER TABLE `/*a*/ #` COMMENT '/*! b */ -- ''\\' # ' ; ALTER TABLE `/*a*/ #` COMMENT '/*! b */ -- ''\\' # ' ",
                "ALTER TABLE t COMMENT \"/* a */\"; ALTER TABLE t COMMENT \"/* a */\"",
                "CREATE TABLE t (`real` INT, r REAL); CREATE TABLE t (`real` INT, r REAL)",
                "ALTER TABLE t DROP `a``b`, DROP `a``\"`; ALTER TABLE t DROP \"a`b\", DROP `a``\"`",
                "CREATE TABLE t (`a``b` INT); CREATE TABLE t (`a``b` INT)",
                "# Dum; # Dum",
                "CREATE TABLE t (a CHAR(6) BYTE, b TEXT ascii, c ENUM('a') BINARY UNICODE, ascii INT, d CHAR ASCII); "
                        + "CREATE TABLE t (a CHAR(6) CHARACTER SET binary, b TEXT CHARACTER SET latin1, "
                        + "c ENUM('a') BINARY CHARACTER SET ucs2, ascii INT, d CHAR CHARACTER SET latin1)",
                "ALTER TABLE t CHANGE text ascii INT, CHARSET ascii, ADD `a)` INT DEFAULT (ASCII('a')) AFTER unicode; "
                        + "ALTER TABLE t CHANGE text ascii INT, CHARSET ascii, ADD `a)` INT DEFAULT (ASCII('a')) AFTER unicode",
            })
    void shouldHaveWhatMysqlExecutes(String sql, String text) {
        assertThat(mysql(sql.replace("\\n", "\n"), 0)).isEqualTo(text.strip());
    }

    @Test
    void shouldHaveWhatMariadbExecutes() {
        Context mariadb = new Context(MARIADB, true, 0);

        assertThat(StatementText.of(
                                "ALTER TABLE t /*M!100100 ADD */ /*!80000 x */ a /*!50100 INT */ /*!100200 NULL*/",
                                mariadb)
                        .replaceAll("\\s+", " "))
                .isEqualTo("ALTER TABLE t ADD a INT NULL");
        assertThat(StatementText.of("SET STATEMENT max_statement_time = 1 FOR ALTER TABLE t ADD a INT", mariadb))
                .isEqualTo("ALTER TABLE t ADD a INT");
    }

    @Test
    void shouldBeByTheDefaultSqlMode() {
        assertThat(mysql("ALTER TABLE \"a\"\"`b\" COMMENT 'it\"s'", Context.ANSI_QUOTES))
                .isEqualTo("ALTER TABLE `a\"``b` COMMENT 'it\"s'");
        assertThat(mysql("ALTER TABLE t COMMENT 'a\\', RENAME TO \"u\"", Context.NO_BACKSLASH_ESCAPES))
                .isEqualTo("ALTER TABLE t COMMENT 'a\\\\', RENAME TO \"u\"");
        assertThat(mysql("CREATE TABLE t (a real, `real` REAL(7,3), b INT AS (t. real))", Context.REAL_AS_FLOAT))
                .isEqualTo("CREATE TABLE t (a FLOAT, `real` FLOAT(7,3), b INT AS (t. real))");
    }

    @Test
    void shouldKeepTheWhiteSpaceOfAStatementThatNeedsNoChange() {
        String sql = "\n CREATE  TABLE t (\n  a INT\n) ";

        assertThat(StatementText.of(sql, new Context(MYSQL, false, 0))).isSameAs(sql);
    }

    @Test
    void shouldNotHideATableFromTheCheckForUnreadableStatements() {
        String sql = mysql("ALTER /* ! */ TABLE -- x\n hr . t /*!50100 ADD x INT */", 0);

        assertThat(TableStatement.of(sql, "crm").orElseThrow().tables()).hasToString("[hr.t]");
    }

    @ParameterizedTest
    @CsvSource({
        "9.7.4, 90704",
        "8.0.36-28, 80036",
        "5.6.24-log, 50624",
        "10.11.18-MariaDB-log, 101118",
        "5.5.5-10.4.1-MariaDB, 100401",
        "12.0-x, 120000"
    })
    void shouldReadVersions(String name, int version) {
        assertThat(StatementText.version(name)).isEqualTo(version);
    }
}

package io.mysqlmonitor.statement;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QualifiedNamesTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "RENAME TABLE t TO b.t|RENAME TABLE `hr`.t TO b.t",
                "RENAME TABLE IF EXISTS `t` WAIT 5 TO b.`t`, b.u TO v|RENAME TABLE IF EXISTS `hr`.`t` WAIT 5 TO b.`t`, b.u TO `hr`.v",
                "RENAME TABLE t TO u, u TO t|RENAME TABLE t TO u, u TO t",
                "rename tables b.t to b.u|rename tables b.t to b.u",
                "ALTER TABLE t ADD x INT, RENAME TO b.u|ALTER TABLE `hr`.t ADD x INT, RENAME TO b.u",
                "ALTER TABLE t RENAME COLUMN a TO b, RENAME AS b . `u`|ALTER TABLE `hr`.t RENAME COLUMN a TO b, RENAME AS b . `u`",
                "ALTER TABLE b.t RENAME u|ALTER TABLE b.t RENAME `hr`.u",
                "ALTER TABLE b.t EXCHANGE PARTITION p WITH TABLE u|ALTER TABLE b.t EXCHANGE PARTITION p WITH TABLE `hr`.u",
                "ALTER TABLE b.t ADD x DECIMAL(5.2)|ALTER TABLE b.t ADD x DECIMAL(5.2)",
                "DROP TABLE t, b.t|DROP TABLE t, b.t",
                "RENAME USER a TO b.c|RENAME USER a TO b.c",
            })
    void shouldHaveTheDatabaseOfEachTable(String sql, String text) {
        assertThat(QualifiedNames.in(sql, "hr")).isEqualTo(text);
    }
}

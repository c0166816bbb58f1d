package io.mysqlmonitor.statement;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CharsetClausesTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '^',
            value = {
                "CREATE TABLE t (a VARCHAR(9), b TEXT NOT NULL COLLATE latin1_bin, KEY (a)) COLLATE = 'gbk_bin'; gbk {b=latin1}",
                "CREATE TABLE t (a INT) DEFAULT CHARSET utf8 COLLATE utf8_bin; null {}",
                "CREATE TABLE t (a INT) COMMENT 'COLLATE x' PARTITION BY HASH (a); null {}",
                "CREATE TABLE t (a VARCHAR(9) CHARACTER SET gbk COLLATE gbk_bin, b TEXT DEFAULT ('a' COLLATE x)); null {}",
                "CREATE TABLE t LIKE u; null {}",
                "CREATE TABLE t (a VARCHAR(9) COLLATE uca1400_ai_ci) COLLATE uca1400_as_ci; null {}",
                "ALTER TABLE t DEFAULT CHARACTER SET = latin1, ADD a TEXT; latin1 {}",
                "ALTER TABLE t ENGINE = InnoDB charset 'gbk' collate gbk_bin, DROP b; gbk {}",
                "ALTER TABLE t COLLATE UTF8_bin; utf8 {}",
                "ALTER TABLE t ADD COLUMN IF NOT EXISTS a TEXT NULL COLLATE gbk_bin AFTER b; null {a=gbk}",
                "ALTER TABLE t ADD (a TEXT COLLATE gbk_bin, b TEXT CHARSET latin1), MODIFY c TEXT COLLATE ascii_bin; null {a=gbk, c=ascii}",
                "ALTER TABLE t CHANGE COLUMN a b TEXT COLLATE gbk_bin; null {b=gbk}",
                "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin; null {}",
                "ALTER TABLE t CONVERT TO CHARSET DEFAULT;  {}",
                "ALTER TABLE t RENAME COLUMN charset TO b, ALTER a SET DEFAULT 'x', ORDER BY charset; null {}",
                "DROP TABLE t; null {}",
            })
    void shouldBeThoseThatTheParserDoesNotSee(String sql, String clauses) {
        CharsetClauses found = CharsetClauses.of(TableStatement.of(sql, "hr").orElseThrow());

        assertThat(found.table() + " " + new java.util.TreeMap<>(found.columns()))
                .isEqualTo(clauses.startsWith("{") ? " " + clauses : clauses);
    }
}

package io.mysqlmonitor.statement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AlteredColumnsTest {

    private static final List<String> BEFORE = List.of("id", "a`b", "größe", "order");

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '^',
            value = {
                "ENGINE = InnoDB, AUTO_INCREMENT 5, ADD INDEX (id), ALTER a SET DEFAULT 'x, DROP id'; id a`b größe order",
                "ADD x DECIMAL(5, 2) NOT NULL COMMENT 'AFTER id', ADD COLUMN y INT; id a`b größe order x y",
                "ADD x ENUM('FIRST', 'b') FIRST, ADD y INT AFTER x; x y id a`b größe order",
                "ADD (x INT, y INT, PRIMARY KEY (id)); id a`b größe order x y",
                "ADD COLUMN (`x,` INT DEFAULT (1 + (2))) ; id a`b größe order x,",
                "DROP ID, DROP COLUMN \"a`b\" RESTRICT, DROP PRIMARY KEY, DROP FOREIGN KEY f; größe order",
                "MODIFY \"a`b\" INT FIRST; a`b id größe order",
                "modify `order` int /* x */ after ID, rename index i to k; id order a`b größe",
                "CHANGE id key_id BIGINT, CHANGE COLUMN `order` id INT; key_id a`b größe id",
                "CHANGE id n BIGINT AFTER größe; a`b größe n order",
                "RENAME COLUMN id TO `order`, RENAME COLUMN `order` TO id; order a`b größe id",
                "DROP id, ADD id BIGINT; a`b größe order id",
                "RENAME TO id, RENAME id, RENAME AS id; id a`b größe order",
                "ADD PARTITION (PARTITION p VALUES IN (1)), DROP PARTITION p0, p1; id a`b größe order",
                "ADD x INT FIRST PARTITION BY HASH (id) PARTITIONS 3; x id a`b größe order",
                "ADD SYSTEM VERSIONING, ADD PERIOD FOR p (id, x), ADD system INT; id a`b größe order system",
                "ADD IF NOT EXISTS id INT FIRST, ADD COLUMN IF NOT EXISTS x INT FIRST; x id a`b größe order",
                "DROP IF EXISTS x, MODIFY COLUMN IF EXISTS x INT, CHANGE IF EXISTS x y INT, DROP IF EXISTS id; a`b größe order",
                "; id a`b größe order",
            })
    void shouldBeThoseOfTheServer(String alter, String after) {
        assertThat(AlteredColumns.of(BEFORE, alter == null ? "" : alter)
                        .orElseThrow()
                        .names())
                .containsExactly(after.split(" "));
    }

    @Test
    void shouldFindNamesInAnyCase() {
        assertThat(AlteredColumns.of(BEFORE, "CHANGE ID Größe2 INT, DROP GRÖßE, DROP Order")
                        .orElseThrow()
                        .names())
                .containsExactly("Größe2", "a`b");
    }

    @Test
    void shouldSayWhichAreThereAlready() {
        assertThat(AlteredColumns.of(BEFORE, "ADD COLUMN IF NOT EXISTS ID BIGINT, ADD x INT")
                        .orElseThrow()
                        .kept())
                .containsExactly("ID");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP x",
                "MODIFY x INT",
                "CHANGE x y INT",
                "RENAME COLUMN x TO y",
                "ADD x INT AFTER y",
                "DROP grosse",
                "MODIFY `a``b` INT",
            })
    void shouldNotFitATextAboutOtherColumns(String alter) {
        assertThat(AlteredColumns.of(BEFORE, alter)).isEmpty();
    }
}

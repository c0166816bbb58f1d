package io.mysqlmonitor.statement;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrimaryKeyOrderTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '^',
            value = {
                "ALTER TABLE t ADD PRIMARY KEY (id, a), DROP PRIMARY KEY; ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, a)",
                "ALTER TABLE t ADD b INT PRIMARY KEY, ADD c INT, drop primary  key, FORCE; "
                        + "ALTER TABLE t DROP PRIMARY KEY, ADD b INT PRIMARY KEY, ADD c INT, FORCE",
                "ALTER TABLE t ADD PRIMARY KEY (id), DROP PRIMARY KEY PARTITION BY HASH (id); "
                        + "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id) PARTITION BY HASH (id)",
            })
    void shouldDropTheKeyBeforeAnotherIsAdded(String sql, String ordered) {
        assertThat(PrimaryKeyOrder.of(sql)).isEqualTo(ordered);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE t DROP PRIMARY KEY,  ADD PRIMARY KEY (id)",
                "ALTER TABLE t ADD b INT COMMENT 'x, PRIMARY KEY', DROP PRIMARY KEY",
                "ALTER TABLE t ADD PRIMARY KEY (id), DROP KEY a",
                "ALTER TABLE t ADD PRIMARY KEY (id), DROP COLUMN `primary`",
                "CREATE TABLE t (a INT, PRIMARY KEY (a))",
                "DROP TABLE t",
            })
    void shouldLeaveOthersAsTheyAre(String sql) {
        assertThat(PrimaryKeyOrder.of(sql)).isEqualTo(sql);
    }
}

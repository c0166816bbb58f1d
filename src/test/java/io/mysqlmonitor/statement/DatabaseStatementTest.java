package io.mysqlmonitor.statement;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseStatementTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE DATABASE s|CREATE DATABASE s CHARACTER SET gbk",
                "create schema `s` ;|create schema `s` CHARACTER SET gbk",
                "CREATE DATABASE s COLLATE = utf8mb4_bin|CREATE DATABASE s COLLATE = utf8mb4_bin CHARACTER SET utf8mb4",
                "ALTER DATABASE s COLLATE latin1_bin|ALTER DATABASE s COLLATE latin1_bin CHARACTER SET latin1",
                "ALTER DATABASE s READ ONLY = 1|ALTER DATABASE s READ ONLY = 1",
                "CREATE DATABASE IF NOT EXISTS s|CREATE DATABASE IF NOT EXISTS s",
                "CREATE DATABASE s DEFAULT CHARSET utf8 COLLATE utf8_bin|CREATE DATABASE s DEFAULT CHARSET utf8 COLLATE utf8_bin",
                "ALTER TABLE t COLLATE latin1_bin|ALTER TABLE t COLLATE latin1_bin",
                "DROP DATABASE s|DROP DATABASE s",
            })
    void shouldNameTheCharacterSet(String sql, String text) {
        assertThat(DatabaseStatement.withCharset(sql, "gbk")).isEqualTo(text);
        assertThat(DatabaseStatement.withCharset("CREATE DATABASE s", null)).isEqualTo("CREATE DATABASE s");
    }
}

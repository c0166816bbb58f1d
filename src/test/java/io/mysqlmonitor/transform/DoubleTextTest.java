package io.mysqlmonitor.transform;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The texts are those of a SELECT of a JSON column of MySQL 9.7. */
class DoubleTextTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0",
                "-0.0",
                "1.0",
                "-1.5",
                "0.1",
                "100.0",
                "123456789012345.0",
                "999999999999999.0",
                "1e15",
                "1.234567890123456e15",
                "1e20",
                "1.2345678901234568e20",
                "-0.00000025",
                "0.000000000000001",
                "1e-16",
                "-1920395728501251.8",
                "1569660998813362.2",
                "0.000000029802322387695312",
                "5e-324",
                "2.2250738585072014e-308",
                "1.7976931348623157e308",
                "2e23",
                "0.002",
            })
    void shouldWriteWhatMysqlWrites(String text) {
        assertThat(DoubleText.of(Double.parseDouble(text))).isEqualTo(text);
    }
}

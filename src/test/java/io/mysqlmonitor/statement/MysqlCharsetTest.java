package io.mysqlmonitor.statement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MysqlCharsetTest {

    @ParameterizedTest
    @CsvSource({
        "latin1, 6180818D8F909D, a€\u0081\u008d\u008f\u0090\u009d",
        "euckr, 8141B0A1C8FE, 갂가힝",
        "sjis, 835C815C815F5C, ソ―\\\\",
        "ujis, 8FA2B7A1BDA1C0, ~―\\",
        "eucjpms, A1C1A1C2A1DDA1F1A1F2A2CC8FA2C3A1BD, ～∥－￠￡￢￤―",
        "gbk, A892BABA, ⊕汉",
        "big5, F9D6F9DCA440, 碁嫺一",
        "cp932, 8160ED40, ～纊",
    })
    void shouldDecodeAsMysqlDoes(String charset, String bytes, String text) {
        assertThat(MysqlCharset.of(charset).orElseThrow().decode(HexFormat.of().parseHex(bytes)))
                .isEqualTo(text);
    }

    @Test
    void shouldLeaveToDebeziumWhatJavaHas() {
        assertThat(MysqlCharset.of("utf8mb4")).isEmpty();
        assertThat(MysqlCharset.of(null)).isEmpty();
    }
}

package io.mysqlmonitor.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinlogSearchTest {

    /** Four files, which begin at 10, 20, 20 and 30 s. */
    @ParameterizedTest
    @CsvSource({"5, a", "10, a", "11, a", "20, a", "21, c", "30, c", "31, d", "99, d"})
    void shouldLookInTheLastFileThatBeginsBeforeASecond(long second, String file) throws IOException {
        List<String> files = List.of("a", "b", "c", "d");
        List<Long> begins = List.of(10L, 20L, 20L, 30L);

        assertThat(BinlogSearch.fileOf(
                        Instant.ofEpochSecond(second),
                        files,
                        name -> Instant.ofEpochSecond(begins.get(files.indexOf(name)))))
                .isEqualTo(file);
    }
}

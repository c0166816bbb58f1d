package io.mysqlmonitor.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.change.BinlogPosition;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusQueryTest {

    private final BinlogFiles files = new BinlogFiles(Map.of("log.1", 500L));

    @ParameterizedTest
    @CsvSource({
        "log.1, 4, true",
        "log.1, 500, true", // its end
        "log.1, 501, false",
        "log.2, 4, false",
    })
    void shouldFindAPlaceWithoutGtidsByItsFile(String file, long position, boolean available) {
        BinlogPosition place = new BinlogPosition(file, position, "");

        assertThat(files.contain(place)).isEqualTo(available);
        assertThat(StatusQuery.isInMariadb(place, files, "0-1-5", "0-1-9")).isEqualTo(available);
    }

    @ParameterizedTest
    @CsvSource({"log.2, 0-1-5, true", "log.1, 0-1-4, false"})
    void shouldFindAPlaceOfMariadbByItsGtids(String file, String gtids, boolean available) {
        BinlogPosition place = new BinlogPosition(file, 4, gtids);

        assertThat(StatusQuery.isInMariadb(place, files, "0-1-5", "0-1-9")).isEqualTo(available);
    }

    @ParameterizedTest
    @CsvSource({"'', true", "0-1-5, false"})
    void shouldHaveAllFromTheVeryBeginIfNothingWasPurged(String purged, boolean available) {
        assertThat(StatusQuery.isInMariadb(BinlogPosition.BEGIN, files, purged, "0-1-9"))
                .isEqualTo(available);
    }

    @ParameterizedTest
    @CsvSource({
        "11111111-2222-3333-4444-555555555555:1-5, false",
        "11111111-2222-3333-4444-555555555555:1-5:tag:1, true",
        "'11111111-2222-3333-4444-555555555555: _t:1-5', true",
        "'', false",
    })
    void shouldKnowGtidsWithTags(String gtids, boolean tagged) {
        assertThat(MysqlGtids.isTagged(gtids)).isEqualTo(tagged);
    }
}

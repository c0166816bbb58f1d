package io.mysqlmonitor.change;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class BinlogOriginTest {

    private static final Instant BEGUN = Instant.parse("2026-01-31T12:00:00Z");
    private static final Instant LATER = BEGUN.plusSeconds(1);
    private static final BinlogOrigin ORIGIN = new BinlogOrigin("uuid-1", "binlog.000003", BEGUN);

    @Test
    void shouldHoldForTheSameBinaryLog() {
        assertThat(ORIGIN.contradiction("uuid-1", false, List.of("binlog.000003", "binlog.000004"), BEGUN))
                .isEmpty();
        assertThat(ORIGIN.contradiction("uuid-1", false, List.of("binlog.000004"), null))
                .as("purged")
                .isEmpty();
        assertThat(ORIGIN.contradiction("uuid-1", true, List.of("other.000001"), null))
                .as("renamed")
                .isEmpty();
        assertThat(new BinlogOrigin("uuid-1", "binlog.000003", null)
                        .contradiction("uuid-1", false, List.of("binlog.000003"), LATER))
                .isEmpty();
    }

    @Test
    void shouldNoticeAnotherServer() {
        assertThat(ORIGIN.contradiction("uuid-2", false, List.of("binlog.000003"), BEGUN))
                .hasValueSatisfying(why -> assertThat(why).contains("uuid-1", "uuid-2"));
        assertThat(ORIGIN.contradiction("uuid-2", true, List.of("binlog.000001"), null))
                .as("GTIDs decide")
                .isEmpty();
    }

    @Test
    void shouldNoticeAResetOfTheSameServer() {
        for (boolean byGtids : new boolean[] {true, false}) {
            assertThat(ORIGIN.contradiction("uuid-1", byGtids, List.of("binlog.000003"), LATER))
                    .hasValueSatisfying(why -> assertThat(why).contains("binlog.000003", "was reset"));
            assertThat(ORIGIN.contradiction("uuid-1", byGtids, List.of("binlog.000001", "binlog.000002"), null))
                    .hasValueSatisfying(why -> assertThat(why).contains("binlog.000003", "was reset"));
        }
    }
}

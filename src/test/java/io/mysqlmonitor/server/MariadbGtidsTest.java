package io.mysqlmonitor.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MariadbGtidsTest {

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
            # position       | purged   | written                | available
            '',                '',        '',                       true
            '',                '',        '0-1-9',                  true
            '',                '0-1-5',   '0-1-9',                  false
            '0-1-5',           '0-1-5',   '0-1-9',                  true
            '0-1-4',           '0-1-5',   '0-1-9',                  false
            '0-1-9',           '0-1-5',   '0-1-9',                  true
            '0-1-10',          '0-1-5',   '0-1-9',                  false
            '0-3-7',           '0-1-5',   '0-1-9,0-2-12',           false
            '0-1-5',           '',        '0-1-9,0-2-12',           true
            '0-2-11',          '0-1-5',   '0-1-9,0-2-12',           true
            '0-1-5',           '0-1-5',   '0-1-9,7-1-3',            true
            '0-1-5',           '0-1-5,7-1-1', '0-1-9,7-1-3',        false
            '0-1-5,7-1-2',     '0-1-5,7-1-1', '0-1-9,7-1-3',        true
            """)
    void shouldTellWhetherTheServerHasWhatFollows(String position, String purged, String written, boolean available) {
        assertThat(MariadbGtids.isAvailable(position, purged, written)).isEqualTo(available);
    }
}

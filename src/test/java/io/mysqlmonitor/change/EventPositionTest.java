package io.mysqlmonitor.change;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EventPositionTest {

    @Test
    void shouldStandInTheOrderOfTheBinaryLog() {
        assertBefore(new EventPosition("binlog.000001", 900), new EventPosition("binlog.000002", 4));
        assertBefore(new EventPosition("binlog.999999", 900), new EventPosition("binlog.1000000", 4));
        assertBefore(new EventPosition("binlog.000001", 99), new EventPosition("binlog.000001", 100));
        assertBefore(new EventPosition("binlog.000001", 99, 0, null), new EventPosition("binlog.000001", 99, 1, null));
        assertBefore(
                new EventPosition("binlog.000001", 99, 9, 5, null),
                new EventPosition("binlog.000001", 99, 10, 0, null));
    }

    @Test
    void shouldTellEventsOfATransactionApart() {
        assertThat(new EventPosition("binlog.000001", 99, 1, null).id()).isEqualTo("binlog.000001:99:1");
        assertThat(new EventPosition("binlog.000001", 99, 3, 1, null).id()).isEqualTo("binlog.000001:99.3:1");
    }

    private static void assertBefore(EventPosition one, EventPosition other) {
        assertThat(one.isBefore(other)).isTrue();
        assertThat(other.isBefore(one)).isFalse();
        assertThat(one.isBefore(one)).isFalse();
    }
}

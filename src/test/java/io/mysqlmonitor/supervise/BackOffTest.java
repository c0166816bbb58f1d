package io.mysqlmonitor.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BackOffTest {

    private static final Duration LONGEST = Duration.ofSeconds(30);

    private long nanos;
    private final BackOff backOff = new BackOff(new MonotonicClock(() -> nanos, Instant.EPOCH));

    @Test
    void shouldWaitTwiceAsLongAfterEachFailureUpToALimit() {
        assertThat(backOff.isWaiting()).isFalse();

        for (long seconds : new long[] {1, 2, 4, 8, 16, 30, 30}) {
            assertThat(backOff.failed(LONGEST)).isEqualTo(Duration.ofSeconds(seconds));
            assertThat(backOff.isWaiting()).isTrue();
            pass(seconds);
            assertThat(backOff.isWaiting()).isFalse();
        }
    }

    @Test
    void shouldComeDownToALowerLimit() {
        for (int i = 0; i < 6; i++) {
            backOff.failed(LONGEST);
        }

        assertThat(backOff.failed(Duration.ofSeconds(4))).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void shouldStartAgainAfterAReset() {
        backOff.failed(LONGEST);
        backOff.failed(LONGEST);

        backOff.reset();

        assertThat(backOff.isWaiting()).isFalse();
        assertThat(backOff.failed(LONGEST)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void shouldNotWaitWhenTold() {
        backOff.failed(LONGEST);

        backOff.tryAtOnce();

        assertThat(backOff.isWaiting()).isFalse();
        assertThat(backOff.failed(LONGEST)).isEqualTo(Duration.ofSeconds(2));
    }

    private void pass(long seconds) {
        nanos += TimeUnit.SECONDS.toNanos(seconds);
    }
}

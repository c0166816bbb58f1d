package io.mysqlmonitor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class SignsOfLifeTest {

    private Instant now = Instant.EPOCH;
    private final Clock clock = ((InstantSource) () -> now).withZone(ZoneOffset.UTC);
    private final SignsOfLife signs = new SignsOfLife(Duration.ofSeconds(20), clock);

    @Test
    void shouldNotBeRecentBeforeAStartAndAfterAStop() {
        assertThat(signs.areRecent()).isFalse();
        assertThat(signs.silence()).isEmpty();

        signs.started();
        assertThat(signs.areRecent()).isTrue();

        signs.stopped();
        assertThat(signs.areRecent()).isFalse();
    }

    @Test
    void shouldBeRecentForTheStallTimeout() {
        signs.started();

        pass(20);
        assertThat(signs.areRecent()).isTrue();
        pass(1);
        assertThat(signs.areRecent()).isFalse();
        assertThat(signs.silence()).contains(Duration.ofSeconds(21));

        signs.given();
        assertThat(signs.areRecent()).isTrue();
    }

    @Test
    void shouldNotCountTheTimeInWhichTheEngineIsMadeToWait() {
        signs.started();
        signs.throttled();

        pass(3_600);
        assertThat(signs.areRecent()).isTrue();
        assertThat(signs.silence()).contains(Duration.ZERO);

        signs.given();
        pass(21);
        assertThat(signs.areRecent()).isFalse();
    }

    @Test
    void shouldWaitLongerForTheFirstDefinition() {
        signs.expectDefinitions(true);
        signs.started();

        pass(200);
        assertThat(signs.areRecent()).isTrue();
        pass(1);
        assertThat(signs.areRecent()).isFalse();

        signs.given();
        pass(21);
        assertThat(signs.areRecent()).isFalse();
    }

    private void pass(long seconds) {
        now = now.plusSeconds(seconds);
    }
}

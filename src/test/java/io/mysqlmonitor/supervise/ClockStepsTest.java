package io.mysqlmonitor.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ClockStepsTest {

    private Instant system = Instant.parse("2026-11-28T10:00:00Z");
    private long nanos = Long.MAX_VALUE - 1; // the system's counter may overflow
    private final MonotonicClock monotonic = new MonotonicClock(() -> nanos, system);
    private final ClockSteps steps = new ClockSteps(((InstantSource) () -> system).withZone(ZoneOffset.UTC), monotonic);

    @Test
    void shouldNoticeThatTheSystemsClockWasSetBack() {
        pass(Duration.ofSeconds(30));
        assertThat(steps.setBack()).isEmpty();

        system = system.minus(Duration.ofMinutes(10));
        pass(Duration.ofSeconds(1));

        assertThat(steps.setBack()).contains(Duration.ofMinutes(10));
        pass(Duration.ofSeconds(1));
        assertThat(steps.setBack()).as("once").isEmpty();
    }

    @Test
    void shouldTakeNoNoticeOfAClockThatIsSetForwardOrBackByLittle() {
        system = system.plus(Duration.ofDays(1));
        assertThat(steps.setBack()).isEmpty();

        system = system.minus(Duration.ofSeconds(4));
        assertThat(steps.setBack()).isEmpty();
    }

    @Test
    void shouldMeasureDurationsByTheTimeThatPasses() {
        Instant before = monotonic.instant();
        system = system.minus(Duration.ofMinutes(10));
        pass(Duration.ofSeconds(3));

        assertThat(Duration.between(before, monotonic.instant())).isEqualTo(Duration.ofSeconds(3));
        assertThat(monotonic.withZone(ZoneOffset.MAX).instant()).isEqualTo(monotonic.instant());
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
        system = system.plus(time);
    }
}

package io.mysqlmonitor.checkpoint;

import static io.mysqlmonitor.change.Changes.WITHOUT_KEY;
import static io.mysqlmonitor.change.Changes.insert;
import static io.mysqlmonitor.change.Changes.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.dedupe.Window;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class InFlightTest {

    private final InFlight<String> inFlight = new InFlight<>(2, 1_000_000);

    @Test
    void shouldReleaseAtOnceWhenNothingIsInFlight() {
        inFlight.reported(inFlight.run(), "idle");

        assertThat(inFlight.takeReleased()).contains("idle");
    }

    @Test
    void shouldHoldOffsetUntilWindowIsConfirmed() {
        Window window = open();
        inFlight.reported(inFlight.run(), "a");
        inFlight.reported(inFlight.run(), "b");
        assertThat(inFlight.takeReleased()).isEmpty();

        inFlight.confirmed(window);

        assertThat(inFlight.takeReleased()).contains("b");
    }

    @Test
    void shouldHoldOffsetUntilOldestWindowIsConfirmed() {
        Window first = open();
        inFlight.reported(inFlight.run(), "a");
        Window second = open();
        inFlight.reported(inFlight.run(), "b");

        inFlight.confirmed(second);
        assertThat(inFlight.takeReleased()).isEmpty();
        inFlight.reported(inFlight.run(), "c");
        assertThat(inFlight.takeReleased()).isEmpty();

        inFlight.confirmed(first);
        assertThat(inFlight.takeReleased()).contains("c");
    }

    @Test
    void shouldReleaseEachWindowsOffsetInOrder() {
        Window first = open();
        inFlight.reported(inFlight.run(), "a");
        Window second = open();
        inFlight.reported(inFlight.run(), "b");

        inFlight.confirmed(first);
        assertThat(inFlight.takeReleased()).contains("a");
        inFlight.confirmed(second);
        assertThat(inFlight.takeReleased()).contains("b");
        assertThat(inFlight.takeReleased()).isEmpty();
    }

    @Test
    void shouldReleaseNothingOfWindowsForgotten() {
        Window window = open();
        inFlight.reported(inFlight.run(), "a");

        inFlight.clear();
        inFlight.confirmed(window);

        assertThat(inFlight.takeReleased()).isEmpty();
    }

    @Test
    void shouldHaveNoRoomWhileLimitIsReached() throws InterruptedException {
        Window window = open();
        window.add(insert(WITHOUT_KEY, 1, row("a")));
        assertThat(inFlight.awaitRoom(Duration.ZERO)).isTrue();

        window.add(insert(WITHOUT_KEY, 2, row("b")));
        assertThat(inFlight.awaitRoom(Duration.ZERO)).isFalse();

        inFlight.confirmed(window);
        assertThat(inFlight.awaitRoom(Duration.ZERO)).isTrue();
    }

    @Test
    void shouldCountBytesToo() throws InterruptedException {
        InFlight<String> small = new InFlight<>(1_000, 3_000);
        Window window = new Window(false);
        small.opened(window);

        window.add(insert(WITHOUT_KEY, 1, row("x".repeat(1_000))));

        assertThat(small.awaitRoom(Duration.ZERO)).isFalse();
    }

    @Test
    void shouldCountTheHeapOfTinyWindows() throws InterruptedException {
        InFlight<String> small = new InFlight<>(1_000, 100_000);

        for (int i = 0; i < 100; i++) { // of one row of 200 bytes
            Window window = new Window(false);
            small.opened(window);
            window.add(insert(WITHOUT_KEY, i, row("x")));
        }

        assertThat(small.awaitRoom(Duration.ZERO)).isFalse();
    }

    private Window open() {
        Window window = new Window(false);
        inFlight.opened(window);
        return window;
    }
}

package io.mysqlmonitor.checkpoint;

import static io.mysqlmonitor.change.Changes.WITHOUT_KEY;
import static io.mysqlmonitor.change.Changes.insert;
import static io.mysqlmonitor.change.Changes.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.dedupe.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InFlightTest {

    private final List<String> released = new ArrayList<>();
    private final InFlight<String> inFlight = new InFlight<>(2, 1_000_000, released::add);

    @Test
    void shouldReleaseAtOnceWhenNothingIsInFlight() {
        inFlight.captured("idle");

        assertThat(released).containsExactly("idle");
    }

    @Test
    void shouldHoldOffsetUntilWindowIsConfirmed() {
        Window window = open();
        inFlight.captured("a");
        inFlight.captured("b");
        assertThat(released).isEmpty();

        inFlight.confirmed(window);

        assertThat(released).containsExactly("b");
    }

    @Test
    void shouldHoldOffsetUntilOldestWindowIsConfirmed() {
        Window first = open();
        inFlight.captured("a");
        Window second = open();
        inFlight.captured("b");

        inFlight.confirmed(second);
        assertThat(released).isEmpty();
        inFlight.captured("c");
        assertThat(released).isEmpty();

        inFlight.confirmed(first);
        assertThat(released).containsExactly("c");
    }

    @Test
    void shouldReleaseEachWindowsOffsetInOrder() {
        Window first = open();
        inFlight.captured("a");
        Window second = open();
        inFlight.captured("b");

        inFlight.confirmed(first);
        inFlight.confirmed(second);

        assertThat(released).containsExactly("a", "b");
    }

    @Test
    void shouldReleaseNothingOfWindowsForgotten() {
        Window window = open();
        inFlight.captured("a");

        inFlight.clear();
        inFlight.confirmed(window);

        assertThat(released).isEmpty();
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
        InFlight<String> small = new InFlight<>(1_000, 1_000, released::add);
        Window window = new Window(false);
        small.opened(window);

        window.add(insert(WITHOUT_KEY, 1, row("x".repeat(1_000))));

        assertThat(small.awaitRoom(Duration.ZERO)).isFalse();
    }

    private Window open() {
        Window window = new Window(false);
        inFlight.opened(window);
        return window;
    }
}

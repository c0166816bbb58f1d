package io.mysqlmonitor.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.dedupe.Window;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LostWindowTest {

    private Window oldest = new Window(false);
    private boolean idle = true;
    private final LostWindow lost = new LostWindow(() -> Optional.ofNullable(oldest), () -> idle);

    @Test
    void shouldFindAWindowThatNobodyPublishesForSomeLooks() {
        look(4);

        assertThat(lost.look()).contains(oldest);
        assertThat(lost.look()).contains(oldest);
    }

    @Test
    void shouldFindNoneWhileWindowsArePublished() {
        look(4);
        idle = false;
        assertThat(lost.look()).isEmpty();

        idle = true;
        look(4);
        assertThat(lost.look()).contains(oldest);
    }

    @Test
    void shouldBeginAgainWithTheNextWindow() {
        look(4);
        oldest = new Window(false);

        look(4);
        assertThat(lost.look()).contains(oldest);
    }

    @Test
    void shouldFindNoneWhereNothingWaits() {
        oldest = null;

        look(6);
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            assertThat(lost.look()).isEmpty();
        }
    }
}

package io.mysqlmonitor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.change.EventPosition;
import org.junit.jupiter.api.Test;

class ReplayTest {

    private static final EventPosition EARLY = new EventPosition("binlog.000003", 100);
    private static final EventPosition END = new EventPosition("binlog.000003", 200);
    private static final EventPosition LATE = new EventPosition("binlog.000004", 4);

    private final Replay replay = new Replay();

    @Test
    void shouldCoverNothingAtFirst() {
        assertThat(replay.covers(EARLY)).isFalse();
        assertThat(replay.goesBeyond(EARLY)).isFalse();
        assertThat(replay.awaitsEnd()).isFalse();
    }

    @Test
    void shouldBeOverWithTheFirstChangeAtItsEnd() {
        replay.endsAt(END);

        assertThat(replay.covers(EARLY)).isTrue();
        assertThat(replay.goesBeyond(EARLY)).isTrue();
        assertThat(replay.goesBeyond(END)).isFalse();
        assertThat(replay.covers(END)).isFalse();
        assertThat(replay.covers(EARLY)).as("it is over").isFalse();
    }

    @Test
    void shouldCoverAllUntilItsEndIsToldAfterASnapshot() {
        replay.beginsWithSnapshot();
        assertThat(replay.covers(LATE)).isTrue();
        assertThat(replay.goesBeyond(LATE)).isTrue();
        assertThat(replay.awaitsEnd()).isFalse();

        replay.snapshotRead();
        assertThat(replay.awaitsEnd()).isTrue();
        assertThat(replay.covers(LATE)).isTrue();

        replay.endsAt(END);
        assertThat(replay.awaitsEnd()).isFalse();
        assertThat(replay.covers(EARLY)).isTrue();
        assertThat(replay.covers(LATE)).isFalse();
    }

    @Test
    void shouldNotWaitForAnEndWithoutASnapshot() {
        replay.endsAt(END);

        replay.snapshotRead();

        assertThat(replay.awaitsEnd()).isFalse();
        replay.clear();
        assertThat(replay.covers(EARLY)).isFalse();
    }
}

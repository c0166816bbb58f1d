package io.mysqlmonitor.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.Pending;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineEndTest {

    private static final BinlogPosition PLACE = new BinlogPosition("binlog.000003", 4, "");
    private static final Throwable WRONG_DEFINITION = new IllegalStateException(
            "the engine ended",
            new IllegalStateException("Failed to properly convert data value for 'shop.t.e' of type DECIMAL"));

    @TempDir
    private Path data;

    private CheckpointKeeper keeper;
    private EngineEnd end;

    @BeforeEach
    void setUp() throws IOException {
        Clock clock = Clock.systemUTC();
        keeper = new CheckpointKeeper(
                "monitor", data.resolve("checkpoint.json"), data.resolve("history"), 10, 1_000, clock, clock);
        end = new EngineEnd(keeper, false, false);
        keeper.beginAt(PLACE, Pending.NOTHING);
    }

    @AfterEach
    void tearDown() {
        keeper.release();
    }

    @Test
    void shouldStopAtARowThatDoesNotFitIntoMemoryTwice() throws IOException {
        Throwable cause = new IllegalStateException("the engine ended", new OutOfMemoryError("Java heap space"));

        assertThat(end.refusal(cause)).isEmpty();

        assertThat(end.refusal(cause).orElseThrow())
                .contains("after binlog.000003:4", "-Xmx", "mysql.tables.exclude", "mysql.columns.exclude");
    }

    @Test
    void shouldGoOnAfterAFullHeapWhileItGetsFurther() throws IOException {
        Throwable cause = new OutOfMemoryError("Java heap space");

        assertThat(end.refusal(cause)).isEmpty();
        keeper.beginAt(new BinlogPosition("binlog.000003", 4_711, ""), Pending.NOTHING);

        assertThat(end.refusal(cause)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "data"})
    void shouldStopAtAValueThatTheConnectorCannotRead(String kind) throws IOException {
        Throwable cause = new IllegalStateException(
                "the engine ended",
                new IllegalStateException(
                        "Failed to properly convert " + kind + " value for 'shop.t.e' of type DECIMAL"));

        assertThat(end.refusal(cause).orElseThrow())
                .contains(kind + " value for 'shop.t.e'", "monitor.on-schema-loss=rebuild", "mysql.tables.exclude");
    }

    @Test
    void shouldReadTheDefinitionsAgainOnceWhenToldTo() throws IOException {
        end = new EngineEnd(keeper, true, false);

        assertThat(end.refusal(WRONG_DEFINITION)).isEmpty();
        assertThat(keeper.pending()).isEqualTo(Pending.SCHEMA);

        assertThat(end.refusal(WRONG_DEFINITION).orElseThrow()).contains("without success", "mysql.tables.exclude");
    }

    @Test
    void shouldTakeAPlaceForAGapWhenTheServerFoundNoEventThereTwice() throws IOException {
        Throwable refused = new IllegalStateException(
                "the engine ended", new IOException("bogus data in log event; the first event 'binlog.000003' at 5"));

        assertThat(end.refusal(refused)).isEmpty();
        assertThat(end.isWithoutEvent(PLACE)).isFalse();

        assertThat(end.refusal(refused)).isEmpty();
        assertThat(end.isWithoutEvent(PLACE)).isTrue();
        assertThat(end.isWithoutEvent(new BinlogPosition("binlog.000003", 5, "")))
                .isFalse();
    }

    @Test
    void shouldTryAgainWhateverElseEndedTheEngine() throws IOException {
        for (int i = 0; i < 3; i++) {
            assertThat(end.refusal(new IOException("Connection reset"))).isEmpty();
        }
        assertThat(keeper.pending()).isEqualTo(Pending.NOTHING);
    }
}

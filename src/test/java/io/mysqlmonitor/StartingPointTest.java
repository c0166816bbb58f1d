package io.mysqlmonitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.change.BinlogCoordinates;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.Pending;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartingPointTest {

    @TempDir
    private Path data;

    private CheckpointKeeper keeper;
    private StartingPoint start;

    @BeforeEach
    void setUp() throws IOException {
        Clock clock = Clock.systemUTC();
        keeper = new CheckpointKeeper(
                "monitor", data.resolve("checkpoint.json"), data.resolve("history"), 10, 1_000, clock, clock);
        start = new StartingPoint(keeper, null, "latest", "stop", false, false);
        keeper.beginAt(new BinlogCoordinates("binlog.000003", 4, ""), Pending.NOTHING);
    }

    @Test
    void shouldStopAtARowThatDoesNotFitIntoMemoryTwice() throws IOException {
        Throwable cause = new IllegalStateException("the engine ended", new OutOfMemoryError("Java heap space"));

        assertThat(start.afterEnd(cause)).isEmpty();

        assertThat(start.afterEnd(cause).orElseThrow())
                .contains("after binlog.000003:4", "-Xmx", "mysql.tables.exclude", "mysql.columns.exclude");
    }

    @Test
    void shouldGoOnAfterAFullHeapWhileItGetsFurther() throws IOException {
        Throwable cause = new OutOfMemoryError("Java heap space");

        assertThat(start.afterEnd(cause)).isEmpty();
        keeper.beginAt(new BinlogCoordinates("binlog.000003", 4_711, ""), Pending.NOTHING);

        assertThat(start.afterEnd(cause)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "data"})
    void shouldStopAtAValueThatTheConnectorCannotRead(String kind) throws IOException {
        Throwable cause = new IllegalStateException(
                "the engine ended",
                new IllegalStateException(
                        "Failed to properly convert " + kind + " value for 'shop.t.e' of type DECIMAL"));

        assertThat(start.afterEnd(cause).orElseThrow())
                .contains(kind + " value for 'shop.t.e'", "monitor.on-schema-loss=rebuild", "mysql.tables.exclude");
    }
}

package io.mysqlmonitor.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.checkpoint.CaptureProgress;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.Pending;
import io.mysqlmonitor.dedupe.Window;
import io.mysqlmonitor.dedupe.WindowAggregationStrategy;
import io.mysqlmonitor.publish.PublishingThread;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.processor.aggregate.DefaultAggregateController;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DrainTest {

    private static final Duration LONG = Duration.ofHours(1);

    @TempDir
    private Path data;

    private final Clock clock = Clock.systemUTC();
    private final PublishingThread publisher = new PublishingThread("publisher");
    private CheckpointKeeper keeper;
    private CaptureProgress progress;
    private Drain drain;

    @BeforeEach
    void setUp() throws IOException {
        keeper = new CheckpointKeeper(
                "monitor", data.resolve("checkpoint.json"), data.resolve("history"), 10, 1_000, clock, clock);
        progress = new CaptureProgress(keeper, Duration.ofSeconds(20), clock, clock);
        BinlogPosition place = new BinlogPosition("binlog.000003", 4, "");
        keeper.beginAt(place, Pending.NOTHING);
        progress.rewind(place);
        drain = new Drain(
                keeper,
                progress,
                new Windows(
                        new WindowAggregationStrategy(progress, () -> true, Duration.ofSeconds(1), true, 10, 1_000),
                        new DefaultAggregateController(),
                        () -> publisher),
                clock);
    }

    @AfterEach
    void tearDown() {
        publisher.shutdownNow();
        keeper.release();
    }

    @Test
    void shouldWaitForTheLastConfirm() {
        Window window = new Window(false);
        progress.opened(window);
        publisher.execute(() -> progress.confirmed(window));

        drain.run(true, clock.instant(), LONG);

        assertThat(keeper.awaitsConfirms()).isFalse();
        assertThat(publisher.isShutdown()).isFalse();
    }

    @Test
    void shouldNotWaitForAWindowThatNobodyPublishes() {
        progress.opened(new Window(false));

        drain.run(true, clock.instant(), LONG);

        assertThat(keeper.awaitsConfirms())
                .as("that a second stop waits for it")
                .isFalse();
        assertThat(publisher.isShutdown()).isTrue();
    }

    @Test
    void shouldGiveUpAfterItsTime() {
        progress.opened(new Window(false));
        publisher.execute(() -> await(new CountDownLatch(1)));

        drain.run(true, clock.instant(), Duration.ofSeconds(1));

        assertThat(keeper.awaitsConfirms()).isFalse();
        assertThat(publisher.isShutdown()).isTrue();
    }

    @Test
    void shouldNotWaitForWhatFailed() {
        Window window = new Window(false);
        progress.opened(window);
        progress.failed(window, new IOException("thrown by a test"));

        drain.run(true, clock.instant(), LONG);

        assertThat(publisher.isShutdown()).isTrue();
    }

    @Test
    void shouldDoNothingWhereNothingRan() {
        drain.run(false, clock.instant(), LONG);

        assertThat(publisher.isShutdown()).isFalse();
    }

    private static void await(CountDownLatch never) {
        try {
            never.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

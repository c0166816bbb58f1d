package io.mysqlmonitor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.change.BinlogOrigin;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.dedupe.Window;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What comes late, or at the same time, must not undo what was stored. */
@Timeout(30)
class CheckpointKeeperTest {

    @TempDir
    private Path directory;

    private final SlowDisk disk = new SlowDisk();
    private CheckpointKeeper keeper;
    private long run;

    @BeforeEach
    void setUp() throws IOException {
        keeper = keeper(disk);
        keeper.beginAt(place(4), Pending.NOTHING);
        keeper.begin();
        run = keeper.run();
    }

    @AfterEach
    void tearDown() {
        keeper.release();
    }

    @Test
    void shouldStayWhereItWasToldToBeginWhenAnEarlierWindowIsConfirmed() throws IOException {
        Window window = captured(100);

        keeper.beginAt(place(500), Pending.SCHEMA);
        keeper.confirmed(window);

        assertThat(stored().place()).isEqualTo(place(500));
        assertThat(keeper.pending()).isEqualTo(Pending.SCHEMA);
        assertThat(keeper.awaitsConfirms()).isFalse();
    }

    @Test
    void shouldKeepARequestForATableWhenAnEarlierWindowIsConfirmed() throws IOException {
        Window window = captured(100);

        keeper.snapshotTable("shop.orders", "");
        keeper.confirmed(window);

        assertThat(stored().isWithinTableSnapshot()).isTrue();
        assertThat(stored().place()).isEqualTo(place(4));
    }

    @Test
    void shouldReadDefinitionsAgainThoughTheRunMovesOn() throws IOException {
        Window window = captured(100);

        keeper.rebuildSchema();
        keeper.confirmed(window);

        assertThat(stored().place()).isEqualTo(place(100));
        assertThat(keeper.pending()).isEqualTo(Pending.SCHEMA);
        assertThat(keeper(disk).pending()).isEqualTo(Pending.SCHEMA);

        keeper.begin();
        keeper.reported(keeper.run(), at(200));
        assertThat(keeper.pending()).isEqualTo(Pending.NOTHING);
    }

    @Test
    void shouldWaitForNothingOfARunThatIsOver() throws IOException {
        Window window = captured(100);

        keeper.endRun();
        keeper.confirmed(window);

        assertThat(keeper.awaitsConfirms()).isFalse();
        assertThat(stored().place()).isEqualTo(place(4));
    }

    @Test
    void shouldIgnoreTheOffsetOfAnEarlierEngine() throws IOException {
        keeper.begin();

        assertThat(keeper.reported(run, at(100))).isFalse();
        keeper.markClean(offset -> true);

        assertThat(stored().place()).isEqualTo(place(4));
        assertThat(keeper.reported(keeper.run(), at(50))).isTrue();
        assertThat(stored().place()).isEqualTo(place(50));
    }

    @Test
    void shouldIgnoreAWindowOfAnEarlierEngine() throws IOException {
        Window early = captured(100);
        keeper.begin();
        run = keeper.run();
        Window late = captured(60);

        keeper.confirmed(early);
        assertThat(keeper.failed(early)).isFalse();
        assertThat(stored().place()).isEqualTo(place(4));

        keeper.confirmed(late);
        assertThat(stored().place()).isEqualTo(place(60));
    }

    @Test
    void shouldCountNothingBehindAWindowThatFailed() {
        Window first = captured(100);
        Window second = captured(200);
        Window third = captured(300);

        keeper.confirmed(first);
        assertThat(keeper.failed(second)).isTrue();
        keeper.confirmed(third);
        keeper.reported(run, at(400));
        keeper.markClean(offset -> true);

        assertThat(keeper.awaitsConfirms()).isFalse();
        assertThat(keeper.awaitDrained(Duration.ZERO)).isFalse();
        assertThat(stored().place()).isEqualTo(place(100));
    }

    @Test
    void shouldNotCallAStopCleanWhileAWindowWaits() {
        captured(100);

        keeper.markClean(offset -> true);

        assertThat(stored().place()).isEqualTo(place(4));
    }

    @Test
    void shouldKeepWhoseBinaryLogItIsUntilItBeginsElsewhere() throws IOException {
        BinlogOrigin origin = new BinlogOrigin("uuid", "binlog.000003", Instant.EPOCH);
        keeper.belongsTo(origin);

        keeper.confirmed(captured(100));
        keeper.markClean(offset -> true);
        keeper.rebuildSchema();
        keeper.snapshotTable("shop.orders", "");
        keeper.begin();
        assertThat(keeper(disk).origin()).contains(origin);

        keeper.beginAt(place(500), Pending.NOTHING);
        assertThat(keeper(disk).origin()).isEmpty();
    }

    @Test
    void shouldDescribeThePositionWithItsGtids() throws IOException {
        assertThat(keeper.described()).isEqualTo("binlog.000003:4");

        keeper.beginAt(place(4).withGtids("uuid:1-7"), Pending.NOTHING);
        assertThat(keeper.described()).isEqualTo("binlog.000003:4 (GTIDs uuid:1-7)");

        keeper.beginAt(place(4).withGtids("x".repeat(1000)), Pending.NOTHING);
        assertThat(keeper.described()).hasSizeLessThan(300).endsWith("x...)");
    }

    @Test
    void shouldNotHoldCaptureUpWhileItWrites() throws Exception {
        Window window = captured(100);
        ExecutorService publisher = Executors.newSingleThreadExecutor();
        try {
            disk.stall();
            Future<?> confirm = publisher.submit(() -> keeper.confirmed(window));
            disk.awaitWrite();

            // all of this returns at once, though the disk does not
            keeper.opened(new Window(false));
            keeper.reported(run, at(150));
            keeper.inFlight().clear();
            keeper.reported(keeper.run(), at(200));
            assertThat(stored().place()).isEqualTo(place(4));

            disk.goOn();
            confirm.get(20, TimeUnit.SECONDS);
            assertThat(stored().place()).as("by the thread that wrote").isEqualTo(place(200));
        } finally {
            disk.goOn();
            publisher.shutdownNow();
        }
    }

    @Test
    void shouldWriteOneAfterTheOther() throws Exception {
        Window window = captured(100);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            disk.stall();
            Future<?> confirm = threads.submit(() -> keeper.confirmed(window));
            disk.awaitWrite();
            Future<?> begin = threads.submit(() -> {
                keeper.beginAt(place(500), Pending.SNAPSHOT);
                return null;
            });

            disk.goOn();
            confirm.get(20, TimeUnit.SECONDS);
            begin.get(20, TimeUnit.SECONDS);

            assertThat(stored().place()).isEqualTo(place(500));
            assertThat(keeper(disk).place()).contains(place(500));
            assertThat(keeper.isSnapshotPending()).isTrue();
        } finally {
            disk.goOn();
            threads.shutdownNow();
        }
    }

    private Window captured(long position) {
        Window window = new Window(false);
        keeper.opened(window);
        keeper.reported(run, at(position));
        return window;
    }

    private EngineOffset stored() {
        return keeper.stored().orElseThrow();
    }

    private static BinlogPosition place(long position) {
        return new BinlogPosition("binlog.000003", position, "");
    }

    private static EngineOffset at(long position) {
        return EngineOffset.at(place(position), "monitor");
    }

    private CheckpointKeeper keeper(Clock clock) {
        return new CheckpointKeeper(
                "monitor",
                directory.resolve("checkpoint.json"),
                directory.resolve("schema-history.jsonl"),
                100,
                100_000,
                clock,
                clock);
    }

    /** The clock that each write of the checkpoint asks for its time, and so a place to hold a write up. */
    private static final class SlowDisk extends Clock {

        private volatile CountDownLatch writing = new CountDownLatch(0);
        private volatile CountDownLatch held = new CountDownLatch(0);

        void stall() {
            writing = new CountDownLatch(1);
            held = new CountDownLatch(1);
        }

        void awaitWrite() throws InterruptedException {
            writing.await();
        }

        void goOn() {
            held.countDown();
        }

        @Override
        public Instant instant() {
            writing.countDown();
            try {
                held.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Instant.ofEpochSecond(1_539_710_711L);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}

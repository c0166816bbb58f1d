package io.mysqlmonitor.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.checkpoint.CaptureProgress;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.CheckpointRoutePolicy;
import io.mysqlmonitor.checkpoint.Pending;
import io.mysqlmonitor.supervise.CaptureWatch.Verdict;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureWatchTest {

    private static final BinlogPosition PLACE = new BinlogPosition("binlog.000003", 4, "");

    @TempDir
    private Path data;

    private long nanos;
    private final Clock clock = new MonotonicClock(() -> nanos, Instant.EPOCH);
    private final DefaultCamelContext context = new DefaultCamelContext();
    private boolean snapshotRequested;
    private CheckpointKeeper keeper;
    private CaptureProgress progress;
    private CheckpointRoutePolicy route;
    private CaptureWatch watch;

    @BeforeEach
    void setUp() throws IOException {
        keeper = new CheckpointKeeper(
                "monitor", data.resolve("checkpoint.json"), data.resolve("history"), 10, 1_000, clock, clock);
        progress = new CaptureProgress(keeper, Duration.ofSeconds(20), clock, clock);
        route = new CheckpointRoutePolicy(keeper, progress, "heartbeat");
        watch = new CaptureWatch(progress, () -> snapshotRequested, Duration.ofSeconds(30), clock);
        keeper.beginAt(PLACE, Pending.NOTHING);
        progress.rewind(PLACE);
        watch.started();
        route.onStart(null);
    }

    @AfterEach
    void tearDown() {
        keeper.release();
    }

    @Test
    void shouldTakeCaptureForLastingAfterSomeTimeOfSigns() {
        assertThat(watch.look(false)).isEqualTo(Verdict.WELL);

        signsFor(30);
        assertThat(watch.look(false)).isEqualTo(Verdict.WELL);

        signsFor(1);
        assertThat(watch.look(false)).isEqualTo(Verdict.SETTINGS_DUE);
        assertThat(watch.look(false)).isEqualTo(Verdict.LASTING);
        signsFor(31);
        assertThat(watch.look(false)).isEqualTo(Verdict.SETTINGS_DUE);

        watch.started();
        assertThat(watch.look(false)).isEqualTo(Verdict.WELL);
    }

    @Test
    void shouldNoticeAnEngineThatIsSilentForTooLong() {
        pass(20);
        assertThat(watch.look(false)).isEqualTo(Verdict.WELL);

        pass(1);
        assertThat(watch.look(false)).isEqualTo(Verdict.SILENT);

        sign();
        assertThat(watch.look(false)).isEqualTo(Verdict.WELL);
    }

    @Test
    void shouldTakeALostConnectionForAFailureAtTheSecondLookInARow() {
        assertThat(watch.look(true)).isEqualTo(Verdict.WELL);
        assertThat(watch.look(false)).isEqualTo(Verdict.WELL);
        assertThat(watch.look(true)).isEqualTo(Verdict.WELL);

        assertThat(watch.look(true)).isEqualTo(Verdict.FAILED);

        assertThat(progress.status().failure().orElseThrow()).isInstanceOf(EOFException.class);
    }

    @Test
    void shouldLeaveAnEngineItsOwnCause() {
        IllegalStateException cause = new IllegalStateException("the engine ended");
        assertThat(watch.look(true)).isEqualTo(Verdict.WELL);
        progress.failed(cause);

        assertThat(watch.look(true)).isEqualTo(Verdict.FAILED);

        assertThat(progress.status().failure()).contains(cause);
    }

    @Test
    void shouldPutAFailureBeforeASnapshot() {
        snapshotRequested = true;
        assertThat(watch.look(false)).isEqualTo(Verdict.SNAPSHOT_REQUESTED);

        progress.failed(new IOException("thrown by a test"));

        assertThat(watch.look(false)).isEqualTo(Verdict.FAILED);
    }

    private void signsFor(int seconds) {
        for (int i = 0; i < seconds; i++) {
            pass(1);
            sign();
        }
    }

    private void sign() {
        DefaultExchange record = new DefaultExchange(context);
        route.onExchangeBegin(null, record);
        record.setRouteStop(true); // a heartbeat of the connector
    }

    private void pass(long seconds) {
        nanos += TimeUnit.SECONDS.toNanos(seconds);
    }
}

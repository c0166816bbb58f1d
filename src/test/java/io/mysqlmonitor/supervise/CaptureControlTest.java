package io.mysqlmonitor.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.checkpoint.CaptureProgress;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.CheckpointRoutePolicy;
import io.mysqlmonitor.checkpoint.Pending;
import io.mysqlmonitor.dedupe.WindowAggregationStrategy;
import io.mysqlmonitor.publish.PublishingThread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.camel.ServiceStatus;
import org.apache.camel.processor.aggregate.DefaultAggregateController;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One look after the other, by what servers would say. */
class CaptureControlTest {

    @TempDir
    private Path data;

    private long nanos;
    private Duration setBack = Duration.ZERO;
    private final Clock clock = new MonotonicClock(() -> nanos, Instant.EPOCH);
    private final Answers answers = new Answers();
    private final List<String> halts = new ArrayList<>();
    private ServiceStatus context = ServiceStatus.Started;
    private final PublishingThread publisher = new PublishingThread("publisher");
    private CheckpointKeeper keeper;
    private CaptureProgress progress;
    private CaptureControl control;

    @BeforeEach
    void setUp() throws Exception {
        Clock timeOfDay = ((InstantSource) () -> clock.instant().minus(setBack)).withZone(ZoneOffset.UTC);
        keeper = new CheckpointKeeper(
                "monitor",
                data.resolve("checkpoint.json"),
                data.resolve("schema-history.jsonl"),
                10,
                1_000,
                clock,
                clock);
        progress = new CaptureProgress(keeper, Duration.ofSeconds(20), clock, clock);
        keeper.beginAt(Answers.PLACE, Pending.NOTHING);
        Files.writeString(data.resolve("schema-history.jsonl"), "{}\n");
        Windows windows = new Windows(
                new WindowAggregationStrategy(progress, () -> true, Duration.ofSeconds(1), true, 10, 1_000),
                new DefaultAggregateController(),
                () -> publisher);
        EngineEnd engineEnd = new EngineEnd(keeper, false, false);
        TableSnapshots snapshots = new TableSnapshots(new SnapshotRequests(data), keeper, answers, answers);
        SlowSteps steps = new SlowSteps(clock);
        CaptureStart start = new CaptureStart(
                answers,
                answers,
                answers,
                progress,
                keeper,
                new StartingPoint(keeper, answers, "latest", "stop", false, engineEnd),
                engineEnd,
                answers::publish,
                snapshots,
                () -> {},
                steps);
        control = new CaptureControl(
                answers,
                answers,
                progress,
                keeper,
                start,
                new CaptureWatch(progress, snapshots::areRequested, Duration.ofSeconds(30), clock),
                engineEnd,
                windows,
                halts::add,
                steps,
                timeOfDay,
                clock);
    }

    @AfterEach
    void tearDown() {
        publisher.shutdownNow();
        keeper.release();
    }

    @Test
    void shouldStartCaptureWhenAllIsThere() {
        look();

        assertThat(answers.started).isTrue();
        assertThat(control.problem()).isEmpty();
    }

    @Test
    void shouldTryAgainAfterItsBackOffUntilTheServerAnswers() {
        answers.databaseDown = true;

        for (int second : new int[] {1, 2, 4, 4}) {
            look();
            int asked = answers.asked.size();
            pass(second - 1L);
            look();
            assertThat(answers.asked).as("before its time").hasSize(asked);
            pass(1);
        }
        assertThat(control.problem()).contains("database explained");

        answers.databaseDown = false;
        look();
        assertThat(answers.started).isTrue();
    }

    @Test
    void shouldForgetAProblemWhenCaptureLasts() {
        answers.databaseDown = true;
        look();
        answers.databaseDown = false;
        pass(1);
        startAndRun(30);
        assertThat(control.problem()).isPresent();

        startAndRun(2);
        assertThat(control.problem()).isEmpty();
    }

    @Test
    void shouldHaltOnceForWhatOnlyAPersonCanFix() {
        answers.problems = List.of("log_bin is OFF");

        look();
        look();

        assertThat(halts).containsExactly("log_bin is OFF");
        assertThat(answers.asked).containsExactly("database");
    }

    @Test
    void shouldStartAnEngineAgainThatEnded() {
        look();
        sign();
        progress.failed(new IOException("connection reset"));

        look();
        assertThat(answers.started).isFalse();
        assertThat(control.problem().orElseThrow()).contains("end explained", "binlog.000003:700");
        look();
        assertThat(answers.started).as("before its time").isFalse();

        pass(1);
        look();
        assertThat(answers.starts).isEqualTo(2);
    }

    @Test
    void shouldStartAnEngineAgainThatIsSilent() {
        look();
        sign();
        pass(21);

        look();

        assertThat(answers.started).isFalse();
        assertThat(control.problem().orElseThrow()).contains("no sign of life", "21 s");
    }

    @Test
    void shouldHaltWhenTheServersSettingsWereChanged() {
        startAndRun(30);
        answers.problems = List.of("binlog_row_image is MINIMAL");

        pass(1);
        sign();
        look();

        assertThat(answers.started).isFalse();
        assertThat(halts).singleElement().asString().contains("were changed", "binlog_row_image is MINIMAL");
    }

    @Test
    void shouldStartAgainWhenTheClockWasSetBack() {
        startAndRun(1);
        setBack = Duration.ofMinutes(10);

        look();
        assertThat(answers.started).isFalse();
        assertThat(control.problem().orElseThrow()).contains("set back by 600 s");

        look();
        assertThat(answers.starts).isEqualTo(2);
    }

    @Test
    void shouldReadNothingWhileItsContextIsSuspended() {
        context = ServiceStatus.Suspended;
        look();
        assertThat(answers.asked).isEmpty();

        context = ServiceStatus.Started;
        look();
        assertThat(answers.started).isTrue();
    }

    @Test
    void shouldSurviveAnError() {
        answers.error = new OutOfMemoryError("thrown by a test");
        look();
        assertThat(control.problem().orElseThrow()).contains("heap");

        answers.error = null;
        pass(1);
        look();

        assertThat(answers.started).isTrue();
    }

    private void startAndRun(int seconds) {
        look();
        for (int i = 0; i < seconds; i++) {
            pass(1);
            sign();
            look();
        }
    }

    private void look() {
        try {
            control.look(context, () -> true);
        } catch (Exception | Error e) {
            control.fail(e);
        }
    }

    private void sign() {
        new CheckpointRoutePolicy(keeper, progress, "heartbeat").onStart(null);
    }

    private void pass(long seconds) {
        nanos += TimeUnit.SECONDS.toNanos(seconds);
    }
}

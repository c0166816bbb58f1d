package io.mysqlmonitor.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.Gap;
import io.mysqlmonitor.checkpoint.CaptureProgress;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.Pending;
import io.mysqlmonitor.dedupe.Window;
import io.mysqlmonitor.supervise.CaptureStart.Outcome;
import io.mysqlmonitor.supervise.CaptureStart.Ready;
import io.mysqlmonitor.supervise.CaptureStart.Refused;
import io.mysqlmonitor.supervise.CaptureStart.Retry;
import io.mysqlmonitor.supervise.CaptureStart.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each thing that can be missing at a start, by what servers would say. */
class CaptureStartTest {

    private static final BinlogPosition STORED = Answers.PLACE;
    private static final BinlogPosition END = Answers.END;

    @TempDir
    private Path data;

    private final Clock clock = Clock.systemUTC();
    private final Answers answers = new Answers();
    private CheckpointKeeper keeper;
    private CaptureProgress progress;
    private SnapshotRequests requests;
    private CaptureStart start;
    private String onGap = "stop";
    private int windowsClosed;
    private boolean mayRun = true;

    @BeforeEach
    void setUp() throws IOException {
        keeper = new CheckpointKeeper(
                "monitor",
                data.resolve("checkpoint.json"),
                data.resolve("schema-history.jsonl"),
                10,
                1_000,
                clock,
                clock);
        progress = new CaptureProgress(keeper, Duration.ofSeconds(20), clock, clock);
        requests = new SnapshotRequests(data);
        keeper.beginAt(STORED, Pending.NOTHING);
        Files.writeString(data.resolve("schema-history.jsonl"), "{}\n");
        start = start();
    }

    private CaptureStart start() {
        EngineEnd engineEnd = new EngineEnd(keeper, false, false);
        return new CaptureStart(
                answers,
                answers,
                answers,
                progress,
                keeper,
                new StartingPoint(keeper, answers, "latest", onGap, false, engineEnd),
                engineEnd,
                answers::publish,
                new TableSnapshots(requests, keeper, answers, answers),
                () -> windowsClosed++,
                new SlowSteps(clock));
    }

    @AfterEach
    void tearDown() {
        keeper.release();
    }

    @Test
    void shouldBeReadyWhenAllIsThere() {
        assertThat(start.attempt(() -> mayRun)).isEqualTo(new Ready("MySQL 9.7.4"));
        assertThat(progress.status().failure()).isEmpty();
        assertThat(progress.status().restarts()).isZero();
    }

    @Test
    void shouldShowTheListsThatNoTableMatches() {
        assertThat(CaptureStart.nothingIsWatched(Map.of(
                        "database.exclude.list", "old", "table.include.list", "orders", "column.exclude.list", "x")))
                .isEqualTo(
                        "No existing table matches mysql.databases.exclude=old, mysql.tables=orders (tables are written "
                                + "database.table); changes are published once a matching table is created. Otherwise check "
                                + "mysql.databases, mysql.tables and the privileges of the user");
        assertThat(CaptureStart.nothingIsWatched(Map.of())).startsWith("The user can read no table; changes are");
    }

    @Test
    void shouldBeginNoRunWhenItWasStoppedMeanwhile() {
        mayRun = false;

        assertThat(start.attempt(() -> mayRun)).isEqualTo(new Waiting());

        mayRun = true;
        assertThat(start.attempt(() -> mayRun)).isInstanceOf(Ready.class);
        assertThat(progress.status().restarts()).isZero();
    }

    @Test
    void shouldReadNothingWhileConfirmsAreAwaited() {
        Window window = new Window(false);
        progress.opened(window);

        assertThat(start.attempt(() -> mayRun)).isEqualTo(new Waiting());

        assertThat(windowsClosed).isOne();
        assertThat(answers.asked).isEmpty();
        progress.confirmed(window);
        assertThat(start.attempt(() -> mayRun)).isInstanceOf(Ready.class);
    }

    @Test
    void shouldTryADatabaseAgainThatDoesNotAnswer() {
        answers.databaseDown = true;

        assertThat(start.attempt(() -> mayRun)).isEqualTo(new Retry("database explained", Duration.ofSeconds(4)));
        assertThat(answers.asked).containsExactly("database");
    }

    @Test
    void shouldRefuseAServerWhoseSettingsDoNotFit() {
        answers.problems = List.of("binlog_format is STATEMENT", "log_bin is OFF");

        assertThat(start.attempt(() -> mayRun)).isEqualTo(new Refused("binlog_format is STATEMENT. log_bin is OFF"));
        assertThat(answers.asked).containsExactly("database");
    }

    @Test
    void shouldTryABrokerAgainThatDoesNotAnswerBeforeItChoosesAPlace() {
        answers.brokerDown = true;
        answers.available = false;

        assertThat(start.attempt(() -> mayRun)).isEqualTo(new Retry("broker explained", Duration.ofSeconds(4)));
        assertThat(answers.asked).containsExactly("database", "broker");
    }

    @Test
    void shouldWaitForTheRoutesBehindIt() {
        answers.missing = "mysql-monitor-publish";

        assertThat(start.attempt(() -> mayRun)).isEqualTo(new Waiting());
        assertThat(answers.asked).containsExactly("database", "broker");
    }

    @Test
    void shouldRefuseAPlaceThatTheServerNoLongerHas() {
        answers.available = false;

        assertThat(start.attempt(() -> mayRun)).isInstanceOf(Refused.class);
        assertThat(keeper.place()).contains(STORED);
    }

    @Test
    void shouldStayAtTheCheckpointWhileTheGapMessageCannotBePublished() {
        onGap = "latest";
        start = start();
        answers.available = false;
        answers.gapRefused = true;

        assertThat(start.attempt(() -> mayRun))
                .isEqualTo(new Retry(
                        "the gap message cannot be published: java.io.IOException: thrown by a test",
                        Duration.ofSeconds(4)));
        assertThat(keeper.place()).contains(STORED);

        answers.gapRefused = false;
        assertThat(start.attempt(() -> mayRun)).isInstanceOf(Ready.class);
        assertThat(keeper.place()).contains(END);
        assertThat(answers.gaps).containsExactly(new Gap(STORED, END));
    }

    @Test
    void shouldTryAgainWhileTheCheckpointCannotBeWritten() throws IOException {
        Files.delete(data.resolve("checkpoint.json"));
        Files.createDirectory(data.resolve("checkpoint.json"));
        Files.createFile(data.resolve("checkpoint.json").resolve("in-the-way"));

        Outcome outcome = start.attempt(() -> mayRun);

        assertThat(outcome).isInstanceOfSatisfying(Retry.class, retry -> assertThat(retry.problem())
                .contains("checkpoint.json cannot be written", "free disk space"));
    }

    @Test
    void shouldTakeARequestForATableAndRejectOneThatIsNotPossible() throws Exception {
        Files.writeString(
                data.resolve("snapshot-requests.jsonl"), "{\"table\":\"shop.a\"}\n{\"table\":\"shop.impossible\"}\n");

        assertThat(start.attempt(() -> mayRun)).isInstanceOf(Ready.class);

        assertThat(keeper.isSnapshotRunning()).isTrue();
        assertThat(data.resolve("snapshot-requests.rejected.jsonl")).content().contains("shop.impossible");
        assertThat(requests.exist()).isFalse();
    }
}

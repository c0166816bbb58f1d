package io.mysqlmonitor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.debezium.config.Configuration;
import io.debezium.document.Document;
import io.debezium.relational.history.HistoryRecord;
import io.debezium.relational.history.HistoryRecordComparator;
import io.debezium.relational.history.SchemaHistoryListener;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.Changes;
import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.statement.TableStatement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureProgressTest {

    @TempDir
    private Path directory;

    private CheckpointKeeper keeper;

    @AfterEach
    void tearDown() {
        keeper.release();
    }

    @Test
    void shouldNotCallAStopCleanBeforeTheEndOfWhatMayHaveBeenPublished() throws IOException {
        CaptureProgress progress = progress();
        BinlogPosition end = new BinlogPosition("binlog.000003", 9_000, "");
        keeper.beginAt(new BinlogPosition("binlog.000003", 4, ""), Pending.NOTHING);
        progress.rewind(end);
        progress.rewind(end); // it was killed

        progress.reported(progress.run(), EngineOffset.at(new BinlogPosition("binlog.000003", 4_711, ""), "monitor"));
        progress.markClean();
        assertThat(clean()).isFalse();

        progress.reported(progress.run(), EngineOffset.at(end, "monitor"));
        progress.markClean();
        assertThat(clean()).isTrue();
    }

    @Test
    void shouldHoldTheCheckpointBeforeAStatementThatCannotBeReadWhateverTheEngineReportsThen() throws IOException {
        CaptureProgress progress = progress();
        keeper.beginAt(new BinlogPosition("binlog.000003", 4, ""), Pending.NOTHING);
        progress.rewind(new BinlogPosition("binlog.000003", 4, ""));

        assertThatThrownBy(() -> progress.definitionChanges(
                        new TableStatement.Name("shop", "item"),
                        new EventPosition("binlog.000003", 400),
                        "ALTER TABLE item x"))
                .isInstanceOf(UnreadableStatementException.class);
        progress.reported(progress.run(), EngineOffset.at(new BinlogPosition("binlog.000003", 479, ""), "monitor"));

        assertThat(progress.status().position()).isEqualTo("binlog.000003:4");
        assertThat(progress.status().failure().orElseThrow()).isInstanceOf(UnreadableStatementException.class);
    }

    @Test
    void shouldHoldTheCheckpointWhileASnapshotRunsAndMergeNothingUntilItIsTold() throws IOException {
        CaptureProgress progress = progress();
        keeper.beginAt(new BinlogPosition("binlog.000003", 4, ""), Pending.SNAPSHOT);
        progress.rewind(new BinlogPosition("binlog.000003", 4, ""));
        EngineOffset place = EngineOffset.at(new BinlogPosition("binlog.000003", 4_711, ""), "monitor");
        ObjectNode running = ((ObjectNode) place.offset().deepCopy()).put("snapshot", "INITIAL");

        progress.reported(progress.run(), new EngineOffset(place.partition(), running));
        assertThat(keeper.isSnapshotPending()).isTrue();
        assertThat(progress.status().position()).isEqualTo("binlog.000003:4");
        assertThat(progress.awaitsEndOfReplay()).isFalse();

        progress.reported(progress.run(), place);
        assertThat(keeper.isSnapshotPending()).isFalse();
        assertThat(progress.status().position()).isEqualTo("binlog.000003:4711");
        assertThat(progress.awaitsEndOfReplay()).isTrue();
        assertThat(progress.isReplayed(Changes.delete(Changes.EMPLOYEE, 8_000, Changes.row("a", "b", 1))))
                .isTrue();

        progress.replaysUntil(new BinlogPosition("binlog.000007", 8_500, ""));
        assertThat(progress.isReplayed(Changes.delete(Changes.EMPLOYEE, 8_000, Changes.row("a", "b", 1))))
                .isTrue();
        assertThat(progress.isReplayed(Changes.delete(Changes.EMPLOYEE, 8_500, Changes.row("a", "b", 1))))
                .isFalse();
    }

    @Test
    void shouldMergeNothingOfWhatFollowsAGap() throws IOException {
        CaptureProgress progress = progress();
        keeper.beginAgainAt(new BinlogPosition("binlog.000007", 4, ""), Pending.SCHEMA);
        progress.rewind(new BinlogPosition("binlog.000007", 8_500, ""));

        assertThat(progress.isReplayed(Changes.delete(Changes.EMPLOYEE, 8_000, Changes.row("a", "b", 1))))
                .isTrue();
        assertThat(progress.isReplayed(Changes.delete(Changes.EMPLOYEE, 8_500, Changes.row("a", "b", 1))))
                .isFalse();
    }

    @Test
    void shouldKeepWhatIsPendingWhenItBeginsAtAnotherPlace() throws IOException {
        CaptureProgress progress = progress();
        keeper.beginAt(new BinlogPosition("binlog.000003", 4, ""), Pending.SCHEMA);
        keeper.beginAt(new BinlogPosition("binlog.000004", 4, ""), Pending.NOTHING);
        assertThat(keeper.pending()).isEqualTo(Pending.SCHEMA);

        keeper.beginAt(new BinlogPosition("binlog.000005", 4, ""), Pending.SNAPSHOT);
        keeper.rebuildSchema();
        assertThat(keeper.pending()).isEqualTo(Pending.SNAPSHOT);
        assertThat(progress.status().position()).isEqualTo("binlog.000005:4");
    }

    private boolean clean() {
        return new Checkpoint(directory.resolve("checkpoint.json"), Clock.systemUTC())
                .read()
                .orElseThrow()
                .clean();
    }

    private CaptureProgress progress() {
        return progress(Clock.systemUTC());
    }

    private CaptureProgress progress(Clock clock) {
        keeper = new CheckpointKeeper(
                "monitor",
                directory.resolve("checkpoint.json"),
                directory.resolve("schema-history.jsonl"),
                100,
                100_000,
                Clock.systemUTC(),
                clock);
        return new CaptureProgress(keeper, Duration.ofMinutes(1), Clock.systemUTC(), clock);
    }

    @Test
    void shouldNotForgetAFailureThatComesWhileTheRouteStarts() {
        CaptureProgress progress = progress();

        progress.failed(new IOException("the engine ended at once"));
        progress.started(); // Camel calls the policy after the consumer has started

        assertThat(progress.status().failure()).isPresent();
    }

    @Test
    void shouldStoreWhileItsThreadIsInterrupted() {
        CaptureProgress progress = progress();

        Thread.currentThread().interrupt();
        progress.reported(progress.run(), EngineOffset.at(new BinlogPosition("binlog.000003", 4711, ""), "monitor"));
        boolean stillInterrupted = Thread.interrupted();

        assertThat(progress.status().position()).isEqualTo("binlog.000003:4711");
        assertThat(stillInterrupted).isTrue();
    }

    @Test
    void shouldTakeTheDefinitionsOfManyTablesForSignsOfLife() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        CaptureProgress progress = progress(((InstantSource) now::get).withZone(ZoneOffset.UTC));
        CheckpointRoutePolicy policy = new CheckpointRoutePolicy(keeper, progress, "heartbeat");
        policy.start();
        try {
            CheckpointSchemaHistory history = new CheckpointSchemaHistory();
            Path file = directory.resolve("schema-history.jsonl");
            Files.createFile(file);
            history.configure(
                    Configuration.create()
                            .with(CheckpointSchemaHistory.FILE_PATH, file.toString())
                            .build(),
                    HistoryRecordComparator.INSTANCE,
                    SchemaHistoryListener.NOOP,
                    true);
            keeper.beginAt(new BinlogPosition("binlog.000003", 4, ""), Pending.SCHEMA);
            progress.rewind(new BinlogPosition("binlog.000003", 4, ""));
            progress.started();

            pass(Duration.ofMinutes(9), now); // in which the engine reads all from the server
            for (int table = 0; table < 100; table++) {
                assertThat(progress.status().isAlive()).isTrue();
                history.doStoreRecord(
                        new HistoryRecord(Document.create(HistoryRecord.Fields.POSITION, Document.create())));
                pass(Duration.ofSeconds(59), now);
            }
            pass(Duration.ofSeconds(2), now);
            assertThat(progress.status().isAlive()).isFalse();

            progress.reported(progress.run(), EngineOffset.at(new BinlogPosition("binlog.000003", 5, ""), "monitor"));
            progress.rewind(new BinlogPosition("binlog.000003", 5, ""));
            progress.started();
            history.recoverRecords(definition -> {
                pass(Duration.ofSeconds(59), now);
                assertThat(progress.status().isAlive()).isTrue();
            });
            pass(Duration.ofSeconds(61), now);
            assertThat(progress.status().isAlive()).isFalse();
        } finally {
            policy.shutdown();
        }
    }

    private static void pass(Duration time, AtomicReference<Instant> now) {
        now.updateAndGet(before -> before.plus(time));
    }
}

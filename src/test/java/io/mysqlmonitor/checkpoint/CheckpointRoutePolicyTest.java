package io.mysqlmonitor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.debezium.config.Configuration;
import io.debezium.document.Document;
import io.debezium.relational.history.HistoryRecord;
import io.debezium.relational.history.HistoryRecordComparator;
import io.debezium.relational.history.SchemaHistoryListener;
import io.mysqlmonitor.change.BinlogCoordinates;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.Changes;
import io.mysqlmonitor.change.TableStatement;
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

class CheckpointRoutePolicyTest {

    @TempDir
    private Path directory;

    private CheckpointKeeper keeper;

    @AfterEach
    void tearDown() {
        keeper.release();
    }

    @Test
    void shouldNotCallAStopCleanBeforeTheEndOfWhatMayHaveBeenPublished() throws IOException {
        CheckpointRoutePolicy policy = policy();
        BinlogCoordinates end = new BinlogCoordinates("binlog.000003", 9_000, "");
        keeper.beginAt(new BinlogCoordinates("binlog.000003", 4, ""), Pending.NOTHING);
        policy.rewind(end);
        policy.rewind(end); // it was killed

        policy.captured(policy.run(), EngineOffset.at(new BinlogCoordinates("binlog.000003", 4_711, ""), "monitor"));
        policy.markClean();
        assertThat(clean()).isFalse();

        policy.captured(policy.run(), EngineOffset.at(end, "monitor"));
        policy.markClean();
        assertThat(clean()).isTrue();
    }

    @Test
    void shouldHoldTheCheckpointBeforeAStatementThatCannotBeReadWhateverTheEngineReportsThen() throws IOException {
        CheckpointRoutePolicy policy = policy();
        keeper.beginAt(new BinlogCoordinates("binlog.000003", 4, ""), Pending.NOTHING);
        policy.rewind(new BinlogCoordinates("binlog.000003", 4, ""));

        assertThatThrownBy(() -> policy.definitionChanges(
                        new TableStatement.Name("shop", "item"),
                        new BinlogPosition("binlog.000003", 400),
                        "ALTER TABLE item x"))
                .isInstanceOf(UnreadableStatementException.class);
        policy.captured(policy.run(), EngineOffset.at(new BinlogCoordinates("binlog.000003", 479, ""), "monitor"));

        assertThat(policy.position()).isEqualTo("binlog.000003:4");
        assertThat(policy.failure().orElseThrow()).isInstanceOf(UnreadableStatementException.class);
    }

    @Test
    void shouldHoldTheCheckpointWhileASnapshotRunsAndMergeNothingUntilItIsTold() throws IOException {
        CheckpointRoutePolicy policy = policy();
        keeper.beginAt(new BinlogCoordinates("binlog.000003", 4, ""), Pending.SNAPSHOT);
        policy.rewind(new BinlogCoordinates("binlog.000003", 4, ""));
        EngineOffset place = EngineOffset.at(new BinlogCoordinates("binlog.000003", 4_711, ""), "monitor");
        ObjectNode running = ((ObjectNode) place.offset().deepCopy()).put("snapshot", "INITIAL");

        policy.captured(policy.run(), new EngineOffset(place.partition(), running));
        assertThat(keeper.isSnapshotPending()).isTrue();
        assertThat(policy.position()).isEqualTo("binlog.000003:4");
        assertThat(policy.awaitsEndOfReplay()).isFalse();

        policy.captured(policy.run(), place);
        assertThat(keeper.isSnapshotPending()).isFalse();
        assertThat(policy.position()).isEqualTo("binlog.000003:4711");
        assertThat(policy.awaitsEndOfReplay()).isTrue();
        assertThat(policy.isReplayed(Changes.delete(Changes.EMPLOYEE, 8_000, Changes.row("a", "b", 1))))
                .isTrue();

        policy.replaysUntil(new BinlogCoordinates("binlog.000007", 8_500, ""));
        assertThat(policy.isReplayed(Changes.delete(Changes.EMPLOYEE, 8_000, Changes.row("a", "b", 1))))
                .isTrue();
        assertThat(policy.isReplayed(Changes.delete(Changes.EMPLOYEE, 8_500, Changes.row("a", "b", 1))))
                .isFalse();
    }

    @Test
    void shouldMergeNothingOfWhatFollowsAGap() throws IOException {
        CheckpointRoutePolicy policy = policy();
        keeper.beginAgainAt(new BinlogCoordinates("binlog.000007", 4, ""), Pending.SCHEMA);
        policy.rewind(new BinlogCoordinates("binlog.000007", 8_500, ""));

        assertThat(policy.isReplayed(Changes.delete(Changes.EMPLOYEE, 8_000, Changes.row("a", "b", 1))))
                .isTrue();
        assertThat(policy.isReplayed(Changes.delete(Changes.EMPLOYEE, 8_500, Changes.row("a", "b", 1))))
                .isFalse();
    }

    @Test
    void shouldKeepWhatIsPendingWhenItBeginsAtAnotherPlace() throws IOException {
        CheckpointRoutePolicy policy = policy();
        keeper.beginAt(new BinlogCoordinates("binlog.000003", 4, ""), Pending.SCHEMA);
        keeper.beginAt(new BinlogCoordinates("binlog.000004", 4, ""), Pending.NOTHING);
        assertThat(keeper.pending()).isEqualTo(Pending.SCHEMA);

        keeper.beginAt(new BinlogCoordinates("binlog.000005", 4, ""), Pending.SNAPSHOT);
        keeper.rebuildSchema();
        assertThat(keeper.pending()).isEqualTo(Pending.SNAPSHOT);
        assertThat(policy.position()).isEqualTo("binlog.000005:4");
    }

    private boolean clean() {
        return new Checkpoint(directory.resolve("checkpoint.json"), Clock.systemUTC())
                .read()
                .orElseThrow()
                .clean();
    }

    private CheckpointRoutePolicy policy() {
        return policy(Clock.systemUTC());
    }

    private CheckpointRoutePolicy policy(Clock clock) {
        keeper = new CheckpointKeeper(
                "monitor",
                directory.resolve("checkpoint.json"),
                directory.resolve("schema-history.jsonl"),
                100,
                100_000,
                Clock.systemUTC(),
                clock);
        return new CheckpointRoutePolicy(keeper, Duration.ofMinutes(1), "heartbeat", Clock.systemUTC(), clock);
    }

    @Test
    void shouldNotForgetAFailureThatComesWhileTheRouteStarts() {
        CheckpointRoutePolicy policy = policy();

        policy.handleException(new IOException("the engine ended at once"));
        policy.onStart(null); // Camel calls it after the consumer has started

        assertThat(policy.failure()).isPresent();
    }

    @Test
    void shouldStoreWhileItsThreadIsInterrupted() {
        CheckpointRoutePolicy policy = policy();

        Thread.currentThread().interrupt();
        policy.captured(policy.run(), EngineOffset.at(new BinlogCoordinates("binlog.000003", 4711, ""), "monitor"));
        boolean stillInterrupted = Thread.interrupted();

        assertThat(policy.position()).isEqualTo("binlog.000003:4711");
        assertThat(stillInterrupted).isTrue();
    }

    @Test
    void shouldTakeTheDefinitionsOfManyTablesForSignsOfLife() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        CheckpointRoutePolicy policy = policy(((InstantSource) now::get).withZone(ZoneOffset.UTC));
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
            keeper.beginAt(new BinlogCoordinates("binlog.000003", 4, ""), Pending.SCHEMA);
            policy.rewind(new BinlogCoordinates("binlog.000003", 4, ""));
            policy.onStart(null);

            pass(Duration.ofMinutes(9), now); // in which the engine reads all from the server
            for (int table = 0; table < 100; table++) {
                assertThat(policy.isAlive()).isTrue();
                history.doStoreRecord(
                        new HistoryRecord(Document.create(HistoryRecord.Fields.POSITION, Document.create())));
                pass(Duration.ofSeconds(59), now);
            }
            pass(Duration.ofSeconds(2), now);
            assertThat(policy.isAlive()).isFalse();

            policy.captured(policy.run(), EngineOffset.at(new BinlogCoordinates("binlog.000003", 5, ""), "monitor"));
            policy.rewind(new BinlogCoordinates("binlog.000003", 5, ""));
            policy.onStart(null);
            history.recoverRecords(definition -> {
                pass(Duration.ofSeconds(59), now);
                assertThat(policy.isAlive()).isTrue();
            });
            pass(Duration.ofSeconds(61), now);
            assertThat(policy.isAlive()).isFalse();
        } finally {
            policy.shutdown();
        }
    }

    private static void pass(Duration time, AtomicReference<Instant> now) {
        now.updateAndGet(before -> before.plus(time));
    }
}

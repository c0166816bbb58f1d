package io.mysqlmonitor.checkpoint;

import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.dedupe.Window;
import io.mysqlmonitor.dedupe.WindowListener;
import io.mysqlmonitor.statement.TableStatement;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows each record from the engine to the broker's confirm, and tells the {@link CheckpointKeeper} which offset is safe.
 *
 * <p>The engine reports an offset after the rows before it have entered a window ({@link CheckpointOffsetStore}); the offset is
 * stored when that window and all before it are confirmed. After a failure no offset counts until the next run.
 *
 * <p>Thread-safe.
 */
public final class CaptureProgress implements WindowListener {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureProgress.class);

    private static final Duration LOOK = Duration.ofSeconds(1);

    private final CheckpointKeeper keeper;
    private final InFlight<EngineOffset> inFlight;
    private final SignsOfLife signs;
    private final Figures figures;
    private final CaptureFailure failure = new CaptureFailure();
    private final CaptureStatus status;
    private final Replay replay = new Replay();
    private final TableDefinitions tables = new TableDefinitions();
    private final Unreported unreported;

    /** Set by the thread that binds the figures. */
    private volatile Consumer<Window> onConfirmed = window -> {};

    /**
     * @param keeper keeps the stored position
     * @param stallTimeout silence of the engine after which it is taken for dead; ten times as long until it stores the first
     *     definition of a table, where it reads them from the server
     * @param timeOfDay by which the lag is measured
     * @param clock gives durations, such as those between signs of life, and is not set back
     */
    public CaptureProgress(CheckpointKeeper keeper, Duration stallTimeout, Clock timeOfDay, Clock clock) {
        this.keeper = keeper;
        this.inFlight = keeper.inFlight();
        this.signs = new SignsOfLife(stallTimeout, clock);
        this.figures = new Figures(clock);
        this.status = new CaptureStatus(keeper, signs, figures, failure, timeOfDay);
        this.unreported = new Unreported(signs, failure);
    }

    /** How capture is doing. */
    public CaptureStatus status() {
        return status;
    }

    /**
     * Starts a run, before a new engine reads on from the checkpoint.
     *
     * @param end the current end of the server's binary log: after an unclean stop, what stands before it may have been published
     * @throws IOException if the checkpoint cannot be written
     */
    public void rewind(BinlogPosition end) throws IOException {
        boolean clean = keeper.begin();
        figures.runBegins();
        failure.clear();
        unreported.clear();
        boolean readsDefinitions = keeper.pending() != Pending.NOTHING;
        signs.expectDefinitions(readsDefinitions);
        if (readsDefinitions) {
            tables.definedAt(end.toPosition());
        }
        if (keeper.isSnapshotPending()) {
            replay.beginsWithSnapshot();
        } else if (clean) {
            replay.clear();
        } else {
            replay.endsAt(end.toPosition());
        }
    }

    /** The engine is started. */
    void started() {
        signs.started();
    }

    /** The engine is stopped. */
    void stopped() {
        signs.stopped();
    }

    /** A record came from the engine: waits while too much is in flight. Called on the engine's thread, before any step of the route. */
    void handedOver(Exchange record) {
        unreported.handedOver(record);
        try {
            while (!inFlight.awaitRoom(LOOK)) {
                signs.throttled();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the engine is being closed; what it has handed out is still taken
        } finally {
            unreported.taken();
            signs.given();
        }
    }

    /** The number of the run, by which an engine says whose offset it reports. */
    long run() {
        return keeper.run();
    }

    /**
     * The engine believes that all before an offset is done.
     *
     * @param run the run in which that engine was started
     */
    void reported(long run, EngineOffset told) {
        unreported.endLatest();
        if (failure.isSet() || run != keeper.run()) {
            return;
        }
        EngineOffset offset = told.withoutTableSnapshotMark();
        if (offset.isWithinSnapshot()) { // after a restart it starts again
            unreported.reported();
            return;
        }
        replay.snapshotRead();
        if (keeper.reported(run, offset)) {
            unreported.reported();
        }
    }

    /** Capture has ended by itself: only reading on from the checkpoint can help. */
    public void failed(Throwable cause) {
        failure.set(cause);
    }

    /** After the engine has ended and all is confirmed: notes it, so that the next start knows that nothing comes twice. */
    public void markClean() {
        if (!unreported.isAny() && !failure.isSet()) {
            keeper.markClean(end -> !replay.goesBeyond(end.place().toPosition()));
        }
    }

    @Override
    public boolean isReplayed(Change change) {
        return replay.covers(change.position());
    }

    @Override
    public void opened(Window window) {
        keeper.opened(window);
    }

    @Override
    public void confirmed(Window window) {
        figures.confirmed(window);
        if (keeper.isSnapshotRunning()) {
            keeper.snapshot().confirmed(window).ifPresent(rows -> LOG.info("Snapshot: {} rows", rows));
        }
        keeper.confirmed(window);
        onConfirmed.accept(window);
    }

    /** What to do with each window after its confirm; for figures. */
    public void onConfirmed(Consumer<Window> listener) {
        onConfirmed = listener;
    }

    @Override
    public void failed(Window window, Throwable cause) {
        if (keeper.failed(window)) {
            failure.set(cause);
        }
    }

    @Override
    public long inFlight() {
        return inFlight.rows();
    }

    /** A heartbeat message goes out: the time until the next starts again. */
    public void heartbeatSent() {
        figures.messagePublished();
    }

    /**
     * Whether the rows of a snapshot are read, and {@link #replaysUntil} has to tell up to where changes may be in them already:
     * until then nothing is merged.
     */
    public boolean awaitsEndOfReplay() {
        return replay.awaitsEnd();
    }

    /**
     * @param end the end of the server's binary log, asked for after {@link #awaitsEndOfReplay}
     */
    public void replaysUntil(BinlogPosition end) {
        replay.endsAt(end.toPosition());
    }

    /**
     * What is watched from the next run on.
     *
     * @param watched takes the names of a database and a table
     * @param withCharsets whether the binary log names the character sets of columns before rows, so that statements need not
     */
    public void watch(BiPredicate<String, String> watched, boolean withCharsets) {
        tables.watch(watched, withCharsets);
    }

    boolean areCharsetsNamed() {
        return tables.areCharsetsNamed();
    }

    boolean isWatched(TableStatement.Name table) {
        return tables.isWatched(table);
    }

    /** The engine has read or stored the definition of a table: of many tables that takes longer than the stall timeout. */
    void definitionRead() {
        signs.given();
    }

    /**
     * The engine has read a statement that defines a watched table, and could not make out how. Waits until all that was read before
     * it is confirmed, so that the checkpoint stands right before it, and ends the engine; unless the definitions were read from the
     * tables after that statement.
     *
     * @param place the end of the statement
     */
    void definitionChanges(TableStatement.Name table, EventPosition place, String sql) {
        if (tables.areDefinedAfter(place)) {
            return;
        }
        UnreadableStatementException unreadable =
                new UnreadableStatementException(table, place.file() + ':' + place.position(), sql);
        endBefore(unreadable);
        throw unreadable;
    }

    /**
     * The engine has read an event that it must not go beyond. Waits until all that was read before it is confirmed, so that the
     * checkpoint stands right before it, or capture fails for another cause; to be called on the thread that reads the binary log.
     */
    public void endBefore(Throwable event) {
        try {
            while (!failure.isSet() && (!inFlight.awaitEmpty(LOOK) || unreported.mayBeReported())) {
                TimeUnit.MILLISECONDS.sleep(LOOK.toMillis() / 10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        failure.setIfNone(event);
    }

    Optional<EngineOffset> stored() {
        return keeper.stored();
    }

    /** The file that holds the checkpoint. */
    Path file() {
        return keeper.file();
    }

    /** The file that holds the definitions of the tables. */
    Path schemaHistoryFile() {
        return keeper.schemaHistoryFile();
    }
}

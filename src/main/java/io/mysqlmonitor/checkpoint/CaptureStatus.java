package io.mysqlmonitor.checkpoint;

import io.mysqlmonitor.change.BinlogPosition;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How capture is doing, to look at: nothing can be changed by it.
 *
 * <p>Thread-safe. Each method gives the state of its moment.
 */
public final class CaptureStatus {

    private final CheckpointKeeper keeper;
    private final SignsOfLife signs;
    private final Figures figures;
    private final CaptureFailure failure;
    private final Clock timeOfDay;

    CaptureStatus(
            CheckpointKeeper keeper, SignsOfLife signs, Figures figures, CaptureFailure failure, Clock timeOfDay) {
        this.keeper = keeper;
        this.signs = signs;
        this.figures = figures;
        this.failure = failure;
        this.timeOfDay = timeOfDay;
    }

    /** The file that holds the checkpoint. */
    public Path file() {
        return keeper.file();
    }

    /** The stored position as {@code file:position}, or {@code none}. */
    public String position() {
        return keeper.position();
    }

    /** The stored position or, within a transaction, that transaction's start; empty if there is none yet. */
    public Optional<BinlogPosition> place() {
        return keeper.place();
    }

    /** When the position was stored; empty if there is none yet. */
    public Optional<Instant> storedAt() {
        return keeper.storedAt();
    }

    /** Why the last position could not be stored; empty if it was. */
    public Optional<IOException> writeFailure() {
        return keeper.writeFailure();
    }

    /** Whether rows of tables are read, before the binary log or while it is. */
    public boolean isSnapshotRunning() {
        return keeper.isSnapshotRunning();
    }

    /**
     * How many rows of a table the server estimated when the last snapshot began; empty if there was none.
     *
     * @param table {@code database.table}
     */
    public Optional<Long> estimatedRows(String table) {
        return keeper.snapshot().estimatedRows(table);
    }

    /** Why capture has to start again at the checkpoint; empty if it does not have to. */
    public Optional<Throwable> failure() {
        return failure.cause();
    }

    /** Whether capture runs: its route is started, the engine gives signs of life, and no change failed. */
    public boolean isAlive() {
        return !failure.isSet() && signs.areRecent();
    }

    /** Time since the engine last handed over a record, zero while it is made to wait; empty if capture has not started. */
    public Optional<Duration> silence() {
        return signs.silence();
    }

    /** Age of the oldest change in flight, by the clocks of both machines; zero if there is none. */
    public Duration lag() {
        return keeper.oldestWindow()
                .map(window -> Duration.between(Instant.ofEpochSecond(window.committedAt()), timeOfDay.instant()))
                .filter(age -> !age.isNegative())
                .orElse(Duration.ZERO);
    }

    /** Time since a message was last published. */
    public Duration idle() {
        return figures.idle();
    }

    /** Messages that wait to be published or confirmed. */
    public long inFlight() {
        return keeper.inFlight().rows();
    }

    /** Roughly the heap that these take, in bytes. */
    public long bytesInFlight() {
        return keeper.inFlight().bytes();
    }

    /** Starts of capture after the first. */
    public long restarts() {
        return figures.restarts();
    }

    /** Changes of the binary log whose window is confirmed. */
    public long captured() {
        return figures.captured();
    }

    /** Changes that were merged into others. */
    public long merged() {
        return figures.merged();
    }

    /** Changes of which nothing was left to publish. */
    public long mergedAway() {
        return figures.mergedAway();
    }

    /** Messages about changes that the broker has confirmed. */
    public long published() {
        return figures.published();
    }
}

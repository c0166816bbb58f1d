package io.mysqlmonitor.checkpoint;

import io.mysqlmonitor.change.BinlogOrigin;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.dedupe.Window;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only owner of the stored position: whatever is written to the checkpoint is written here, one write at a time.
 *
 * <p>A <em>run</em> is one start of the engine. An offset that an engine reports is stored once every window before it is confirmed, and
 * only during its own run: what an earlier run reports or confirms later changes nothing. A place that a person or the
 * supervisor chooses ({@link #beginAt}, {@link #snapshotTable}) ends the run; {@link #begin} starts the next.
 *
 * <p>Thread-safe. Capture never waits for a write that another thread does: the thread that writes also stores what is released
 * meanwhile.
 */
public final class CheckpointKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointKeeper.class);

    private static final int LONGEST_GTIDS = 200;

    private final DataFolderLock folder;
    private final Checkpoint checkpoint;
    private final SchemaHistoryFile schemaHistory;
    private final String name;
    private final InFlight<EngineOffset> inFlight;
    private final SnapshotProgress snapshot;
    private final ReentrantLock lock = new ReentrantLock();

    // written under lock, read by any thread
    private volatile Checkpoint.Stored stored;
    private volatile IOException writeFailure;

    /** Asked for since the run began, so that no offset of this run says that it is done. Guarded by lock. */
    private Pending requested = Pending.NOTHING;

    /**
     * @param name the monitor's name
     * @param file where the checkpoint is kept
     * @param schemaHistory where the engine keeps the definitions of the tables
     * @param maxRows rows in flight at which the binary log is read no further
     * @param maxBytes heap taken by rows in flight at which the binary log is read no further
     * @param timeOfDay gives the times of the checkpoint
     * @param clock gives durations, and is not set back
     * @throws IllegalStateException if there is a checkpoint that cannot be read
     */
    public CheckpointKeeper(
            String name, Path file, Path schemaHistory, int maxRows, long maxBytes, Clock timeOfDay, Clock clock) {
        this.name = name;
        this.folder = new DataFolderLock(file.toAbsolutePath().getParent());
        this.checkpoint = new Checkpoint(file, timeOfDay);
        this.schemaHistory = new SchemaHistoryFile(schemaHistory);
        this.inFlight = new InFlight<>(maxRows, maxBytes);
        this.snapshot = new SnapshotProgress(clock);
        this.stored = checkpoint.read().orElse(null);
    }

    /**
     * Takes the data folder for this monitor alone, until {@link #release}; does nothing if it has it. A folder that cannot be written yet
     * is tried again at the next start of capture.
     *
     * @throws DataFolderInUseException if another monitor has it, in this process or in another
     * @throws IllegalStateException if there is a checkpoint that cannot be read
     */
    public void acquire() {
        lock.lock();
        try {
            if (folder.acquire()) {
                stored = checkpoint.read().orElse(null); // it may have moved on until now
            }
        } finally {
            lock.unlock();
        }
    }

    /** Gives the data folder back. */
    public void release() {
        folder.release();
    }

    /** What changes the stored position; called under the lock. */
    private interface Write {
        void run() throws IOException;
    }

    private void exclusively(Write write) throws IOException {
        lock.lock();
        try {
            write.run();
        } finally {
            lock.unlock();
        }
        storeReleased(); // what another thread left to this one
    }

    private void storeReleased() {
        while (inFlight.hasReleased() && lock.tryLock()) {
            try {
                inFlight.takeReleased().ifPresent(offset -> store(offset, false));
            } finally {
                lock.unlock();
            }
        }
    }

    private void store(EngineOffset offset, boolean cleanly) {
        // The engine's thread is interrupted when capture stops, and an interrupted thread cannot write to a file
        // channel.
        boolean interrupted = Thread.interrupted();
        try {
            schemaHistory.force();
            boolean snapshotDone = isSnapshotRunning() && !offset.isWithinTableSnapshot();
            stored = checkpoint.write(offset, cleanly, requested, origin().orElse(null));
            if (snapshotDone && !isSnapshotRunning()) {
                LOG.info("Snapshot done: {}. Continuing with the binary log from {}", snapshot.summary(), position());
            }
            LOG.debug("Checkpoint {}", offset.offset());
            if (writeFailure != null) {
                LOG.info("Checkpoint {} can be written again", checkpoint.file());
            }
            writeFailure = null;
        } catch (IOException e) {
            if (writeFailure == null) {
                LOG.error(
                        "Checkpoint {} cannot be written: {}. Publishing continues; a restart would publish again from {}. Free "
                                + "disk space or fix the permissions.",
                        checkpoint.file(),
                        e.toString(),
                        position());
            }
            writeFailure = e;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Stores a place to begin at that is not the engine's: nothing before it is published, and everything after it. Ends the run.
     * Whose binary log it is in is told by {@link #belongsTo}.
     *
     * @param needed what the engine has to read from the tables before it goes on from there, if not more is pending already
     * @throws IOException if the checkpoint cannot be written
     */
    public void beginAt(BinlogPosition place, Pending needed) throws IOException {
        beginAt(place, needed, true);
    }

    /**
     * As {@link #beginAt}, where consumers may know some of what follows: it is not merged.
     *
     * @throws IOException if the checkpoint cannot be written
     */
    public void beginAgainAt(BinlogPosition place, Pending needed) throws IOException {
        beginAt(place, needed, false);
    }

    private void beginAt(BinlogPosition place, Pending needed, boolean clean) throws IOException {
        exclusively(() -> {
            prepare();
            inFlight.clear();
            request(needed);
            stored = checkpoint.write(EngineOffset.at(place, name), clean, requested, null);
        });
    }

    /**
     * Stores whose binary log the checkpoint belongs to.
     *
     * @throws IOException if the checkpoint cannot be written
     */
    public void belongsTo(BinlogOrigin origin) throws IOException {
        exclusively(() -> {
            if (!origin.equals(stored.origin())) {
                stored = checkpoint.write(stored.offset(), stored.clean(), stored.pending(), origin);
            }
        });
    }

    /** Whose binary log the checkpoint belongs to; empty if that is not known. */
    public Optional<BinlogOrigin> origin() {
        return Optional.ofNullable(stored).map(Checkpoint.Stored::origin);
    }

    /**
     * Has the engine read the definitions of the tables again from its next start on, even if the position still moves until then: right
     * if no table was altered since the checkpoint.
     *
     * @throws IOException if the checkpoint cannot be written
     */
    public void rebuildSchema() throws IOException {
        exclusively(() -> {
            request(Pending.SCHEMA);
            stored = checkpoint.write(stored.offset(), stored.clean(), requested, stored.origin());
        });
    }

    /**
     * Has the engine go on from the same place by file and position alone. Ends the run.
     *
     * @throws IOException if the checkpoint cannot be written
     */
    public void forgetGtids() throws IOException {
        exclusively(() -> {
            inFlight.clear();
            stored =
                    checkpoint.write(stored.offset().withoutGtids(), stored.clean(), stored.pending(), stored.origin());
        });
    }

    private void prepare() throws IOException {
        folder.acquire();
        checkpoint.prepare();
    }

    private void request(Pending needed) {
        requested = pending().compareTo(needed) < 0 ? needed : pending();
    }

    /**
     * Has the engine read a table, from its next start on and while it reads the binary log. Ends the run.
     *
     * @param table {@code database.table}
     * @param where an SQL condition; empty for all rows
     * @throws IOException if the checkpoint cannot be written
     */
    public void snapshotTable(String table, String where) throws IOException {
        exclusively(() -> {
            inFlight.clear();
            stored = checkpoint.write(
                    stored.offset().withTableSnapshot(table, where), stored.clean(), stored.pending(), stored.origin());
        });
    }

    /**
     * Begins a run, before a new engine reads on from the checkpoint.
     *
     * @return whether nothing was published beyond the checkpoint
     * @throws IOException if the checkpoint cannot be written
     */
    boolean begin() throws IOException {
        lock.lock();
        try {
            prepare();
            inFlight.clear();
            boolean clean = stored.clean();
            if (clean) {
                // before the first message goes out
                stored = checkpoint.write(stored.offset(), false, stored.pending(), stored.origin());
            }
            requested = Pending.NOTHING;
            return clean;
        } finally {
            lock.unlock();
        }
    }

    /**
     * After the engine has ended: notes that nothing was published beyond its last offset, so that the next start knows that nothing comes
     * twice; unless something still waits for its confirm.
     *
     * @param end tells whether that offset may be called clean
     */
    void markClean(Predicate<EngineOffset> end) {
        lock.lock();
        try {
            inFlight.latestIfAllConfirmed().filter(end).ifPresent(offset -> {
                inFlight.takeReleased();
                store(offset, true);
            });
        } finally {
            lock.unlock();
        }
        storeReleased();
    }

    /** Ends the run: what it has in flight is not waited for, and a confirm that still comes changes nothing. */
    public void endRun() {
        inFlight.clear();
    }

    /**
     * Makes the schema history fit for the next start of the engine: empty if it is to be made again, without an unfinished line if
     * not.
     *
     * @return whether there are definitions in it
     * @throws SchemaHistoryDamagedException if it cannot be read
     * @throws IOException if it cannot be written
     */
    public boolean prepareSchemaHistory() throws IOException {
        exclusively(() -> {
            if (pending() != Pending.NOTHING) {
                schemaHistory.delete();
            }
            schemaHistory.truncateUnfinishedLine();
        });
        return schemaHistory.exists();
    }

    /** The number of the run, by which an engine says whose offset it reports. */
    long run() {
        return inFlight.run();
    }

    void opened(Window window) {
        inFlight.opened(window);
    }

    /**
     * The engine has handed over everything up to an offset; called on the thread that fills the windows.
     *
     * @param run the run in which the engine was started
     * @return false if that run is over, and the offset does not count
     */
    boolean reported(long run, EngineOffset offset) {
        boolean current = inFlight.reported(run, offset);
        storeReleased();
        return current;
    }

    void confirmed(Window window) {
        inFlight.confirmed(window);
        storeReleased();
    }

    /**
     * The window was not published, and nothing after it counts in this run.
     *
     * @return false if its run is over
     */
    boolean failed(Window window) {
        return inFlight.failed(window);
    }

    InFlight<EngineOffset> inFlight() {
        return inFlight;
    }

    Optional<EngineOffset> stored() {
        return Optional.ofNullable(stored).map(Checkpoint.Stored::offset);
    }

    /** What the engine has to read from the tables before it goes on from the checkpoint. */
    public Pending pending() {
        Checkpoint.Stored last = stored;
        return last == null ? Pending.NOTHING : last.pending();
    }

    /** Whether rows of the tables have to be read and published before the checkpoint moves. */
    public boolean isSnapshotPending() {
        return pending() == Pending.SNAPSHOT;
    }

    /** Whether rows of tables are read, before the binary log or while it is. */
    public boolean isSnapshotRunning() {
        return isSnapshotPending()
                || stored().filter(EngineOffset::isWithinTableSnapshot).isPresent();
    }

    /** How far the snapshot is. */
    public SnapshotProgress snapshot() {
        return snapshot;
    }

    /** The file that holds the checkpoint. */
    public Path file() {
        return checkpoint.file();
    }

    /** The file that holds the definitions of the tables. */
    public Path schemaHistoryFile() {
        return schemaHistory.file();
    }

    /** The stored position as {@code file:position}, or {@code none}. */
    public String position() {
        return place().map(BinlogPosition::toString).orElse("none");
    }

    /** The stored position with its GTIDs, which decide where there are some, for a line of the log; a long set is cut off. */
    public String described() {
        String gtids = place().map(BinlogPosition::gtids).orElse("");
        String shown = gtids.length() <= LONGEST_GTIDS ? gtids : gtids.substring(0, LONGEST_GTIDS) + "...";
        return shown.isEmpty() ? position() : position() + " (GTIDs " + shown + ')';
    }

    /** The stored position or, within a transaction, that transaction's start; empty if there is none yet. */
    public Optional<BinlogPosition> place() {
        return stored().map(EngineOffset::place);
    }

    /** When the position was stored; empty if there is none yet. */
    public Optional<Instant> storedAt() {
        return Optional.ofNullable(stored).map(Checkpoint.Stored::time);
    }

    /** Why the last position could not be stored; empty if it was. */
    public Optional<IOException> writeFailure() {
        return Optional.ofNullable(writeFailure);
    }

    /** The window that has waited longest for its confirm. */
    public Optional<Window> oldestWindow() {
        return inFlight.oldest();
    }

    /** Whether something that was captured waits for its confirm, also of a run that has ended by itself. */
    public boolean awaitsConfirms() {
        return inFlight.oldest().isPresent();
    }

    /**
     * Waits until nothing captured waits for its confirm any more.
     *
     * @return whether all is confirmed; false when the timeout passed, the thread was interrupted, or something failed
     */
    public boolean awaitDrained(Duration timeout) {
        try {
            return inFlight.awaitEmpty(timeout);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}

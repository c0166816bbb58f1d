package io.mysqlmonitor.checkpoint;

import io.mysqlmonitor.change.BinlogCoordinates;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.TableStatement;
import io.mysqlmonitor.dedupe.Passage;
import io.mysqlmonitor.dedupe.Window;
import io.mysqlmonitor.dedupe.WindowListener;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.spi.ExceptionHandler;
import org.apache.camel.support.RoutePolicySupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy of the capture route: tells the {@link CheckpointKeeper} what is captured and what RabbitMQ has confirmed, stops the
 * reading of the binary log while too much is in flight, and runs the heartbeat route while capture runs.
 *
 * <p>The engine reports an offset after the rows before it have entered a window ({@link CheckpointOffsetStore}); the offset is
 * stored when that window and all before it are confirmed.
 */
public final class CheckpointRoutePolicy extends RoutePolicySupport implements WindowListener, ExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointRoutePolicy.class);

    private static final Duration LOOK = Duration.ofSeconds(1);
    /** What is reported later is read once more. */
    private static final Duration LONGEST_REPORT = Duration.ofSeconds(3);

    private static final int HEARTBEAT_SECONDS = 5;

    /** The engine asks the server for all definitions, and parses them, before it stores the first. */
    private static final int STALL_TIMEOUTS_FOR_DEFINITIONS = 10;

    private final CheckpointKeeper keeper;
    private final InFlight<EngineOffset> inFlight;
    private final Duration stallTimeout;
    private final String heartbeatRouteId;
    private final Clock timeOfDay;
    private final Clock clock;
    private final Replay replay = new Replay();
    private final AtomicLong captured = new AtomicLong();
    private final AtomicLong merged = new AtomicLong();
    private final AtomicLong mergedAway = new AtomicLong();
    private final AtomicLong published = new AtomicLong();
    private final AtomicLong starts = new AtomicLong();
    private volatile boolean running;
    private volatile Instant lastSign;
    private volatile boolean awaitsDefinitions;
    private volatile Instant lastPublished;
    private volatile boolean throttling;
    private volatile boolean capturedSinceReport;
    private volatile Throwable failure;
    private volatile Consumer<Window> onConfirmed = window -> {};
    private volatile BiPredicate<String, String> watched = (database, table) -> true;
    private volatile boolean charsetsNamed = true;
    private volatile BinlogPosition definedAt;
    private volatile Passage latest;

    /**
     * @param keeper keeps the stored position
     * @param stallTimeout silence of the engine after which it is taken for dead; ten times as long until it stores the first
     *     definition of a table, where it reads them from the server
     * @param heartbeatRouteId the route to start and stop with the capture route
     * @param timeOfDay by which the lag is measured
     * @param clock gives durations, such as those between signs of life, and is not set back
     */
    public CheckpointRoutePolicy(
            CheckpointKeeper keeper, Duration stallTimeout, String heartbeatRouteId, Clock timeOfDay, Clock clock) {
        this.keeper = keeper;
        this.inFlight = keeper.inFlight();
        this.stallTimeout = stallTimeout;
        this.heartbeatRouteId = heartbeatRouteId;
        this.timeOfDay = timeOfDay;
        this.clock = clock;
        this.lastPublished = clock.instant();
    }

    @Override
    protected void doStart() throws Exception {
        keeper.acquire();
        CheckpointOffsetStore.attach(this);
        super.doStart();
    }

    @Override
    protected void doShutdown() throws Exception {
        CheckpointOffsetStore.detach(this);
        keeper.release();
        super.doShutdown();
    }

    @Override
    public void onStart(Route route) {
        lastSign = clock.instant();
        running = true;
        try {
            controller(route).startRoute(heartbeatRouteId);
        } catch (Exception e) {
            LOG.warn("Heartbeat messages cannot be sent: route {} did not start", heartbeatRouteId, e);
        }
    }

    @Override
    public void onStop(Route route) {
        running = false;
        try {
            // A heartbeat that an Error ended is in flight for ever.
            controller(route).stopRoute(heartbeatRouteId, HEARTBEAT_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            LOG.warn("Route {} did not stop", heartbeatRouteId, e);
        }
    }

    /** The engine reads or stores the definition of a table: of many tables that takes longer than the stall timeout. */
    void definitionRead() {
        awaitsDefinitions = false;
        lastSign = clock.instant();
    }

    /** A record came from the engine: a sign of life, and the moment to wait if too much is in flight. */
    @Override
    public void onExchangeBegin(Route route, Exchange exchange) {
        endLatest();
        latest = Passage.begin(exchange, this::strayed);
        try {
            while (!inFlight.awaitRoom(LOOK)) {
                throttling = true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the engine is being closed; what it has handed out is still taken
        } finally {
            throttling = false;
            capturedSinceReport = true;
            awaitsDefinitions = false;
            lastSign = clock.instant();
        }
    }

    /** The route is done with the latest record. Not in {@link #onExchangeDone}, which Camel skips while it stops. */
    private void endLatest() {
        Passage passage = latest;
        if (passage != null && !passage.end()) {
            strayed();
        }
    }

    private void strayed() {
        if (failure == null) {
            failure = new IllegalStateException(
                    "a change left capture.camel.yaml without being in a window, filtered or stopped, so that the position would pass it: "
                            + "take steps that go on in another thread (seda, wireTap, aggregate) out of its way to mysql-monitor-window, "
                            + "and end what is not to be published by a filter or a stop");
        }
    }

    /** Capture has ended by itself: only reading on from the checkpoint can help. */
    @Override
    public void handleException(Throwable cause) {
        failure = cause;
    }

    @Override
    public void handleException(String message, Throwable cause) {
        handleException(cause);
    }

    @Override
    public void handleException(String message, Exchange exchange, Throwable cause) {
        handleException(cause);
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
        captured.addAndGet(window.captured());
        merged.addAndGet(window.captured() - window.rows());
        mergedAway.addAndGet(window.captured()
                - window.changes().stream().mapToLong(Change::merged).sum());
        if (window.rows() > 0) {
            published.addAndGet(window.rows());
            lastPublished = clock.instant();
        }
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
            failure = cause;
        }
    }

    /** A heartbeat message goes out: the time until the next begins anew. */
    public void heartbeatSent() {
        lastPublished = clock.instant();
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
    void captured(long run, EngineOffset told) {
        endLatest();
        if (failure != null || run != keeper.run()) {
            return;
        }
        EngineOffset offset = told.withoutTableSnapshotMark();
        if (offset.isWithinSnapshot()) { // after a restart it begins anew
            capturedSinceReport = false;
            return;
        }
        replay.snapshotRead();
        if (keeper.captured(run, offset)) {
            capturedSinceReport = false;
        }
    }

    Optional<EngineOffset> stored() {
        return keeper.stored();
    }

    /**
     * What is watched.
     *
     * @param tables takes the names of a database and a table
     * @param withCharsets whether the binary log names the character sets of columns before rows, so that statements need not
     */
    public void watch(BiPredicate<String, String> tables, boolean withCharsets) {
        watched = tables;
        charsetsNamed = withCharsets;
    }

    boolean areCharsetsNamed() {
        return charsetsNamed;
    }

    boolean isWatched(TableStatement.Name table) {
        return watched.test(table.database(), table.table());
    }

    /**
     * The engine has read a statement that defines a watched table, and could not make out how. Waits until all that was read before
     * it is confirmed, so that the checkpoint stands right before it, and ends the engine; unless the definitions were read from the
     * tables after that statement.
     *
     * @param place the end of the statement
     */
    void definitionChanges(TableStatement.Name table, BinlogPosition place, String sql) {
        BinlogPosition asOf = definedAt;
        if (asOf != null && !asOf.isBefore(place)) {
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
        awaitConfirmed();
        if (failure == null) {
            failure = event;
        }
    }

    private void awaitConfirmed() {
        try {
            while (failure == null && (!inFlight.awaitEmpty(LOOK) || mayBeReported())) {
                TimeUnit.MILLISECONDS.sleep(LOOK.toMillis() / 10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the engine may be about to report more. It reports no offset within an XA transaction, say. */
    private boolean mayBeReported() {
        return silence().orElse(LOOK).compareTo(capturedSinceReport ? LONGEST_REPORT : LOOK) < 0;
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
    public void replaysUntil(BinlogCoordinates end) {
        replay.endsAt(end.toPosition());
    }

    /**
     * Begins a run, before a new engine reads on from the checkpoint.
     *
     * @param end the current end of the server's binary log: after an unclean stop, what stands before it may have been published
     * @throws IOException if the checkpoint cannot be written
     */
    public void rewind(BinlogCoordinates end) throws IOException {
        boolean clean = keeper.begin();
        starts.incrementAndGet();
        failure = null;
        latest = null;
        awaitsDefinitions = keeper.pending() != Pending.NOTHING;
        definedAt = awaitsDefinitions ? end.toPosition() : definedAt;
        if (keeper.isSnapshotPending()) {
            replay.beginsWithSnapshot();
        } else if (clean) {
            replay.clear();
        } else {
            replay.endsAt(end.toPosition());
        }
    }

    /** After the engine has ended and all is confirmed: notes it, so that the next start knows that nothing comes twice. */
    public void markClean() {
        if (!capturedSinceReport && failure == null) {
            keeper.markClean(end -> !replay.goesBeyond(end.coordinates().toPosition()));
        }
    }

    /** The file that holds the checkpoint. */
    public Path file() {
        return keeper.file();
    }

    /** The file that holds the definitions of the tables. */
    Path schemaHistoryFile() {
        return keeper.schemaHistoryFile();
    }

    /** The stored position as {@code file:position}, or {@code none}. */
    public String position() {
        return keeper.position();
    }

    /** The stored position or, within a transaction, that transaction's begin; empty if there is none yet. */
    public Optional<BinlogCoordinates> coordinates() {
        return keeper.coordinates();
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

    /** How far the snapshot is. */
    public SnapshotProgress snapshot() {
        return keeper.snapshot();
    }

    /** Why capture has to begin again at the checkpoint; empty if it has not. */
    public Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    /** Whether capture goes on: its route runs, the engine gives signs of life, and no change failed. */
    public boolean isAlive() {
        return running
                && failure == null
                && silence()
                        .filter(silence -> silence.compareTo(longestSilence()) <= 0)
                        .isPresent();
    }

    private Duration longestSilence() {
        return awaitsDefinitions ? stallTimeout.multipliedBy(STALL_TIMEOUTS_FOR_DEFINITIONS) : stallTimeout;
    }

    /** Time since the engine last handed out a record, zero while it is made to wait; empty if capture has not begun. */
    public Optional<Duration> silence() {
        return Optional.ofNullable(lastSign)
                .map(sign -> throttling ? Duration.ZERO : Duration.between(sign, clock.instant()));
    }

    /** Age of the oldest change in flight, by the clocks of both machines; zero if there is none. */
    public Duration lag() {
        return inFlight.oldest()
                .map(window -> Duration.between(Instant.ofEpochSecond(window.committedAt()), timeOfDay.instant()))
                .filter(age -> !age.isNegative())
                .orElse(Duration.ZERO);
    }

    /** Time since a message was last published. */
    public Duration idle() {
        return Duration.between(lastPublished, clock.instant());
    }

    @Override
    public long inFlight() {
        return inFlight.rows();
    }

    /** Roughly the heap that these take, in bytes. */
    public long bytesInFlight() {
        return inFlight.bytes();
    }

    /** How often capture began again after its first start. */
    public long restarts() {
        return Math.max(0, starts.get() - 1);
    }

    /** Changes of the binary log whose window is confirmed. */
    public long captured() {
        return captured.get();
    }

    /** Changes that were merged into others. */
    public long merged() {
        return merged.get();
    }

    /** Changes of which nothing was left to publish. */
    public long mergedAway() {
        return mergedAway.get();
    }

    /** Messages about changes that the broker has confirmed. */
    public long published() {
        return published.get();
    }
}

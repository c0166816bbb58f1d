package io.mysqlmonitor.supervise;

import io.mysqlmonitor.capture.CaptureEndpoint;
import io.mysqlmonitor.capture.ConnectorSettings;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.Gap;
import io.mysqlmonitor.checkpoint.CaptureProgress;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.CheckpointSchemaHistory;
import io.mysqlmonitor.checkpoint.Pending;
import io.mysqlmonitor.server.MysqlServer;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.camel.CamelExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;

/**
 * One try to start capture: nothing waits for a confirm, both servers answer, the starting point is chosen and stored, and the engine is
 * set up for it. What is not ready is the problem of the next try.
 *
 * <p>For the supervisor's thread.
 */
final class CaptureStart {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureSupervisor.class);

    /** For a server that does not answer, so that capture goes on soon after its return. */
    private static final Duration LONGEST_CONNECT_DELAY = Duration.ofSeconds(4);
    /** Confirms that are awaited for less than two seconds are not worth a line. */
    private static final int LOOKS_UNTIL_SAID = 4;
    /**
     * Without GTIDs a server tells of the place after a transaction before that is seen in the tables; with semi-synchronous
     * replication it takes up to ten seconds.
     */
    private static final Duration COMMIT = Duration.ofSeconds(10);

    private static final List<String> WATCH_LISTS =
            List.of("database.include.list", "database.exclude.list", "table.include.list", "table.exclude.list");

    /** What came of a try. */
    sealed interface Outcome {}

    /** The engine can be started. */
    record Ready(String server) implements Outcome {}

    /** Nothing is wrong; the next look may find it ready. */
    record Waiting() implements Outcome {}

    /** Something is not ready that may become so by itself. */
    record Retry(String problem, Duration longestDelay) implements Outcome {}

    /** Only a person can do something about it. */
    record Refused(String problem) implements Outcome {}

    private final CaptureRoute route;
    private final Database database;
    private final Destination destination;
    private final CaptureProgress progress;
    private final CheckpointKeeper keeper;
    private final StartingPoint startingPoint;
    private final EngineEnd engineEnd;
    private final Consumer<Gap> gaps;
    private final TableSnapshots snapshots;
    private final Runnable closeWindow;
    private final SlowSteps steps;
    private int looksAwaitingConfirms;

    /**
     * @param gaps publishes a gap message and returns when it is confirmed
     * @param closeWindow completes the window that is open, if one is
     * @param steps told what is waited for
     */
    CaptureStart(
            CaptureRoute route,
            Database database,
            Destination destination,
            CaptureProgress progress,
            CheckpointKeeper keeper,
            StartingPoint startingPoint,
            EngineEnd engineEnd,
            Consumer<Gap> gaps,
            TableSnapshots snapshots,
            Runnable closeWindow,
            SlowSteps steps) {
        this.route = route;
        this.database = database;
        this.destination = destination;
        this.progress = progress;
        this.keeper = keeper;
        this.startingPoint = startingPoint;
        this.engineEnd = engineEnd;
        this.gaps = gaps;
        this.snapshots = snapshots;
        this.closeWindow = closeWindow;
        this.steps = steps;
    }

    /**
     * Tries once; a {@link Ready} engine is to be started at once.
     *
     * @param mayRun whether the supervisor was not stopped meanwhile; asked before a run is begun
     */
    Outcome attempt(BooleanSupplier mayRun) {
        Outcome outcome = tryOnce(mayRun);
        if (!(outcome instanceof Waiting)) {
            steps.end();
        }
        return outcome;
    }

    private Outcome tryOnce(BooleanSupplier mayRun) {
        if (keeper.awaitsConfirms()) {
            // What waits would be read and held a second time, and a gap message would overtake it.
            closeWindow.run();
            sayThatConfirmsAreAwaited();
            return new Waiting();
        }
        looksAwaitingConfirms = 0;
        try {
            steps.begin(database + " to answer");
            MysqlServer.Status server = database.status(keeper.place());
            if (!server.problems().isEmpty()) {
                return new Refused(String.join(". ", server.problems()));
            }
            steps.begin(destination + " to accept a connection");
            destination.connect();
            Optional<String> missing = route.missingRoute();
            if (missing.isPresent()) {
                steps.begin("route " + missing.get() + " to be started");
                return new Waiting();
            }
            steps.begin("the place in the binary log to start at, and " + keeper.schemaHistoryFile());
            return begin(server, mayRun);
        } catch (SQLException e) {
            return new Retry(database.explain(e), LONGEST_CONNECT_DELAY);
        } catch (AmqpException e) {
            return new Retry(destination.explain(e), LONGEST_CONNECT_DELAY);
        } catch (IOException e) {
            return new Retry(
                    "checkpoint " + keeper.file() + " cannot be written: " + e
                            + "; free disk space or fix the permissions",
                    LONGEST_CONNECT_DELAY);
        } catch (CamelExecutionException e) {
            return new Retry("the gap message cannot be published: " + e.getCause(), LONGEST_CONNECT_DELAY);
        }
    }

    private Outcome begin(MysqlServer.Status server, BooleanSupplier mayRun) throws IOException, SQLException {
        Optional<String> refusal = startingPoint.choose(server, gaps);
        if (refusal.isPresent()) {
            return new Refused(refusal.get());
        }
        if (keeper.isSnapshotPending()) {
            keeper.snapshot().begin(database.estimatedRows());
        }
        BinlogPosition place = keeper.place().orElseThrow();
        if (server.taggedGtids() && !place.gtids().isEmpty()) {
            LOG.info("The server has tagged GTIDs: the binary log is read by file and position");
            keeper.forgetGtids();
        }
        if (server.mariadb()) {
            addGtids(place);
        }
        snapshots.begin();
        if (!mayRun.getAsBoolean()) {
            return new Waiting();
        }
        progress.rewind(server.end());
        Optional<CaptureEndpoint> capture = route.endpoint();
        if (capture.isPresent()) {
            warnIfNothingIsWatched(capture.get());
            setUp(capture.get(), server);
        }
        return new Ready(server.version());
    }

    private void setUp(CaptureEndpoint capture, MysqlServer.Status server) {
        capture.prepare(server, keeper.isSnapshotRunning() && !keeper.isSnapshotPending());
        progress.watch(capture::isWatched, server.namesCharsets());
        capture.onUnreadable(engineEnd.passesUnreadable(), progress::endBefore);
        capture.onBegin(CheckpointSchemaHistory::begins);
        switch (keeper.pending()) {
            case NOTHING -> capture.readNothing();
            case SCHEMA -> capture.readSchema();
            case SNAPSHOT -> capture.readTables(server.gtids() ? Duration.ZERO : COMMIT);
        }
    }

    /** In place of the connector's own warning, which names none of the properties. */
    private void warnIfNothingIsWatched(CaptureEndpoint capture) throws SQLException {
        if (database.tables().stream().noneMatch(table -> capture.isWatched(table.database(), table.name()))) {
            LOG.warn(nothingIsWatched(capture.connectorSettings()));
        }
    }

    static String nothingIsWatched(Map<String, String> connector) {
        String lists = WATCH_LISTS.stream()
                .filter(list -> !connector.getOrDefault(list, "").isEmpty())
                .map(list -> ConnectorSettings.propertyFor(list).orElseThrow() + "=" + connector.get(list))
                .collect(Collectors.joining(", "));
        return lists.isEmpty()
                ? "The user can read no table; changes are published once a table is created. Otherwise check the privileges "
                        + "of the user"
                : "No existing table matches " + lists
                        + " (tables are written database.table); changes are published once a "
                        + "matching table is created. Otherwise check mysql.databases, mysql.tables and the privileges of the user";
    }

    private void sayThatConfirmsAreAwaited() {
        looksAwaitingConfirms++;
        if (looksAwaitingConfirms == LOOKS_UNTIL_SAID) {
            LOG.warn(
                    "Capture waits until RabbitMQ has confirmed {} changes that were already read; the checkpoint is {}",
                    progress.inFlight(),
                    keeper.position());
        }
    }

    /** MariaDB's connector starts by GTID, and at the very start if there is none; a place that a person gave has none. */
    private void addGtids(BinlogPosition place) throws SQLException, IOException {
        if (place.gtids().isEmpty() && !place.equals(BinlogPosition.BEGIN)) {
            BinlogPosition known = database.withGtids(place);
            keeper.beginAt(known.gtids().isEmpty() ? BinlogPosition.BEGIN : known, Pending.NOTHING);
        }
    }
}

package io.mysqlmonitor;

import io.mysqlmonitor.capture.CaptureConsumer;
import io.mysqlmonitor.capture.CaptureEndpoint;
import io.mysqlmonitor.capture.MysqlServer;
import io.mysqlmonitor.change.BinlogCoordinates;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.CheckpointRoutePolicy;
import io.mysqlmonitor.checkpoint.CheckpointSchemaHistory;
import io.mysqlmonitor.checkpoint.Pending;
import io.mysqlmonitor.publish.Broker;
import java.io.EOFException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.support.service.ServiceSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;

/**
 * Keeps the capture route running: starts it once MySQL and RabbitMQ answer, and starts it anew when capture ended by itself or
 * gave no sign of life for too long; a live engine lets a record pass every few seconds even on an idle server.
 *
 * <p>Each try waits twice as long as the one before, up to {@value #MAX_DELAY_SECONDS} s ({@value #MAX_CONNECT_DELAY_SECONDS} s
 * for a server that does not answer), until capture has lived for {@value #MAX_DELAY_SECONDS} s.
 * What only a person can mend halts it.
 */
final class CaptureSupervisor extends ServiceSupport implements CamelContextAware {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureSupervisor.class);
    private static final int MAX_DELAY_SECONDS = 30;
    /** For a server that is away, so that capture goes on soon after its return. */
    private static final int MAX_CONNECT_DELAY_SECONDS = 4;
    /** Confirms that are awaited for less than two seconds are not worth a line. */
    private static final int LOOKS_UNTIL_SAID = 4;

    /** How long it may take until a setting of the server is noticed that was changed so that changes are missed. */
    private static final Duration SETTINGS_CHECK = Duration.ofSeconds(30);
    /**
     * Without GTIDs a server tells of the place after a transaction before that is seen in the tables; with semi-synchronous
     * replication it takes up to ten seconds.
     */
    private static final Duration COMMIT = Duration.ofSeconds(10);

    /** How long a stop waits for what the supervisor does in this moment. */
    private static final Duration STOP = Duration.ofSeconds(5);

    /** What capture needs to be there. */
    private static final List<String> FLOW =
            List.of("mysql-monitor-window", "mysql-monitor-publish", "mysql-monitor-send");

    private final String routeId;
    private final GapPublisher gaps;
    private final MysqlServer mysql;
    private final Broker broker;
    private final CheckpointRoutePolicy policy;
    private final CheckpointKeeper keeper;
    private final StartingPoint startingPoint;
    private final SnapshotRequests snapshots;
    private final BooleanSupplier isWindowOverdue;
    private final LostWindow lostWindow;
    private final Supplier<Throwable> publisherError;
    private final Runnable closeWindow;
    private final Consumer<String> halt;
    private final Clock clock;
    private final ClockSteps clockSteps;
    private final SlowSteps steps;
    private CamelContext context;

    /** Guarded by this. */
    private ScheduledExecutorService executor;

    // touched by the supervisor's thread alone
    private Duration delay = Duration.ZERO;
    private Instant nextTry = Instant.MIN;
    private Instant started = Instant.MIN;
    private Instant settingsChecked = Instant.MIN;
    private String announcedProblem = "none yet"; // the one after which capture was last said to have started
    private boolean disconnectedBefore;
    private boolean suspended;
    private int looksAwaitingConfirms;
    private boolean halted;

    /** Written by the supervisor's thread alone. */
    private volatile String lastProblem = "";

    /**
     * @param routeId the capture route
     * @param gaps publishes what was missed
     * @param snapshots tables that are to be read again
     * @param isWindowOverdue whether a window is open though its time is over
     * @param publisherError gives, once, what ended the way of a window to the broker; null if nothing did
     * @param closeWindow completes the window that is open, if one is
     * @param halt told, once, why capture does not run and will not
     * @param timeOfDay the system's clock, which may be set
     * @param clock gives durations, and is not set back
     */
    CaptureSupervisor(
            String routeId,
            GapPublisher gaps,
            MysqlServer mysql,
            Broker broker,
            CheckpointRoutePolicy policy,
            CheckpointKeeper keeper,
            StartingPoint startingPoint,
            SnapshotRequests snapshots,
            BooleanSupplier isWindowOverdue,
            LostWindow lostWindow,
            Supplier<Throwable> publisherError,
            Runnable closeWindow,
            Consumer<String> halt,
            Clock timeOfDay,
            Clock clock) {
        this.routeId = routeId;
        this.gaps = gaps;
        this.mysql = mysql;
        this.broker = broker;
        this.policy = policy;
        this.keeper = keeper;
        this.startingPoint = startingPoint;
        this.snapshots = snapshots;
        this.isWindowOverdue = isWindowOverdue;
        this.lostWindow = lostWindow;
        this.publisherError = publisherError;
        this.closeWindow = closeWindow;
        this.halt = halt;
        this.clock = clock;
        this.clockSteps = new ClockSteps(timeOfDay, clock);
        this.steps = new SlowSteps(clock);
    }

    @Override
    protected synchronized void doStart() {
        delay = Duration.ZERO;
        nextTry = Instant.MIN;
        lastProblem = "";
        announcedProblem = "none yet";
        halted = false;
        suspended = false;
        executor = context.getExecutorServiceManager().newScheduledThreadPool(this, "CaptureSupervisor", 2);
        executor.scheduleWithFixedDelay(this::look, 0, LostWindow.LOOK.toMillis(), TimeUnit.MILLISECONDS);
        executor.scheduleWithFixedDelay(steps, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    protected synchronized void doStop() {
        if (executor == null) {
            return;
        }
        ScheduledExecutorService last = executor;
        executor = null;
        context.getExecutorServiceManager().shutdownNow(last);
        try {
            if (!last.awaitTermination(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("The supervisor still waits for a server; it starts capture no more");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends normally whatever happens: after an exception or an Error the executor would not call it again. */
    private void look() {
        try {
            lookOnce();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            backOff(e.toString(), MAX_DELAY_SECONDS, e);
        } catch (Throwable e) {
            survive(e);
        }
    }

    /** Why capture does not run, or did not last; empty if it runs well. */
    Optional<String> problem() {
        return Optional.of(lastProblem).filter(problem -> !problem.isEmpty());
    }

    private void survive(Throwable error) {
        try {
            backOff(
                    error instanceof OutOfMemoryError ? MysqlServer.OUT_OF_MEMORY : error.toString(),
                    MAX_DELAY_SECONDS,
                    error);
        } catch (Throwable again) {
            nextTry = Instant.MIN; // no memory for a line; the next look tells
        }
    }

    private void lookOnce() throws Exception {
        if (halted || !isRunAllowed()) {
            return;
        }
        if (context.getStatus() != ServiceStatus.Started) {
            lookAtPaused();
            return;
        }
        if (suspended) {
            suspended = false;
            // Camel has started the engine again, but not as a run of its own.
            context.getRouteController().stopRoute(routeId);
        }
        if (isWindowOverdue.getAsBoolean()) {
            closeWindow.run();
        }
        noticeLostWindow();
        Optional<Duration> setBack = clockSteps.setBack();
        boolean running = isStarted(routeId);
        if (setBack.isPresent() && running) {
            restartAfter(setBack.get());
        } else if (clock.instant().isBefore(nextTry)) {
            return;
        } else if (running) {
            lookAtRunning();
        } else {
            startCapture();
        }
    }

    private void noticeLostWindow() {
        lostWindow
                .look()
                .ifPresent(window -> policy.failed(
                        window,
                        new IllegalStateException(
                                "the " + window + " was not published, and nothing tries it any more: an Error such as "
                                        + "OutOfMemoryError ended its way, or a step of publish.camel.yaml took it to another thread",
                                publisherError.get())));
    }

    /** While the context is suspended, nothing is read. */
    private void lookAtPaused() throws Exception {
        ServiceStatus status = context.getStatus();
        if (status == ServiceStatus.Suspended || status == ServiceStatus.Suspending) {
            suspended = true;
            if (status == ServiceStatus.Suspended && isStarted(routeId)) {
                context.getRouteController().stopRoute(routeId); // was about to start
            }
        }
    }

    private boolean isStarted(String route) {
        return context.getRouteController().getRouteStatus(route) == ServiceStatus.Started;
    }

    private void restartAfter(Duration setBack) throws Exception {
        lastProblem = "The system's clock was set back by " + setBack.toSeconds() + " s, and the connector waits by it";
        LOG.warn("{}. Capture starts again from the checkpoint {}.", lastProblem, policy.position());
        context.getRouteController().stopRoute(routeId);
        closeWindow.run();
    }

    private void lookAtRunning() throws Exception {
        boolean disconnected =
                context.getRoute(routeId).getConsumer() instanceof CaptureConsumer capture && capture.isDisconnected();
        if (disconnected && disconnectedBefore && policy.failure().isEmpty()) {
            policy.handleException(new EOFException("the server ended the connection"));
        }
        disconnectedBefore = disconnected; // a look later, so that an engine that ends can tell its own cause first
        if (policy.failure().isPresent()) {
            Throwable cause = policy.failure().get();
            Optional<String> refusal = startingPoint.afterEnd(cause);
            if (refusal.isPresent()) {
                context.getRouteController().stopRoute(routeId);
                LOG.debug("Capture ended", cause);
                halt(refusal.get());
            } else {
                stopCapture("capture ended: " + mysql.explain(cause), cause);
            }
        } else if (!policy.isAlive()) {
            stopCapture(
                    "no sign of life from the binary log for "
                            + policy.silence().orElseThrow().toSeconds() + " s",
                    null);
        } else if (policy.awaitsEndOfReplay()) {
            tellEndOfReplay();
        } else if (snapshots.exist() && !keeper.isSnapshotPending()) {
            // The engine takes a request at its start without a race: its signals are read on a thread beside that of
            // the binary log, and a row could come older than a change before it.
            context.getRouteController().stopRoute(routeId);
            closeWindow.run();
        } else if (clock.instant().isAfter(settingsChecked.plus(SETTINGS_CHECK))) {
            settingsChecked = clock.instant();
            checkSettings();
        } else if (!delay.isZero() && clock.instant().isAfter(started.plusSeconds(MAX_DELAY_SECONDS))) {
            delay = Duration.ZERO;
            lastProblem = "";
            announcedProblem = "";
        }
    }

    /** What another setting keeps out of the binary log is noticed nowhere else. */
    private void checkSettings() throws Exception {
        List<String> problems;
        try {
            problems = mysql.problems();
        } catch (SQLException e) {
            LOG.debug("The server's settings cannot be checked now", e);
            return;
        }
        if (!problems.isEmpty()) {
            context.getRouteController().stopRoute(routeId);
            halt("settings were changed while it ran, and changes may have been missed. "
                    + String.join(". ", problems));
        }
    }

    private void tellEndOfReplay() {
        try {
            MysqlServer.Status server = mysql.status(keeper.coordinates());
            if (server.problems().isEmpty()) {
                policy.replaysUntil(server.end());
            }
        } catch (SQLException e) {
            LOG.debug("The end of the binary log is asked for again at the next look", e);
        }
    }

    private void stopCapture(String problem, Throwable cause) throws Exception {
        context.getRouteController().stopRoute(routeId);
        LOG.debug("{}", problem, cause);
        backOff(problem + "; it goes on from the checkpoint " + keeper.position(), MAX_DELAY_SECONDS, null);
    }

    private void startCapture() throws Exception {
        if (keeper.awaitsConfirms()) {
            // What waits would be read and held a second time, and a gap message would overtake it.
            closeWindow.run();
            sayThatConfirmsAreAwaited();
            return;
        }
        looksAwaitingConfirms = 0;
        MysqlServer.Status server;
        try {
            steps.begin(mysql + " to answer");
            server = mysql.status(keeper.coordinates());
        } catch (SQLException e) {
            backOff(mysql.explain(e), MAX_CONNECT_DELAY_SECONDS, null);
            return;
        }
        if (!server.problems().isEmpty()) {
            halt(String.join(". ", server.problems()));
            return;
        }
        try {
            steps.begin(broker + " to accept a connection");
            broker.connect();
        } catch (AmqpException e) {
            backOff(broker.explain(e), MAX_CONNECT_DELAY_SECONDS, null);
            return;
        }
        Optional<String> missing = FLOW.stream().filter(this::isNotStarted).findFirst();
        if (missing.isPresent()) {
            steps.begin("route " + missing.get() + " to be started");
            return;
        }
        try {
            steps.begin("the place in the binary log to start at, and " + keeper.schemaHistoryFile());
            Optional<String> refusal = startingPoint.choose(server, gaps::publish);
            if (refusal.isPresent()) {
                halt(refusal.get());
                return;
            }
            if (keeper.isSnapshotPending()) {
                keeper.snapshot().begin(mysql.estimatedRows());
            }
            if (server.taggedGtids()
                    && !keeper.coordinates().orElseThrow().gtids().isEmpty()) {
                LOG.info("The server has GTIDs with tags: the binary log is read by file and position");
                keeper.forgetGtids();
            }
            if (server.mariadb()) {
                addGtids(keeper.coordinates().orElseThrow());
            }
            if (snapshots.exist() && !keeper.isSnapshotPending()) {
                takeSnapshotRequests();
            }
            policy.rewind(server.end());
        } catch (SQLException e) {
            backOff(mysql.explain(e), MAX_CONNECT_DELAY_SECONDS, null);
            return;
        } catch (IOException e) {
            backOff(
                    "checkpoint " + keeper.file() + " cannot be written: " + e
                            + "; free the disk or mend the permissions",
                    MAX_CONNECT_DELAY_SECONDS,
                    null);
            return;
        } catch (CamelExecutionException e) {
            backOff("the gap message cannot be published: " + e.getCause(), MAX_CONNECT_DELAY_SECONDS, null);
            return;
        }
        CaptureEndpoint capture = endpoint();
        if (capture != null) {
            capture.prepare(server, keeper.isSnapshotRunning() && !keeper.isSnapshotPending());
            policy.watch(capture::isWatched, server.namesCharsets());
            capture.onUnreadable(startingPoint.passesUnreadable(), policy::endBefore);
            capture.onBegin(CheckpointSchemaHistory::begins);
            switch (keeper.pending()) {
                case NOTHING -> capture.readNothing();
                case SCHEMA -> capture.readSchema();
                case SNAPSHOT -> capture.readTables(server.gtids() ? Duration.ZERO : COMMIT);
            }
        }
        if (!isRunAllowed()) {
            return; // stopped meanwhile
        }
        started = clock.instant();
        settingsChecked = started;
        disconnectedBefore = false;
        steps.end();
        context.getRouteController().startRoute(routeId);
        if (!lastProblem.equals(announcedProblem)) {
            LOG.info("Capture started on {}, checkpoint {}", server.version(), keeper.position());
            announcedProblem = lastProblem;
        }
    }

    private void sayThatConfirmsAreAwaited() {
        looksAwaitingConfirms++;
        if (looksAwaitingConfirms == LOOKS_UNTIL_SAID) {
            LOG.warn(
                    "Capture starts again as soon as RabbitMQ has confirmed the {} changes that were read before; the checkpoint is {}",
                    policy.inFlight(),
                    keeper.position());
        }
    }

    /** A route that is not there is no business of ours: an application may have put its own in its place. */
    private boolean isNotStarted(String route) {
        ServiceStatus status = context.getRouteController().getRouteStatus(route);
        return status != null && status != ServiceStatus.Started;
    }

    /** The endpoint of the capture route, which may not have been started yet; null if it is another one. */
    private CaptureEndpoint endpoint() {
        Route route = context.getRoute(routeId);
        if (route != null) {
            return route.getEndpoint() instanceof CaptureEndpoint capture ? capture : null;
        }
        RouteDefinition definition = ((ModelCamelContext) context).getRouteDefinition(routeId);
        return definition != null && definition.getInput().getEndpoint() instanceof CaptureEndpoint capture
                ? capture
                : null;
    }

    private void takeSnapshotRequests() throws IOException, SQLException {
        for (SnapshotRequests.Taken taken : snapshots.take()) {
            SnapshotRequests.Request request = taken.request();
            Optional<String> problem = mysql.tableSnapshotProblem(request.table(), request.where());
            if (problem.isEmpty() && !isWatched(request.table())) {
                problem = Optional.of("the monitor does not watch that table");
            }
            if (problem.isPresent()) {
                snapshots.reject(taken, problem.get());
                continue;
            }
            LOG.info(
                    "Snapshot of {}{}, while changes go on",
                    request.table(),
                    request.where().isEmpty() ? "" : " where " + request.where());
            keeper.snapshot().begin(mysql.estimatedRows());
            keeper.snapshotTable(request.table(), request.where());
        }
        snapshots.done();
    }

    private boolean isWatched(String table) {
        int dot = table.indexOf('.');
        CaptureEndpoint capture = endpoint();
        return capture == null || capture.isWatched(table.substring(0, dot), table.substring(dot + 1));
    }

    /** MariaDB's connector begins by GTID, and at the very begin if there is none; a place that a person gave has none. */
    private void addGtids(BinlogCoordinates begin) throws SQLException, IOException {
        if (begin.gtids().isEmpty() && !begin.equals(BinlogCoordinates.BEGIN)) {
            BinlogCoordinates known = mysql.withGtids(begin);
            keeper.beginAt(known.gtids().isEmpty() ? BinlogCoordinates.BEGIN : known, Pending.NOTHING);
        }
    }

    private void halt(String problem) {
        steps.end();
        halted = true;
        LOG.error("Capture does not run: {}", problem);
        halt.accept(problem);
    }

    /** Logs a problem once, however often it comes in a row. */
    private void backOff(String problem, int maxSeconds, Throwable cause) {
        steps.end();
        long seconds = Math.min(maxSeconds, Math.max(1, delay.toSeconds() * 2));
        delay = Duration.ofSeconds(seconds);
        nextTry = clock.instant().plus(delay);
        if (!problem.equals(lastProblem)) {
            LOG.warn("{}. Trying again in {} s, and so on for ever.", problem, seconds, cause);
        }
        lastProblem = problem;
    }

    @Override
    public CamelContext getCamelContext() {
        return context;
    }

    @Override
    public void setCamelContext(CamelContext camelContext) {
        context = camelContext;
    }
}

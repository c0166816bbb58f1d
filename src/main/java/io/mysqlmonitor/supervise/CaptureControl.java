package io.mysqlmonitor.supervise;

import io.mysqlmonitor.checkpoint.CaptureProgress;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.dedupe.Window;
import io.mysqlmonitor.server.MysqlServer;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.camel.ServiceStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the capture route running: looks what capture needs, and does it. {@link CaptureStart} starts it, {@link CaptureWatch} watches it,
 * {@link BackOff} spaces the tries. What only a person can fix halts it.
 *
 * <p>Guarded by its lock: after a start of the context that follows a stop at once, the thread of the supervisor before may still wait for a
 * server. {@link #problem} is for any thread.
 */
final class CaptureControl {

    /** The parts of the supervisor log under its name, which operators know. */
    private static final Logger LOG = LoggerFactory.getLogger(CaptureSupervisor.class);

    private final CaptureRoute route;
    private final Database database;
    private final CaptureProgress progress;
    private final CheckpointKeeper keeper;
    private final CaptureStart start;
    private final CaptureWatch watch;
    private final BackOff backOff;
    private final CaptureProblem problem = new CaptureProblem();
    private final EngineEnd engineEnd;
    private final Windows windows;
    private final LostWindow lostWindow;
    private final Consumer<String> halt;
    private final ClockSteps clockSteps;
    private final SlowSteps steps;

    private boolean suspended;
    private boolean halted;

    /**
     * @param halt told, once, why capture does not run and will not
     * @param timeOfDay the system's clock, which may be set
     * @param clock gives durations, and is not set back
     */
    CaptureControl(
            CaptureRoute route,
            Database database,
            CaptureProgress progress,
            CheckpointKeeper keeper,
            CaptureStart start,
            CaptureWatch watch,
            EngineEnd engineEnd,
            Windows windows,
            Consumer<String> halt,
            SlowSteps steps,
            Clock timeOfDay,
            Clock clock) {
        this.route = route;
        this.database = database;
        this.progress = progress;
        this.keeper = keeper;
        this.start = start;
        this.watch = watch;
        this.engineEnd = engineEnd;
        this.windows = windows;
        this.lostWindow = new LostWindow(keeper::oldestWindow, windows::areIdle);
        this.halt = halt;
        this.steps = steps;
        this.backOff = new BackOff(clock);
        this.clockSteps = new ClockSteps(timeOfDay, clock);
    }

    /** Capture may start, for the first time since the context was started. */
    synchronized void begin() {
        backOff.reset();
        problem.clear();
        halted = false;
        suspended = false;
    }

    /** Why capture does not run, or did not last; empty if it runs well. */
    Optional<String> problem() {
        return problem.current();
    }

    /** What kept a look from its end, an exception or an Error, is tried again like other problems. */
    synchronized void fail(Throwable cause) {
        retry(cause instanceof OutOfMemoryError ? MysqlServer.OUT_OF_MEMORY : cause.toString(), BackOff.LONGEST, cause);
    }

    /** There is no memory for more than the next look. */
    synchronized void failWithoutMemory() {
        backOff.tryAtOnce();
    }

    /**
     * Looks once.
     *
     * @param context the status of the context
     * @param mayRun whether the supervisor that looks was not stopped
     */
    synchronized void look(ServiceStatus context, BooleanSupplier mayRun) throws Exception {
        if (halted || !mayRun.getAsBoolean()) {
            return;
        }
        if (context != ServiceStatus.Started) {
            lookAtPaused(context);
            return;
        }
        if (suspended) {
            suspended = false;
            // Camel has started the engine again, but not as a run of its own.
            route.stop();
        }
        if (windows.areOverdue()) {
            windows.close();
        }
        lostWindow.look().ifPresent(this::failed);
        Optional<Duration> setBack = clockSteps.setBack();
        boolean running = route.isStarted();
        if (setBack.isPresent() && running) {
            restartAfter(setBack.get());
        } else if (backOff.isWaiting()) {
            return;
        } else if (running) {
            lookAtRunning();
        } else {
            startCapture(mayRun);
        }
    }

    private void failed(Window lost) {
        progress.failed(
                lost,
                new IllegalStateException(
                        "the " + lost + " was not published and will not be retried: an Error such as "
                                + "OutOfMemoryError ended its publishing, or a step of publish.camel.yaml handed it to another thread",
                        windows.takeError()));
    }

    /** While the context is suspended, nothing is read. */
    private void lookAtPaused(ServiceStatus status) throws Exception {
        if (status == ServiceStatus.Suspended || status == ServiceStatus.Suspending) {
            suspended = true;
            if (status == ServiceStatus.Suspended && route.isStarted()) {
                route.stop(); // was about to start
            }
        }
    }

    private void restartAfter(Duration setBack) throws Exception {
        problem.restarted(
                "The system clock was set back by " + setBack.toSeconds()
                        + " s, and the connector's waits depend on it",
                keeper.position());
        route.stop();
        windows.close();
    }

    private void lookAtRunning() throws Exception {
        switch (watch.look(route.isDisconnected())) {
            case FAILED -> lookAtFailed(progress.status().failure().orElseThrow());
            case SILENT -> stopCapture(
                    "no sign of life from the binary log for "
                            + progress.status().silence().orElseThrow().toSeconds() + " s",
                    null);
            case AWAITS_END_OF_REPLAY -> tellEndOfReplay();
            case SNAPSHOT_REQUESTED -> {
                route.stop(); // and the next start begins it
                windows.close();
            }
            case SETTINGS_DUE -> checkSettings();
            case LASTING -> {
                backOff.reset();
                problem.over();
            }
            case WELL -> {}
        }
    }

    private void lookAtFailed(Throwable cause) throws Exception {
        Optional<String> refusal = engineEnd.refusal(cause);
        if (refusal.isPresent()) {
            route.stop();
            LOG.debug("Capture ended", cause);
            halt(refusal.get());
        } else {
            stopCapture("capture ended: " + database.explainEnd(cause), cause);
        }
    }

    /** What another setting keeps out of the binary log is noticed nowhere else. */
    private void checkSettings() throws Exception {
        List<String> problems;
        try {
            problems = database.problems();
        } catch (SQLException e) {
            LOG.debug("The server's settings cannot be checked now", e);
            return;
        }
        if (!problems.isEmpty()) {
            route.stop();
            halt("settings were changed while it ran, and changes may have been missed. "
                    + String.join(". ", problems));
        }
    }

    private void tellEndOfReplay() {
        try {
            MysqlServer.Status server = database.status(keeper.place());
            if (server.problems().isEmpty()) {
                progress.replaysUntil(server.end());
            }
        } catch (SQLException e) {
            LOG.debug("The end of the binary log will be requested again at the next check", e);
        }
    }

    private void stopCapture(String why, Throwable cause) throws Exception {
        route.stop();
        LOG.debug("{}", why, cause);
        retry(why + "; it continues from the checkpoint " + keeper.position(), BackOff.LONGEST, null);
    }

    private void startCapture(BooleanSupplier mayRun) throws Exception {
        CaptureStart.Outcome outcome = start.attempt(mayRun);
        if (outcome instanceof CaptureStart.Retry retry) {
            retry(retry.problem(), retry.longestDelay(), null);
        } else if (outcome instanceof CaptureStart.Refused refused) {
            halt(refused.problem());
        } else if (outcome instanceof CaptureStart.Ready ready
                && mayRun.getAsBoolean()) { // or it was stopped meanwhile
            watch.started();
            route.start();
            problem.started(ready.server(), keeper.described());
        }
    }

    private void halt(String why) {
        halted = true;
        LOG.error("Capture does not run: {}", why);
        halt.accept(why);
    }

    private void retry(String why, Duration longestDelay, Throwable cause) {
        steps.end();
        problem.retried(why, backOff.failed(longestDelay), cause);
    }
}

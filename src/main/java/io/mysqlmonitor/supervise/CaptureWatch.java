package io.mysqlmonitor.supervise;

import io.mysqlmonitor.checkpoint.CaptureProgress;
import java.io.EOFException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/**
 * Says what capture that runs needs next.
 *
 * <p>For one thread.
 */
final class CaptureWatch {

    enum Verdict {
        WELL,
        /** It failed; {@link io.mysqlmonitor.checkpoint.CaptureStatus#failure} says why. */
        FAILED,
        /** The engine gives no sign of life. */
        SILENT,
        /** It has to be told where the binary log ends. */
        AWAITS_END_OF_REPLAY,
        /** A snapshot of a table is asked for. */
        SNAPSHOT_REQUESTED,
        /** It is time to look at the settings of the server. */
        SETTINGS_DUE,
        /** It has run for so long that the next failure is the first. */
        LASTING
    }

    /** How long it may take until a setting of the server is noticed that was changed so that changes are missed. */
    static final Duration SETTINGS_CHECK = Duration.ofSeconds(30);

    private final CaptureProgress progress;
    private final BooleanSupplier snapshotRequested;
    private final Duration lasting;
    private final Clock clock;

    private Instant started = Instant.MIN;
    private Instant settingsChecked = Instant.MIN;
    private boolean disconnectedBefore;

    /**
     * @param snapshotRequested whether a snapshot is asked for and can begin
     * @param lasting how long capture has to run to be taken for lasting
     * @param clock gives durations, and is not set back
     */
    CaptureWatch(CaptureProgress progress, BooleanSupplier snapshotRequested, Duration lasting, Clock clock) {
        this.progress = progress;
        this.snapshotRequested = snapshotRequested;
        this.lasting = lasting;
        this.clock = clock;
    }

    /** Capture is being started. */
    void started() {
        started = clock.instant();
        settingsChecked = started;
        disconnectedBefore = false;
    }

    /**
     * Looks at capture, which runs.
     *
     * @param disconnected whether the engine has lost its connection; that is a failure at the second look, so that an engine that
     *     ends can tell its own cause first
     */
    Verdict look(boolean disconnected) {
        if (disconnected && disconnectedBefore && progress.status().failure().isEmpty()) {
            progress.failed(new EOFException("the server ended the connection"));
        }
        disconnectedBefore = disconnected;
        if (progress.status().failure().isPresent()) {
            return Verdict.FAILED;
        }
        if (!progress.status().isAlive()) {
            return Verdict.SILENT;
        }
        if (progress.awaitsEndOfReplay()) {
            return Verdict.AWAITS_END_OF_REPLAY;
        }
        if (snapshotRequested.getAsBoolean()) {
            return Verdict.SNAPSHOT_REQUESTED;
        }
        if (clock.instant().isAfter(settingsChecked.plus(SETTINGS_CHECK))) {
            settingsChecked = clock.instant();
            return Verdict.SETTINGS_DUE;
        }
        return clock.instant().isAfter(started.plus(lasting)) ? Verdict.LASTING : Verdict.WELL;
    }
}

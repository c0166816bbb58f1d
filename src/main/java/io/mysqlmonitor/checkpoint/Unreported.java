package io.mysqlmonitor.checkpoint;

import io.mysqlmonitor.dedupe.Passage;
import java.time.Duration;
import org.apache.camel.Exchange;

/**
 * What the engine has handed over and has not reported an offset for yet, and the record that is on its way through the capture route.
 *
 * <p>Thread-safe: the engine's threads hand over and report, others ask.
 */
final class Unreported {

    /** The connector's heartbeat brings an offset about each second. */
    private static final Duration USUAL_REPORT = Duration.ofSeconds(1);
    /** The engine reports no offset within an XA transaction, say: what is reported later is read once more. */
    private static final Duration LONGEST_REPORT = Duration.ofSeconds(3);

    private final SignsOfLife signs;
    private final CaptureFailure failure;

    // written by the engine's threads, one at a time, and before each run by the supervisor's
    private volatile boolean any;
    private volatile Passage latest;

    Unreported(SignsOfLife signs, CaptureFailure failure) {
        this.signs = signs;
        this.failure = failure;
    }

    /** A run starts. */
    void clear() {
        latest = null;
    }

    /** A record starts its way through the capture route, which is done with the one before. */
    void handedOver(Exchange record) {
        endLatest();
        latest = Passage.begin(record, this::strayed);
    }

    /** There is room for the record: the next report is about it. */
    void taken() {
        any = true;
    }

    /** The capture route is done with the latest record. Not by the route policy's onExchangeDone, which Camel skips while it stops. */
    void endLatest() {
        Passage passage = latest;
        if (passage != null && !passage.end()) {
            strayed();
        }
    }

    private void strayed() {
        failure.setIfNone(new IllegalStateException(
                "a change left capture.camel.yaml without being in a window, filtered or stopped, so that the position would pass it: "
                        + "take steps that go on in another thread (seda, wireTap, aggregate) out of its way to mysql-monitor-window, "
                        + "and end what is not to be published by a filter or a stop"));
    }

    /** The engine has reported an offset for all that it handed over. */
    void reported() {
        any = false;
    }

    boolean isAny() {
        return any;
    }

    /** Whether the engine may be about to report more. */
    boolean mayBeReported() {
        return signs.silence().orElse(USUAL_REPORT).compareTo(any ? LONGEST_REPORT : USUAL_REPORT) < 0;
    }
}

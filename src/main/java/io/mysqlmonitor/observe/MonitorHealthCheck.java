package io.mysqlmonitor.observe;

import io.mysqlmonitor.checkpoint.CaptureStatus;
import io.mysqlmonitor.publish.Broker;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * A health check of a monitor, for Camel's registry of health checks.
 *
 * <p>Ready means that changes are flowing: capture gives signs of life, the broker is connected and accepts messages, the
 * checkpoint is written. Live means that no intervention is needed: what is not ready is tried again by the monitor itself, so that
 * ending the process would not help.
 */
public final class MonitorHealthCheck extends AbstractHealthCheck {

    private static final String GROUP = "mysql-monitor";

    private final boolean liveness;
    private final Consumer<HealthCheckResultBuilder> look;

    private MonitorHealthCheck(String id, boolean liveness, Consumer<HealthCheckResultBuilder> look) {
        super(GROUP, id);
        this.liveness = liveness;
        this.look = look;
    }

    /**
     * The checks of one monitor: {@code mysql-monitor} (liveness) and {@code mysql-monitor-capture}, {@code mysql-monitor-broker}
     * and {@code mysql-monitor-checkpoint} (readiness).
     *
     * @param publishing why windows are not published now
     * @param halted why capture does not run if only a person can fix it
     * @param problem why capture does not run, as long as it is tried again
     * @param timeOfDay by which the checkpoint is stored
     * @param clock the clock of the broker
     */
    public static List<MonitorHealthCheck> of(
            CaptureStatus status,
            Broker broker,
            Supplier<Optional<String>> publishing,
            Supplier<Optional<String>> halted,
            Supplier<Optional<String>> problem,
            Clock timeOfDay,
            Clock clock) {
        return List.of(
                new MonitorHealthCheck("mysql-monitor", true, result -> halted.get()
                        .ifPresentOrElse(why -> result.message(why).down(), result::up)),
                new MonitorHealthCheck(
                        "mysql-monitor-capture", false, result -> capture(result, status, halted, problem)),
                new MonitorHealthCheck(
                        "mysql-monitor-broker", false, result -> broker(result, broker, publishing, clock)),
                new MonitorHealthCheck(
                        "mysql-monitor-checkpoint", false, result -> checkpoint(result, status, timeOfDay)));
    }

    private static void capture(
            HealthCheckResultBuilder result,
            CaptureStatus status,
            Supplier<Optional<String>> halted,
            Supplier<Optional<String>> problem) {
        result.detail("position", status.position());
        result.detail("lag", status.lag().toString()); // Camel writes no other types as JSON
        status.silence().ifPresent(silence -> result.detail("silence", silence.toString()));
        if (status.isAlive()) {
            result.message("checkpoint " + status.position() + ", lag "
                            + status.lag().toSeconds() + " s")
                    .up();
            return;
        }
        String why = halted.get()
                .or(() -> status.failure().map(Throwable::toString))
                .or(problem)
                .orElse("capture has not started or gives no sign of life");
        result.message(
                        status.inFlight() == 0
                                ? why
                                : why + "; capture restarts after RabbitMQ has confirmed the " + status.inFlight()
                                        + " changes that were already read")
                .down();
    }

    private static void broker(
            HealthCheckResultBuilder result, Broker broker, Supplier<Optional<String>> publishing, Clock clock) {
        Optional<Instant> blocked = broker.blockedSince();
        if (!broker.isConnected()) {
            result.message("not connected to " + broker).down();
        } else if (blocked.isPresent()) {
            Duration since = Duration.between(blocked.get(), clock.instant());
            result.message(broker + " has blocked the connection for " + since + ": " + broker.blockedReason())
                    .down();
        } else {
            publishing.get().ifPresentOrElse(why -> result.message(why).down(), result::up);
        }
    }

    private static void checkpoint(HealthCheckResultBuilder result, CaptureStatus status, Clock timeOfDay) {
        result.detail("file", status.file().toString());
        Optional<Duration> age = status.storedAt().map(stored -> Duration.between(stored, timeOfDay.instant()));
        age.ifPresent(since -> {
            result.detail("age", since.toString());
            result.message("stored " + since.toSeconds() + " s ago");
        });
        Optional<IOException> failure = status.writeFailure();
        if (failure.isPresent()) {
            result.message("checkpoint " + status.file() + " cannot be written: " + failure.get())
                    .down();
        } else {
            result.up();
        }
    }

    @Override
    public boolean isLiveness() {
        return liveness;
    }

    @Override
    public boolean isReadiness() {
        return !liveness;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        look.accept(builder);
    }
}

package io.mysqlmonitor;

import io.mysqlmonitor.capture.MysqlServer;
import io.mysqlmonitor.checkpoint.CheckpointRoutePolicy;
import io.mysqlmonitor.publish.Broker;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.ServiceStatus;
import org.apache.camel.StartupListener;
import org.apache.camel.support.service.ServiceSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;

/**
 * Keeps the capture route running: starts it once MySQL and RabbitMQ answer, and starts it anew when its engine is dead.
 *
 * <p>Debezium's engine does not tell Camel that it died, and the route stays {@code Started}; a live engine lets a record pass
 * every few seconds even on an idle server, so that silence beyond the deadline means a dead one. Each try waits twice as long
 * as the one before, up to {@value #MAX_DELAY_SECONDS} s.
 */
final class CaptureSupervisor extends ServiceSupport implements CamelContextAware, StartupListener {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureSupervisor.class);
    private static final int MAX_DELAY_SECONDS = 30;

    private final String routeId;
    private final MysqlServer mysql;
    private final Broker broker;
    private final CheckpointRoutePolicy policy;
    private final Runnable closeWindow;
    private final Clock clock;
    private CamelContext context;

    // touched by the supervisor's thread alone
    private ScheduledExecutorService executor;
    private Duration delay = Duration.ZERO;
    private Instant nextTry = Instant.MIN;
    private String lastProblem = "";

    /**
     * @param closeWindow completes the window that is open, if one is
     */
    CaptureSupervisor(
            String routeId,
            MysqlServer mysql,
            Broker broker,
            CheckpointRoutePolicy policy,
            Runnable closeWindow,
            Clock clock) {
        this.routeId = routeId;
        this.mysql = mysql;
        this.broker = broker;
        this.policy = policy;
        this.closeWindow = closeWindow;
        this.clock = clock;
    }

    @Override
    public void onCamelContextStarted(CamelContext started, boolean alreadyStarted) {
        if (executor != null) {
            return; // a running context calls this for the service and for the listener
        }
        executor = context.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "CaptureSupervisor");
        executor.scheduleWithFixedDelay(this::look, 0, 500, TimeUnit.MILLISECONDS);
    }

    @Override
    protected void doStop() {
        if (executor != null) {
            context.getExecutorServiceManager().shutdownNow(executor);
            executor = null;
        }
    }

    private void look() {
        try {
            if (!isRunAllowed() || context.isStopping() || clock.instant().isBefore(nextTry)) {
                return;
            }
            if (context.getRouteController().getRouteStatus(routeId) == ServiceStatus.Started) {
                lookAtRunning();
            } else {
                startCapture();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            backOff(e.toString(), e);
        }
    }

    private void lookAtRunning() throws Exception {
        if (policy.failure().isPresent()) {
            LOG.error(
                    "A change could not be captured or published; capture starts again at the checkpoint {}",
                    policy.position(),
                    policy.failure().get());
            stopCapture();
        } else if (!policy.isAlive()) {
            LOG.error(
                    "No sign of life from the binary log for {} s; capture starts again at the checkpoint {}. Its cause is in the "
                            + "lines of io.debezium above, if the engine knew one.",
                    policy.silence().toSeconds(),
                    policy.position());
            stopCapture();
        } else {
            delay = Duration.ZERO;
        }
    }

    private void stopCapture() throws Exception {
        context.getRouteController().stopRoute(routeId);
        backOff("", null);
    }

    private void startCapture() throws Exception {
        MysqlServer.Status status;
        try {
            status = mysql.status();
        } catch (SQLException e) {
            backOff(mysql.explain(e), null);
            return;
        }
        try {
            broker.connect();
        } catch (AmqpException e) {
            backOff(broker.explain(e), null);
            return;
        }
        closeWindow.run(); // an earlier engine's, which the policy is about to forget
        try {
            // Debezium's MySQL connector takes an event of MariaDB for the start of its transaction, and cannot begin
            // there.
            policy.rewind(status.end(), !status.mariadb());
        } catch (IOException e) {
            backOff(
                    "checkpoint " + policy.file() + " cannot be written: " + e
                            + "; free the disk or mend the permissions",
                    null);
            return;
        }
        lastProblem = "";
        context.getRouteController().startRoute(routeId);
        LOG.info("Capture started on {}, checkpoint {}", status.version(), policy.position());
    }

    private void backOff(String problem, Throwable cause) {
        long seconds = Math.min(MAX_DELAY_SECONDS, Math.max(1, delay.toSeconds() * 2));
        delay = Duration.ofSeconds(seconds);
        nextTry = clock.instant().plus(delay);
        if (!problem.isEmpty() && !problem.equals(lastProblem)) {
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

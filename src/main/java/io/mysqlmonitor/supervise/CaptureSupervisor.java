package io.mysqlmonitor.supervise;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.support.service.ServiceSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has a {@link CaptureControl} look at capture twice a second, whatever comes of a look. */
public final class CaptureSupervisor extends ServiceSupport {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureSupervisor.class);

    /** How long a stop waits for what the supervisor does in this moment. */
    private static final Duration STOP = Duration.ofSeconds(5);

    private final CamelContext context;
    private final CaptureControl control;
    private final SlowSteps steps;

    /** Of the current start; written under the lock of this. */
    private volatile ScheduledExecutorService executor;

    CaptureSupervisor(CamelContext context, CaptureControl control, SlowSteps steps) {
        this.context = context;
        this.control = control;
        this.steps = steps;
    }

    @Override
    protected synchronized void doStart() {
        control.begin();
        ScheduledExecutorService mine =
                context.getExecutorServiceManager().newScheduledThreadPool(this, "CaptureSupervisor", 2);
        executor = mine;
        BooleanSupplier mayRun = () -> isRunAllowed() && executor == mine;
        executor.scheduleWithFixedDelay(() -> look(mayRun), 0, LostWindow.LOOK.toMillis(), TimeUnit.MILLISECONDS);
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
                LOG.debug("The supervisor still waits for a server; it will not start capture again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Why capture does not run, or did not last; empty if it runs well. */
    public Optional<String> problem() {
        return control.problem();
    }

    /** Ends normally whatever happens: after an exception or an Error the executor would not call it again. */
    private void look(BooleanSupplier mayRun) {
        try {
            control.look(context.getStatus(), mayRun);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            survive(e);
        }
    }

    private void survive(Throwable cause) {
        try {
            control.fail(cause);
        } catch (Throwable again) {
            control.failWithoutMemory(); // for a line; the next look tells
        }
    }
}

package io.mysqlmonitor.supervise;

import io.mysqlmonitor.change.Heartbeat;
import io.mysqlmonitor.checkpoint.CaptureProgress;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Makes the body a list of one {@link Heartbeat} if nothing was published for the idle time, capture is alive and the broker takes
 * messages; else ends the exchange's way.
 */
public final class HeartbeatProcessor implements Processor {

    private final CaptureProgress progress;
    private final BooleanSupplier publishingWaits;
    private final Duration idle;

    /**
     * @param publishingWaits whether what is captured cannot go out: a heartbeat could not either, and would be in its way
     * @param idle how long nothing was published before a heartbeat goes out
     */
    public HeartbeatProcessor(CaptureProgress progress, BooleanSupplier publishingWaits, Duration idle) {
        this.publishingWaits = publishingWaits;
        this.progress = progress;
        this.idle = idle;
    }

    @Override
    public void process(Exchange exchange) {
        if (!progress.status().isAlive()
                || publishingWaits.getAsBoolean()
                || progress.status().idle().compareTo(idle) < 0) {
            exchange.setRouteStop(true);
            return;
        }
        progress.heartbeatSent();
        exchange.getMessage().setBody(List.of(new Heartbeat()));
    }
}

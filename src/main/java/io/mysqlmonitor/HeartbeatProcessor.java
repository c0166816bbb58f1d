package io.mysqlmonitor;

import io.mysqlmonitor.change.Heartbeat;
import io.mysqlmonitor.checkpoint.CheckpointRoutePolicy;
import java.time.Duration;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Makes the body a list of one {@link Heartbeat} if nothing was published for the idle time and capture is alive; else ends the
 * exchange's way.
 */
final class HeartbeatProcessor implements Processor {

    private final CheckpointRoutePolicy policy;
    private final Duration idle;

    HeartbeatProcessor(CheckpointRoutePolicy policy, Duration idle) {
        this.policy = policy;
        this.idle = idle;
    }

    @Override
    public void process(Exchange exchange) {
        if (!policy.isAlive() || policy.idle().compareTo(idle) < 0) {
            exchange.setRouteStop(true);
            return;
        }
        policy.heartbeatSent();
        exchange.getMessage().setBody(List.of(new Heartbeat()));
    }
}

package io.mysqlmonitor;

import io.mysqlmonitor.change.Heartbeat;
import io.mysqlmonitor.checkpoint.CheckpointRoutePolicy;
import io.mysqlmonitor.publish.Broker;
import java.time.Duration;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Makes the body a list of one {@link Heartbeat} if nothing was published for the idle time, capture is alive and the broker takes
 * messages; else ends the exchange's way.
 */
final class HeartbeatProcessor implements Processor {

    private final CheckpointRoutePolicy policy;
    private final Broker broker;
    private final Duration idle;

    HeartbeatProcessor(CheckpointRoutePolicy policy, Broker broker, Duration idle) {
        this.broker = broker;
        this.policy = policy;
        this.idle = idle;
    }

    @Override
    public void process(Exchange exchange) {
        if (!policy.isAlive()
                || broker.blockedSince().isPresent()
                || policy.idle().compareTo(idle) < 0) {
            exchange.setRouteStop(true);
            return;
        }
        policy.heartbeatSent();
        exchange.getMessage().setBody(List.of(new Heartbeat()));
    }
}

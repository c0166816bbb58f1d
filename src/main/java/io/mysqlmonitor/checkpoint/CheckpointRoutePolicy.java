package io.mysqlmonitor.checkpoint;

import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.spi.ExceptionHandler;
import org.apache.camel.support.RoutePolicySupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy of the capture route: tells {@link CaptureProgress} when the engine runs, what it hands over and why it ended, and runs the
 * heartbeat route while capture runs.
 */
public final class CheckpointRoutePolicy extends RoutePolicySupport implements ExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointRoutePolicy.class);

    private static final int HEARTBEAT_SECONDS = 5;

    private final CheckpointKeeper keeper;
    private final CaptureProgress progress;
    private final String heartbeatRouteId;

    /**
     * @param keeper has the data folder while the policy is started
     * @param heartbeatRouteId the route to start and stop with the capture route
     */
    public CheckpointRoutePolicy(CheckpointKeeper keeper, CaptureProgress progress, String heartbeatRouteId) {
        this.keeper = keeper;
        this.progress = progress;
        this.heartbeatRouteId = heartbeatRouteId;
    }

    @Override
    protected void doStart() throws Exception {
        keeper.acquire();
        CheckpointOffsetStore.attach(progress);
        super.doStart();
    }

    @Override
    protected void doShutdown() throws Exception {
        CheckpointOffsetStore.detach(progress);
        keeper.release();
        super.doShutdown();
    }

    @Override
    public void onStart(Route route) {
        progress.started();
        try {
            controller(route).startRoute(heartbeatRouteId);
        } catch (Exception e) {
            LOG.warn("Heartbeat messages cannot be sent: route {} did not start", heartbeatRouteId, e);
        }
    }

    @Override
    public void onStop(Route route) {
        progress.stopped();
        try {
            // A heartbeat that an Error ended is in flight forever.
            controller(route).stopRoute(heartbeatRouteId, HEARTBEAT_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            LOG.warn("Route {} did not stop", heartbeatRouteId, e);
        }
    }

    @Override
    public void onExchangeBegin(Route route, Exchange exchange) {
        progress.handedOver(exchange);
    }

    @Override
    public void handleException(Throwable cause) {
        progress.failed(cause);
    }

    @Override
    public void handleException(String message, Throwable cause) {
        handleException(cause);
    }

    @Override
    public void handleException(String message, Exchange exchange, Throwable cause) {
        handleException(cause);
    }
}

package io.mysqlmonitor.supervise;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.timer.TimerComponent;
import org.apache.camel.component.timer.TimerEndpoint;
import org.apache.camel.support.EndpointHelper;
import org.apache.camel.support.service.ServiceHelper;

/**
 * The timer of the heartbeat route, which goes on after an Error, such as OutOfMemoryError. Camel's own catches exceptions alone: its thread
 * ends by an Error, and no heartbeat goes out until capture starts again.
 */
public final class HeartbeatTimer extends TimerComponent {

    public static final String SCHEME = "timer:";

    private HeartbeatTimer() {}

    /**
     * @param uri with placeholders as in the route file
     */
    public static Endpoint endpoint(CamelContext context, String uri) throws Exception {
        HeartbeatTimer timer = new HeartbeatTimer();
        timer.setCamelContext(context);
        ServiceHelper.startService(timer);
        String resolved = EndpointHelper.resolveEndpointUriPropertyPlaceholders(context, uri);
        return timer.createEndpoint(EndpointHelper.normalizeEndpointUri(resolved));
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        TimerEndpoint endpoint = new TimerEndpoint(uri, this, remaining) {
            @Override
            public Consumer createConsumer(Processor route) throws Exception {
                return super.createConsumer(exchange -> survive(route, exchange));
            }
        };
        setProperties(endpoint, parameters);
        return endpoint;
    }

    private static void survive(Processor route, Exchange exchange) throws Exception {
        try {
            route.process(exchange);
        } catch (Error e) {
            exchange.setException(new IllegalStateException("no heartbeat went out: " + e, e));
        }
    }
}

package io.mysqlmonitor.supervise;

import io.mysqlmonitor.capture.CaptureConsumer;
import io.mysqlmonitor.capture.CaptureEndpoint;
import java.util.List;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.ServiceStatus;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;

/** The capture route of a Camel context, and the routes behind it. */
final class CamelCaptureRoute implements CaptureRoute {

    private final CamelContext context;
    private final String id;
    private final List<String> flow;

    /**
     * @param id the capture route
     * @param flow routes that what is captured needs
     */
    CamelCaptureRoute(CamelContext context, String id, List<String> flow) {
        this.context = context;
        this.id = id;
        this.flow = List.copyOf(flow);
    }

    @Override
    public boolean isStarted() {
        return status(id) == ServiceStatus.Started;
    }

    @Override
    public void start() throws Exception {
        context.getRouteController().startRoute(id);
    }

    @Override
    public void stop() throws Exception {
        context.getRouteController().stopRoute(id);
    }

    @Override
    public Optional<CaptureEndpoint> endpoint() {
        Route route = context.getRoute(id);
        Endpoint endpoint = null;
        if (route != null) {
            endpoint = route.getEndpoint();
        } else {
            RouteDefinition definition = ((ModelCamelContext) context).getRouteDefinition(id);
            endpoint = definition == null ? null : definition.getInput().getEndpoint();
        }
        return endpoint instanceof CaptureEndpoint capture ? Optional.of(capture) : Optional.empty();
    }

    @Override
    public boolean isDisconnected() {
        Route route = context.getRoute(id);
        return route != null && route.getConsumer() instanceof CaptureConsumer capture && capture.isDisconnected();
    }

    /** A route that is not there is no business of ours: an application may have put its own in its place. */
    @Override
    public Optional<String> missingRoute() {
        return flow.stream()
                .filter(route -> status(route) != null && status(route) != ServiceStatus.Started)
                .findFirst();
    }

    private ServiceStatus status(String route) {
        return context.getRouteController().getRouteStatus(route);
    }
}

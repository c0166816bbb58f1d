package io.mysqlmonitor;

import io.mysqlmonitor.capture.CaptureEndpoint;
import io.mysqlmonitor.capture.ConnectorSettings;
import io.mysqlmonitor.publish.Broker;
import io.mysqlmonitor.supervise.HeartbeatTimer;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.RouteBuilderLifecycleStrategy;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.spi.ExceptionHandler;
import org.apache.camel.support.service.ServiceHelper;

/**
 * Gives the monitor's routes endpoints of components of their own, which are in no registry: what the application configures at the
 * components {@code debezium-mysql} and {@code spring-rabbitmq} of its context is neither inherited nor changed.
 */
final class MonitorEndpoints implements RouteBuilderLifecycleStrategy, AutoCloseable {

    private static final String BINLOG = "debezium-mysql:";

    private final CamelContext context;
    private final ConnectorSettings connector;
    private final ExceptionHandler failures;
    private final Broker broker;
    private final List<Endpoint> endpoints = new ArrayList<>();

    /**
     * @param failures is told why an engine ended
     */
    MonitorEndpoints(CamelContext context, ConnectorSettings connector, ExceptionHandler failures, Broker broker) {
        this.context = context;
        this.connector = connector;
        this.failures = failures;
        this.broker = broker;
    }

    @Override
    public void afterConfigure(RouteBuilder file) {
        try {
            for (RouteDefinition route : file.getRouteCollection().getRoutes()) {
                String from = route.getInput().getEndpointUri();
                if (MonitorRoutes.CAPTURE.equals(route.getRouteId()) && from.startsWith(BINLOG)) {
                    route.getInput().setEndpoint(started(CaptureEndpoint.create(context, from, connector, failures)));
                }
                if (MonitorRoutes.HEARTBEAT.equals(route.getRouteId()) && from.startsWith(HeartbeatTimer.SCHEME)) {
                    route.getInput().setEndpoint(started(HeartbeatTimer.endpoint(context, from)));
                }
                for (ToDefinition to :
                        ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), ToDefinition.class)) {
                    if (Broker.isEndpoint(to.getEndpointUri())) {
                        to.setEndpoint(started(broker.endpoint(context, to.getEndpointUri())));
                    }
                }
            }
        } catch (Exception e) {
            throw RuntimeCamelException.wrapRuntimeCamelException(e);
        }
    }

    private Endpoint started(Endpoint endpoint) {
        endpoints.add(endpoint);
        ServiceHelper.startService(endpoint);
        return endpoint;
    }

    /** Stops the endpoints, which no registry does. */
    @Override
    public void close() {
        ServiceHelper.stopAndShutdownServices(endpoints);
        endpoints.clear();
    }
}

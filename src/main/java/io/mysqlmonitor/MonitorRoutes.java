package io.mysqlmonitor;

import io.mysqlmonitor.config.ConfigurationException;
import io.mysqlmonitor.dedupe.Passage;
import java.util.List;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.RouteBuilderLifecycleStrategy;
import org.apache.camel.model.AggregateDefinition;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;

/**
 * Sees to it that the monitor's own routes have what its guarantee rests on, also where an edited or older file lacks it: the one
 * publishing thread and the controller that closes the open window at the step that fills windows, and none of the route
 * configurations ({@code onException}, for instance) that Camel applies to all routes of a context. A filter leaves its mark on what it
 * ends. Else, routes of other names are left alone.
 */
final class MonitorRoutes implements RouteBuilderLifecycleStrategy {

    static final String CAPTURE = "mysql-monitor-capture";
    static final String HEARTBEAT = "mysql-monitor-heartbeat";
    private static final String PREFIX = "mysql-monitor-";

    /** What is captured goes through these. */
    static final List<String> FLOW = List.of(PREFIX + "window", PREFIX + "publish", PREFIX + "send");

    static final String CHECKPOINT = "monitorCheckpoint";
    static final String WINDOW = "monitorWindow";
    static final String PUBLISHER = "monitorPublisher";
    static final String CONTROLLER = "monitorWindowController";

    @Override
    public void afterConfigure(RouteBuilder file) {
        for (RouteDefinition route : file.getRouteCollection().getRoutes()) {
            if (route.getInput() == null) {
                throw new ConfigurationException("route " + route.getRouteId() + " has no from");
            }
            ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), FilterDefinition.class).stream()
                    .filter(step -> step.getStatusPropertyName() == null)
                    .forEach(step -> step.setStatusPropertyName(Passage.FILTER_STATUS));
            if (String.valueOf(route.getRouteId()).startsWith(PREFIX)) {
                refuseConfigurationOfOthers(route);
                ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), AggregateDefinition.class).stream()
                        .filter(step -> isBean(step.getAggregationStrategy(), WINDOW))
                        .forEach(step -> complete(route, step));
            }
        }
    }

    private static void refuseConfigurationOfOthers(RouteDefinition route) {
        if (route.getRouteConfigurationId() == null && route.getAppliedRouteConfigurationIds() != null) {
            throw new ConfigurationException(
                    "route " + route.getRouteId()
                            + " would get a routeConfiguration that is meant for all routes of the Camel context; add the line "
                            + "routeConfigurationId: mysql-monitor below its id, as in the route file that came with this version");
        }
    }

    private static void complete(RouteDefinition route, AggregateDefinition step) {
        if (step.getExecutorService() == null) {
            step.setExecutorService(PUBLISHER);
        }
        if (step.getAggregateController() == null) {
            step.setAggregateController(CONTROLLER);
        }
        // The monitor drains before Camel stops; what was not confirmed then, Camel would wait for in vain.
        step.setCompleteAllOnStop(null);
        step.setForceCompletionOnStop(null);
        require(route, "executorService", step.getExecutorService(), PUBLISHER);
        require(route, "aggregateController", step.getAggregateController(), CONTROLLER);
    }

    private static void require(RouteDefinition route, String option, String value, String bean) {
        if (!isBean(value, bean)) {
            throw new ConfigurationException("route " + route.getRouteId() + ": " + option + ": " + value
                    + " at the step aggregate would break the order of the messages; use " + bean
                    + ", or leave it out");
        }
    }

    private static boolean isBean(String reference, String bean) {
        return reference != null && reference.replaceFirst("^#(bean:)?", "").equals(bean);
    }
}

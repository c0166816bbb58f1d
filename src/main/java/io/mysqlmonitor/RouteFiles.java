package io.mysqlmonitor;

import io.mysqlmonitor.config.ConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.RouteBuilderLifecycleStrategy;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.util.ObjectHelper;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;

/** Loads the route files: those that are packed, and the {@code *.camel.yaml} of a folder in place of them or beside them. */
final class RouteFiles {

    private static final String PACKED = "classpath:io/mysqlmonitor/routes/";
    private static final List<String> NAMES =
            List.of("capture.camel.yaml", "publish.camel.yaml", "heartbeat.camel.yaml");

    private final CamelContext context;
    private final Path directory;
    private final MonitorPlaceholders placeholders;
    private final List<RouteBuilderLifecycleStrategy> interceptors;
    private final List<RouteDefinition> added = new ArrayList<>();

    /**
     * @param directory the folder; null for none
     * @param placeholders those that are the monitor's own
     * @param interceptors shown each file after it is read
     */
    RouteFiles(
            CamelContext context,
            Path directory,
            MonitorPlaceholders placeholders,
            RouteBuilderLifecycleStrategy... interceptors) {
        this.context = context;
        this.directory = directory;
        this.placeholders = placeholders;
        this.interceptors = List.of(interceptors);
    }

    /**
     * Adds the routes to the context.
     *
     * @throws ConfigurationException if a file is not understood; names it, the line and the cause
     */
    void load() throws Exception {
        List<RouteDefinition> before = List.copyOf(routeDefinitions());
        try {
            load(files());
        } catch (Exception e) {
            throw explained(e);
        } finally {
            added.addAll(routeDefinitions());
            added.removeAll(before);
        }
    }

    /** As Camel's loader does it, with a look at the routes on the way. */
    private void load(Collection<Resource> files) throws Exception {
        Collection<RoutesBuilder> builders =
                PluginHelper.getRoutesLoader(context).findRoutesBuilders(files);
        for (RoutesBuilder builder : builders) {
            if (builder instanceof RouteBuilder routes) {
                interceptors.forEach(routes::addLifecycleInterceptor);
            }
            if (builder instanceof RouteConfigurationsBuilder configurations) {
                context.addRoutesConfigurations(configurations);
            }
        }
        for (RoutesBuilder builder : builders) {
            context.addRoutes(builder);
            if (builder instanceof RouteBuilder routes) {
                refuseToLackRoutes(routes);
            }
        }
        for (RoutesBuilder builder : builders) {
            context.addTemplatedRoutes(builder);
        }
    }

    /** Camel takes a text that is no list of routes for a file without routes. */
    private static void refuseToLackRoutes(RouteBuilder file) {
        String location = file.getResource().getLocation();
        if (file.getRouteCollection().getRoutes().isEmpty()
                && NAMES.stream().anyMatch(name -> location.endsWith('/' + name))) {
            throw new ConfigurationException(
                    location + " has no routes: it must be a list whose entries start with - route:");
        }
    }

    private static Exception explained(Exception e) {
        ConfigurationException known = ObjectHelper.getException(ConfigurationException.class, e);
        if (known != null) {
            return known;
        }
        MarkedYamlEngineException yaml = ObjectHelper.getException(MarkedYamlEngineException.class, e);
        if (yaml == null) {
            return new ConfigurationException("the routes cannot be loaded: " + e.getMessage(), e);
        }
        String place = yaml.getProblemMark()
                .map(mark -> mark.getName() + ", line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1))
                .orElse("the routes");
        String context =
                Optional.ofNullable(yaml.getContext()).map(text -> ' ' + text).orElse("");
        return new ConfigurationException(place + ": " + yaml.getProblem() + context, e);
    }

    /** Takes the routes out of the context; they must be stopped. */
    void remove() throws Exception {
        ((ModelCamelContext) context).removeRouteDefinitions(added);
        added.clear();
    }

    private Collection<Resource> files() throws IOException {
        Map<String, Resource> files = new LinkedHashMap<>();
        for (String name : NAMES) {
            files.put(name, resource(PACKED + name));
        }
        for (Path file : filesOf(directory)) {
            files.put(file.getFileName().toString(), resource("file:" + file.toAbsolutePath()));
        }
        return files.values();
    }

    private Resource resource(String location) throws IOException {
        try (InputStream in = ResourceHelper.resolveMandatoryResourceAsInputStream(context, location)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return ResourceHelper.fromString(location, placeholders.qualified(text));
        }
    }

    private static List<Path> filesOf(Path directory) throws IOException {
        if (directory == null) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".camel.yaml"))
                    .sorted()
                    .toList();
        }
    }

    private List<RouteDefinition> routeDefinitions() {
        return ((ModelCamelContext) context).getRouteDefinitions();
    }
}

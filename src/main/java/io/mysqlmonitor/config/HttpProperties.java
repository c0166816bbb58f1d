package io.mysqlmonitor.config;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.TreeMap;

/** The properties of camel-main for health and metrics over HTTP. */
final class HttpProperties {

    private HttpProperties() {}

    /**
     * @throws ConfigurationException if the address cannot be used: camel-main would go on without
     */
    static Map<String, String> of(String host, int port) {
        try (ServerSocket free = new ServerSocket()) {
            free.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new ConfigurationException("monitor.http.port=" + port + " cannot be used on " + host + ": "
                    + e.getMessage() + "; choose another, or set monitor.http.enabled=false");
        }
        Map<String, String> http = new TreeMap<>();
        http.put("camel.management.enabled", "true");
        http.put("camel.management.host", host);
        http.put("camel.management.port", String.valueOf(port));
        http.put("camel.management.healthCheckEnabled", "true");
        http.put("camel.management.healthPath", "/health");
        http.put("camel.health.exposureLevel", "full");
        // Those of the user's routes remain; the monitor's own checks say more about its routes.
        http.put("camel.health.excludePattern", "route:mysql-monitor-*,consumer:mysql-monitor-*");
        http.put("camel.management.metricsEnabled", "true");
        http.put("camel.metrics.enabled", "true");
        http.put("camel.metrics.path", "/metrics");
        http.put("camel.metrics.binders", "jvm-memory,jvm-gc,processor");
        // Camel's own figures of each exchange and route cost more than the monitor's.
        http.put("camel.metrics.enableRoutePolicy", "false");
        http.put("camel.metrics.enableExchangeEventNotifier", "false");
        http.put("camel.metrics.enableRouteEventNotifier", "false");
        return http;
    }
}

package io.mysqlmonitor.testing;

import io.mysqlmonitor.capture.CaptureEndpoint;
import io.mysqlmonitor.config.MonitorConfiguration;
import java.util.Map;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.LoggingExceptionHandler;

/** What the connector gets of a configuration. */
public final class CaptureSettings {

    private CaptureSettings() {}

    public static Map<String, String> of(MonitorConfiguration configuration) {
        return of(configuration, "debezium-mysql:any");
    }

    /**
     * @param uri of the endpoint in the capture route
     */
    public static Map<String, String> of(MonitorConfiguration configuration, String uri) {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            return CaptureEndpoint.create(
                            context,
                            uri,
                            configuration.connector(),
                            new LoggingExceptionHandler(context, CaptureSettings.class))
                    .connectorSettings();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}

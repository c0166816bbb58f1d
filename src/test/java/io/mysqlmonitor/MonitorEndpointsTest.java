package io.mysqlmonitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.config.MonitorConfiguration;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.component.springrabbit.SpringRabbitMQEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.support.SimpleRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which values the endpoints of the monitor's routes have, whatever the application or the machine says. */
class MonitorEndpointsTest {

    private static final String EXCHANGE = "rabbitmq.exchange";

    @TempDir
    private Path data;

    /** The environment is that of the build, which sets the variable for the tests. */
    @Test
    void shouldTakeTheirValuesFromTheMonitorAlone() throws Exception {
        assertThat(System.getenv("RABBITMQ_ROUTING_KEY")).isEqualTo("of-the-environment");
        System.setProperty(EXCHANGE, "of-the-machine");
        try (DefaultCamelContext context = new DefaultCamelContext();
                MysqlMonitor monitor =
                        new MysqlMonitor(configuration(EXCHANGE, "changes", "rabbitmq.routing-key", "all"))) {
            context.getPropertiesComponent().addInitialProperty(EXCHANGE, "of-the-application");

            monitor.addTo(context);
            context.start();

            assertThat(publishing(context).getExchangeName()).isEqualTo("changes");
            assertThat(publishing(context).getRoutingKey()).isEqualTo("all");
        } finally {
            System.clearProperty(EXCHANGE);
        }
    }

    @Test
    void shouldFindItsBeansInARegistryThatBindsNoSuppliers() throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext(new SimpleRegistry());
                MysqlMonitor monitor = new MysqlMonitor(configuration())) {
            monitor.addTo(context);
            context.start();

            assertThat(publishing(context).getConnectionFactory()).isNotNull();
            assertThat(context.getRegistry().lookupByName("monitorRabbitmq"))
                    .isSameAs(publishing(context).getConnectionFactory());
        }
    }

    private static SpringRabbitMQEndpoint publishing(DefaultCamelContext context) {
        return ProcessorDefinitionHelper.filterTypeInOutputs(
                        context.getRouteDefinition("mysql-monitor-send").getOutputs(), ToDefinition.class)
                .stream()
                .map(ToDefinition::getEndpoint)
                .filter(SpringRabbitMQEndpoint.class::isInstance)
                .map(SpringRabbitMQEndpoint.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private MonitorConfiguration configuration(String... settings) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "mysql.user", "monitor",
                "mysql.password", "secret",
                "mysql.port", "1",
                "rabbitmq.addresses", "localhost:1",
                "monitor.data", data.toString()));
        for (int i = 0; i < settings.length; i += 2) {
            properties.put(settings[i], settings[i + 1]);
        }
        return MonitorConfiguration.of(properties);
    }
}

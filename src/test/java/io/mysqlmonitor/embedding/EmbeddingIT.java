package io.mysqlmonitor.embedding;

import static io.mysqlmonitor.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.MysqlMonitor;
import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.testing.Scene;
import java.nio.file.Path;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.LifecycleStrategySupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The monitor as a guest in an application's Camel context. */
class EmbeddingIT {

    @TempDir
    private Path directory;

    @Test
    void shouldComeAndGoInAContextThatHasRoutesOfItsOwn() throws Exception {
        try (Scene scene = new Scene(directory);
                DefaultCamelContext context = new DefaultCamelContext()) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:own").routeId("own").transform().constant("answer");
                }
            });
            context.start();
            scene.sql("CREATE TABLE t (id INT PRIMARY KEY)");

            MysqlMonitor monitor = new MysqlMonitor(MonitorConfiguration.of(scene.properties()));
            monitor.addTo(context);
            scene.awaitCheckpoint();
            scene.sql("INSERT INTO t VALUES (1)");
            scene.awaitChanges(1);
            monitor.close();

            assertThat(context.getRoutes()).extracting(Route::getRouteId).containsExactly("own");
            assertThat(context.getRegistry().lookupByName("monitorCheckpoint")).isNull();
            assertThat(context.createProducerTemplate().requestBody("direct:own", "question"))
                    .isEqualTo("answer");
            scene.sql("INSERT INTO t VALUES (2)");
            new MysqlMonitor(MonitorConfiguration.of(scene.properties())).addTo(context);
            await().until(() ->
                    scene.changes().stream().anyMatch(message -> message.body().contains("{\"id\":2}")));
        }
    }

    @Test
    void shouldRunUnderASupervisingRouteControllerWhenAddedWhileItsContextInitializes() throws Exception {
        try (Scene scene = new Scene(directory);
                DefaultCamelContext context = new DefaultCamelContext();
                MysqlMonitor monitor = new MysqlMonitor(MonitorConfiguration.of(scene.properties()))) {
            scene.sql("CREATE TABLE t (id INT PRIMARY KEY)");
            context.setRouteController(context.getRouteController().supervising());
            context.addLifecycleStrategy(new LifecycleStrategySupport() {
                @Override
                public void onContextInitializing(CamelContext initializing) {
                    try {
                        monitor.addTo(initializing);
                    } catch (Exception e) {
                        throw RuntimeCamelException.wrapRuntimeCamelException(e);
                    }
                }
            });

            context.start();
            scene.awaitCheckpoint();
            scene.sql("INSERT INTO t VALUES (1)");

            scene.awaitChanges(1);
            await().until(() -> monitor.status().inFlight() == 0);
            context.stop();
            assertThat(monitor.status().isAlive()).isFalse();
        }
    }
}

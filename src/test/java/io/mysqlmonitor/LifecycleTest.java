package io.mysqlmonitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.mysqlmonitor.config.ConfigurationException;
import io.mysqlmonitor.config.MonitorConfiguration;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.apache.camel.Endpoint;
import org.apache.camel.ServiceStatus;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.LifecycleStrategy;
import org.apache.camel.spi.PropertiesSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the monitor comes and goes with its context, while no server answers. */
class LifecycleTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String UNAVAILABLE = "MySQL at localhost:1 is not available";

    @TempDir
    private Path directory;

    private final DefaultCamelContext context = new DefaultCamelContext();
    private MysqlMonitor monitor;

    @BeforeEach
    void setUp() throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:own").routeId("own").transform().constant("answer");
            }
        });
        monitor = new MysqlMonitor(configuration());
    }

    @AfterEach
    void tearDown() throws Exception {
        monitor.close();
        context.close();
    }

    private MonitorConfiguration configuration() {
        return configuration("mysql-monitor", "data");
    }

    private MonitorConfiguration configuration(String name, String data) {
        return MonitorConfiguration.of(Map.of(
                "monitor.name", name,
                "mysql.user", "monitor",
                "mysql.password", "secret",
                "mysql.port", "1",
                "rabbitmq.addresses", "localhost:1",
                "monitor.data", directory.resolve(data).toString()));
    }

    @Test
    void shouldLeaveNothingBehindInAContextThatRuns() throws Exception {
        context.start();
        Set<String> before = contents();
        Set<Thread> threads = Thread.getAllStackTraces().keySet();

        monitor.addTo(context);
        awaitProblem();
        assertThat(contents()).hasSizeGreaterThan(before.size() + 20);
        monitor.close();

        assertThat(contents()).isEqualTo(before);
        assertThat(context.createProducerTemplate().requestBody("direct:own", "question"))
                .isEqualTo("answer");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .filteredOn(thread -> thread.getName().contains("CaptureSupervisor")
                                || thread.getName().contains("mysql-monitor")
                                || thread.getName().contains("AMQP"))
                        .isSubsetOf(threads));
        assertThatCode(monitor::close).as("again").doesNotThrowAnyException();
    }

    @Test
    void shouldLeaveNothingBehindInAContextThatWasNeverStarted() throws Exception {
        Set<String> before = contents();

        monitor.addTo(context);
        monitor.close();

        assertThat(contents()).isEqualTo(before);
        context.start();
        assertThat(context.getRoutes()).hasSize(1);
    }

    @Test
    void shouldLeaveNothingBehindWhenItCannotBeAdded() throws Exception {
        context.start();
        Set<String> before = contents();
        Path routes = Files.createDirectory(directory.resolve("routes"));
        Files.writeString(routes.resolve("publish.camel.yaml"), "- route:\n    form: x\n");
        monitor = new MysqlMonitor(configuration(), routes);

        assertThatThrownBy(() -> monitor.addTo(context)).hasStackTraceContaining("publish.camel.yaml");

        assertThat(contents()).isEqualTo(before);
        Files.delete(routes.resolve("publish.camel.yaml"));
        monitor.addTo(context);
        awaitProblem();
    }

    @Test
    void shouldRefuseToBeAddedAfterItWasClosed() throws Exception {
        context.start();
        monitor.addTo(context);
        monitor.close();

        assertThatThrownBy(() -> monitor.addTo(context))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("was closed; create a new one");
        MysqlMonitor another = new MysqlMonitor(configuration());
        another.addTo(context);
        awaitProblem();
        another.close();
    }

    @Test
    void shouldRefuseASecondMonitorInOneContext() throws Exception {
        context.start();
        monitor.addTo(context);
        awaitProblem();
        Set<String> before = contents();

        try (MysqlMonitor second = new MysqlMonitor(configuration("second", "elsewhere"))) {
            assertThatThrownBy(() -> second.addTo(context))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessage(
                            "the Camel context already holds a monitor, and can hold only one: give each monitor a Camel context, "
                                    + "a monitor.name, a monitor.data and a mysql.server-id of its own");
        }

        assertThat(contents()).isEqualTo(before);
        assertThat(context.getRoutes()).hasSizeGreaterThan(1);
    }

    @Test
    void shouldRefuseASecondMonitorOfItsNameInAnotherContext() throws Exception {
        monitor.addTo(context);
        context.start();
        MysqlMonitor second = new MysqlMonitor(configuration("mysql-monitor", "elsewhere"));
        try (DefaultCamelContext other = new DefaultCamelContext()) {
            other.start();
            String refusal =
                    "monitor.name: another monitor of this process has the name mysql-monitor; give each monitor its own "
                            + "monitor.name, monitor.data and mysql.server-id";

            assertThatThrownBy(() -> second.addTo(other))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessage(refusal);
            assertThat(other.getRoutes()).isEmpty();

            context.stop();
            second.addTo(other);
            assertThatThrownBy(context::start).hasStackTraceContaining(refusal);
            second.close();
            context.start();
            awaitProblem();
        }
    }

    @Test
    void shouldStartAgainWithItsContext() throws Exception {
        monitor.addTo(context);
        context.start();
        awaitProblem();

        context.stop();
        assertThat(monitor.status().isAlive()).isFalse();
        context.start();

        awaitProblem();
        assertThat(List.of("mysql-monitor-window", "mysql-monitor-publish", "mysql-monitor-send"))
                .allMatch(route -> context.getRouteController().getRouteStatus(route) == ServiceStatus.Started);
    }

    @Test
    void shouldDoNothingWhileItsContextIsSuspended() throws Exception {
        context.start();
        context.suspend();
        monitor.addTo(context);

        await().during(Duration.ofSeconds(2)).until(() -> problem().isEmpty());
        context.resume();

        awaitProblem();
    }

    @Test
    void shouldGoOnAfterItsContextWasSuspended() throws Exception {
        monitor.addTo(context);
        context.start();
        awaitProblem();

        context.suspend();
        context.resume();

        await().atMost(PATIENCE).until(() -> Stream.of(
                        "mysql-monitor-window", "mysql-monitor-publish", "mysql-monitor-send")
                .allMatch(route -> context.getRouteController().getRouteStatus(route) == ServiceStatus.Started));
        awaitProblem();
    }

    @Test
    void shouldLeaveNothingBehindHoweverOftenItComesAndGoes() throws Exception {
        context.start();
        comeAndGo();
        Set<String> before = contents();
        Set<String> services = services();

        comeAndGo();
        comeAndGo();

        assertThat(contents()).isEqualTo(before);
        assertThat(services()).isEqualTo(services);
    }

    private void comeAndGo() throws Exception {
        try (MysqlMonitor another = new MysqlMonitor(configuration())) {
            another.addTo(context);
            awaitProblem();
        }
    }

    @Test
    void shouldRunUnderASupervisingRouteController() throws Exception {
        context.setRouteController(context.getRouteController().supervising());
        monitor.addTo(context);
        context.start();

        awaitProblem();
    }

    @Test
    void shouldSurviveErrorsOfTheSupervisor() throws Exception {
        AtomicInteger errors = new AtomicInteger(3);
        Clock full = ((InstantSource) () -> {
                    if (Thread.currentThread().getName().contains("CaptureSupervisor")
                            && errors.getAndDecrement() > 0) {
                        throw new OutOfMemoryError("thrown by a test");
                    }
                    return Instant.now();
                })
                .withZone(ZoneOffset.UTC);
        monitor = new MysqlMonitor(configuration(), null, Clock.systemUTC(), full);
        context.start();
        monitor.addTo(context);

        awaitProblem();
        assertThat(errors).hasValueLessThan(1);
    }

    private void awaitProblem() {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(problem()).contains(UNAVAILABLE));
    }

    /** What the health check of capture says. */
    private String problem() {
        HealthCheckRegistry checks = HealthCheckRegistry.get(context);
        return checks.getCheck("mysql-monitor-capture")
                .map(HealthCheck::call)
                .map(HealthCheck.Result::getMessage)
                .map(Object::toString)
                .filter(message -> message.contains(UNAVAILABLE))
                .orElse("");
    }

    /** Names of all that a monitor can leave in a context and in the JVM. */
    private Set<String> contents() throws Exception {
        Set<String> names = new TreeSet<>();
        names.addAll(names(context.getRouteDefinitions(), RouteDefinition::getId));
        names.addAll(names(context.getEndpoints(), Endpoint::getEndpointUri));
        names.addAll(names(context.getLifecycleStrategies(), LifecycleStrategy::toString));
        names.addAll(names(context.getPropertiesComponent().getPropertiesSources(), PropertiesSource::getName));
        names.addAll(names(HealthCheckRegistry.get(context).stream().toList(), HealthCheck::getId));
        names.addAll(context.getRegistry().findByTypeWithName(Object.class).keySet());
        names.addAll(services().stream()
                .filter(service -> service.startsWith("io.mysqlmonitor"))
                .toList()); // Camel makes its own when they are first needed
        names.addAll(names(context.getManagementStrategy().getEventNotifiers(), LifecycleTest::identity));
        names.addAll(names(context.getRoutePolicyFactories(), LifecycleTest::identity));
        names.addAll(names(context.getCamelContextExtension().getInterceptStrategies(), LifecycleTest::identity));
        for (ObjectName bean : ManagementFactory.getPlatformMBeanServer().queryNames(null, null)) {
            if (bean.getCanonicalName().contains("mysql-monitor")) {
                names.add(bean.getCanonicalName());
            }
        }
        return names;
    }

    private Set<String> services() {
        return names(context.getCamelContextExtension().getServices(), LifecycleTest::identity);
    }

    private static String identity(Object thing) {
        return thing.getClass().getName() + '@' + System.identityHashCode(thing);
    }

    private static <T> Set<String> names(Collection<T> things, Function<T, String> name) {
        return things.stream().map(name).collect(Collectors.toSet());
    }
}

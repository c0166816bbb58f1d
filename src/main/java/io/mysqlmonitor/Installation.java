package io.mysqlmonitor;

import io.micrometer.core.instrument.MeterRegistry;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.checkpoint.CaptureProgress;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.CheckpointRoutePolicy;
import io.mysqlmonitor.config.ConfigurationException;
import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.dedupe.WindowAggregationStrategy;
import io.mysqlmonitor.message.MessageModule;
import io.mysqlmonitor.observe.MonitorHealthCheck;
import io.mysqlmonitor.observe.MonitorMetrics;
import io.mysqlmonitor.publish.Broker;
import io.mysqlmonitor.publish.DeadLetterProcessor;
import io.mysqlmonitor.publish.DeclareProcessor;
import io.mysqlmonitor.publish.MessagePropertiesProcessor;
import io.mysqlmonitor.publish.MessageSizeProcessor;
import io.mysqlmonitor.publish.PropertiesConverter;
import io.mysqlmonitor.publish.PublisherConfirmsPolicy;
import io.mysqlmonitor.publish.PublishingThread;
import io.mysqlmonitor.publish.RabbitmqSettings;
import io.mysqlmonitor.publish.RoutingProcessor;
import io.mysqlmonitor.server.BinlogSearch;
import io.mysqlmonitor.server.MysqlServer;
import io.mysqlmonitor.supervise.CaptureSupervisor;
import io.mysqlmonitor.supervise.Drain;
import io.mysqlmonitor.supervise.HeartbeatProcessor;
import io.mysqlmonitor.supervise.SnapshotRequests;
import io.mysqlmonitor.supervise.Supervision;
import io.mysqlmonitor.supervise.Windows;
import io.mysqlmonitor.transform.ChangeFilterProcessor;
import io.mysqlmonitor.transform.RowChangeProcessor;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.ServiceStatus;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.processor.aggregate.AggregateController;
import org.apache.camel.processor.aggregate.DefaultAggregateController;
import org.apache.camel.spi.LifecycleStrategy;
import org.apache.camel.spi.ShutdownStrategy;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.service.ServiceHelper;

/**
 * All of a monitor that is in one Camel context: beans, placeholders, routes, the supervisor, health checks and figures. {@link #remove} takes
 * out what {@link #add} has put in, however far that came.
 *
 * <p>For the threads that start, stop and change the context, one at a time.
 */
final class Installation {

    /** What cannot stand in the URI of an endpoint as it is. */
    private static final Pattern LABEL = Pattern.compile("[^A-Za-z0-9._:-]");

    /** Without de-dupe a window is but a batch, open for this time. */
    private static final Duration BATCH = Duration.ofMillis(2);

    private final CamelContext context;
    private final MonitorConfiguration configuration;
    private final CheckpointKeeper keeper;
    private final CaptureProgress progress;
    private final Broker broker;
    private final Reservation reservation;
    private final Halt halt;
    private final Clock timeOfDay;
    private final Clock clock;

    private final MonitorPlaceholders placeholders = new MonitorPlaceholders();
    private final MonitorBeans beans;
    private final MonitorEndpoints endpoints;
    private final RouteFiles routes;
    private final CheckpointRoutePolicy checkpoint;
    private final AggregateController windowController = new DefaultAggregateController();
    private final WindowAggregationStrategy windows;
    private final PublisherConfirmsPolicy confirms;
    private final DeadLetterProcessor deadLetter;
    private final CaptureSupervisor supervisor;
    private final Drain drain;
    private final List<MonitorHealthCheck> health;
    private final LifecycleStrategy lifecycle = new ContextLifecycle();

    /** Another one each time the context starts; read by the supervisor's and the capture thread. */
    private volatile PublishingThread publisher;

    private MonitorMetrics metrics;
    private boolean loaded;

    /** What is kept of a monitor while it is in no context. */
    record Core(
            MonitorConfiguration configuration,
            CheckpointKeeper keeper,
            CaptureProgress progress,
            Broker broker,
            Reservation reservation,
            Halt halt,
            Clock timeOfDay,
            Clock clock) {}

    /**
     * Puts nothing into the context yet.
     *
     * @param routesDirectory a folder with route files; null for none
     */
    Installation(CamelContext context, Path routesDirectory, Core core) {
        this.context = context;
        this.configuration = core.configuration();
        this.keeper = core.keeper();
        this.progress = core.progress();
        this.broker = core.broker();
        this.reservation = core.reservation();
        this.halt = core.halt();
        this.timeOfDay = core.timeOfDay();
        this.clock = core.clock();
        this.beans = new MonitorBeans(context.getRegistry());
        this.checkpoint = new CheckpointRoutePolicy(keeper, progress, MonitorRoutes.HEARTBEAT);
        this.endpoints = new MonitorEndpoints(context, configuration.connector(), checkpoint, broker);
        this.routes = new RouteFiles(context, routesDirectory, placeholders, new MonitorRoutes(), endpoints);
        this.publisher = newPublisher();
        this.windows = windows();
        this.confirms = new PublisherConfirmsPolicy(broker, configuration.confirmTimeout());
        this.deadLetter = new DeadLetterProcessor(configuration.deadLetter());
        Windows supervised = new Windows(windows, windowController, () -> publisher);
        this.supervisor = supervisor(supervised);
        this.drain = new Drain(keeper, progress, supervised, clock);
        this.health = MonitorHealthCheck.of(
                progress.status(),
                broker,
                this::publishingProblem,
                halt::reason,
                supervisor::problem,
                timeOfDay,
                clock);
    }

    private PublishingThread newPublisher() {
        return new PublishingThread(configuration.name() + " publisher");
    }

    /** How long a window is open. */
    private Duration window() {
        Duration dedupe = configuration.dedupeWindow();
        return dedupe.isZero() ? BATCH : dedupe;
    }

    private WindowAggregationStrategy windows() {
        boolean merging = !configuration.dedupeWindow().isZero();
        return new WindowAggregationStrategy(
                progress,
                () -> publisher.isCurrent(),
                window(),
                // a delete and an insert would make an update that nobody asked for
                merging && !configuration.unwantedOperations().contains(ChangeType.UPDATE),
                configuration.rowsPerWindow(),
                configuration.bytesPerWindow());
    }

    private CaptureSupervisor supervisor(Windows supervised) {
        MysqlServer mysql = new MysqlServer(configuration.mysql());
        return new Supervision(
                        context,
                        MonitorRoutes.CAPTURE,
                        MonitorRoutes.FLOW,
                        mysql,
                        new BinlogSearch(mysql, configuration.mysql()),
                        broker,
                        keeper,
                        progress,
                        supervised,
                        new SnapshotRequests(configuration.data()))
                .supervisor(
                        new Supervision.Choices(
                                configuration.start(),
                                configuration.onGap(),
                                configuration.rebuildsSchema(),
                                configuration.passesUnreadable()),
                        halt,
                        timeOfDay,
                        clock);
    }

    /**
     * Puts all into the context. If the context runs, the monitor starts; else it starts with the context.
     *
     * @throws ConfigurationException if the context has a bean in the place of one on which the guarantee rests, or a route file is not
     *     understood
     */
    void add() throws Exception {
        bindBeans();
        addPlaceholders();
        routes.load();
        loaded = true;
        registerHealthChecks();
        MeterRegistry registry = context.getRegistry().findSingleByType(MeterRegistry.class);
        if (registry != null) {
            metrics = new MonitorMetrics(progress, broker, confirms, deadLetter, timeOfDay);
            metrics.bindTo(registry);
        }
        context.addLifecycleStrategy(lifecycle);
        if (context.isStarted() || context.isSuspended()) {
            supervisor.start();
        }
    }

    private void addPlaceholders() {
        Map<String, String> all = new HashMap<>(configuration.placeholders());
        all.put("monitor.window.check", String.valueOf(Math.max(1, Math.min(100, window().toMillis() / 2))));
        RabbitmqSettings rabbitmq = configuration.rabbitmq();
        all.put("monitor.routing.fixed", String.valueOf(rabbitmq.isPlain()));
        all.put("monitor.exchange.fixed", String.valueOf(!rabbitmq.declaresOnUse()));
        if (!rabbitmq.isPlain()) { // each message has its own; these are but labels that fit the endpoint's URI
            all.put(
                    "rabbitmq.exchange",
                    LABEL.matcher(rabbitmq.exchange().toString()).replaceAll("_"));
            all.remove("rabbitmq.routing-key");
        }
        all.put("monitor.unfiltered", String.valueOf(!configuration.filters()));
        placeholders.set(all);
        context.getPropertiesComponent().addPropertiesFunction(placeholders);
    }

    private void bindBeans() {
        beans.bind(MonitorRoutes.CHECKPOINT, checkpoint);
        beans.bind(
                "monitorTransform", new RowChangeProcessor(configuration.columnMasks(), configuration.messageTypes()));
        beans.bind(
                "monitorFilter",
                new ChangeFilterProcessor(
                        configuration
                                .filter()
                                .map(filter -> context.resolveLanguage("simple").createPredicate(filter))
                                .orElse(null),
                        configuration.unwantedOperations()));
        beans.bind(MonitorRoutes.WINDOW, windows);
        beans.bind(MonitorRoutes.CONTROLLER, windowController);
        beans.bind(MonitorRoutes.PUBLISHER, publisher);
        beans.bind("monitorConfirms", confirms);
        beans.bind("monitorRetry", (Processor)
                exchange -> confirms.retried(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class)));
        beans.bind(
                "monitorHeartbeat",
                new HeartbeatProcessor(
                        progress,
                        () -> broker.blockedSince().isPresent() || confirms.isFailing() && progress.inFlight() > 0,
                        configuration.heartbeatIdle()));
        beans.bind("monitorMessage", new MessagePropertiesProcessor(timeOfDay));
        beans.bind("monitorProperties", new PropertiesConverter());
        beans.bind("monitorRouting", new RoutingProcessor(configuration.rabbitmq()));
        beans.bind("monitorDeclare", new DeclareProcessor(broker));
        beans.bind("monitorSize", new MessageSizeProcessor(broker));
        beans.bind("monitorDeadLetter", deadLetter);
        beans.bind("monitorJson", new MessageModule(timeOfDay, configuration.messageAdditions()));
        beans.bind("monitorRabbitmq", broker.connectionFactory());
    }

    private void registerHealthChecks() {
        HealthCheckRegistry checks = HealthCheckRegistry.get(context);
        if (checks != null) {
            health.forEach(checks::register);
        }
    }

    /** Why what is captured cannot be published now; empty if it can. It is tried again until it can. */
    Optional<String> publishingProblem() {
        return confirms.problem().filter(problem -> progress.inFlight() > 0);
    }

    /**
     * Takes all out of the context: publishes what is captured first, and stores the position. The function for placeholders stays, without
     * any: Camel cannot remove it.
     */
    void remove() {
        if (loaded) {
            stopCapture();
        }
        context.getLifecycleStrategies().remove(lifecycle);
        try {
            routes.remove();
            context.removeService(checkpoint); // which Camel adds with the route, and leaves
        } catch (Exception e) {
            throw RuntimeCamelException.wrapRuntimeCamelException(e);
        } finally {
            removeParts();
        }
    }

    private void removeParts() {
        endpoints.close();
        publisher.shutdownNow();
        HealthCheckRegistry checks = HealthCheckRegistry.get(context);
        if (checks != null) {
            health.forEach(checks::unregister);
        }
        if (metrics != null) {
            metrics.close();
            metrics = null;
        }
        beans.unbind();
        checkpoint.shutdown();
        placeholders.set(Map.of());
    }

    /** Reads no further, and waits until what was read is confirmed or Camel's shutdown time is over. */
    private void stopCapture() {
        Instant begin = clock.instant();
        supervisor.stop();
        Route capture = context.getRoute(MonitorRoutes.CAPTURE);
        boolean running = capture != null
                && context.getRouteController().getRouteStatus(MonitorRoutes.CAPTURE) == ServiceStatus.Started;
        if (running) {
            ServiceHelper.stopService(capture.getConsumer());
        }
        ShutdownStrategy shutdown = context.getShutdownStrategy();
        drain.run(
                running,
                begin,
                Duration.of(shutdown.getTimeout(), shutdown.getTimeUnit().toChronoUnit()));
    }

    /** Whether another monitor is in the context. */
    static boolean isIn(CamelContext context) {
        return context.getLifecycleStrategies().stream().anyMatch(ContextLifecycle.class::isInstance);
    }

    /** What the monitor does when its context starts and stops. */
    private final class ContextLifecycle extends LifecycleStrategySupport {

        private boolean stopped;

        /** A context that was stopped has lost its beans and components. */
        @Override
        public void onContextInitializing(CamelContext starting) {
            if (stopped) {
                halt.clear();
                reservation.take();
                starting.getPropertiesComponent().addPropertiesFunction(placeholders);
                publisher = newPublisher();
                beans.replace(MonitorRoutes.PUBLISHER, publisher);
                beans.bindAgain();
                registerHealthChecks();
                stopped = false;
            }
        }

        @Override
        public void onContextStarted(CamelContext started) {
            supervisor.start();
        }

        @Override
        public void onContextStopping(CamelContext stopping) {
            stopped = true;
            stopCapture();
        }

        @Override
        public void onContextStopped(CamelContext context) {
            publisher.shutdownNow();
            reservation.release();
        }
    }
}

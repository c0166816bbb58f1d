package io.mysqlmonitor;

import io.micrometer.core.instrument.MeterRegistry;
import io.mysqlmonitor.capture.BinlogSearch;
import io.mysqlmonitor.capture.ChangeFilterProcessor;
import io.mysqlmonitor.capture.MysqlServer;
import io.mysqlmonitor.capture.MysqlSettings;
import io.mysqlmonitor.capture.RowChangeProcessor;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.change.MessageModule;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.CheckpointRoutePolicy;
import io.mysqlmonitor.checkpoint.DataFolderInUseException;
import io.mysqlmonitor.dedupe.WindowAggregationStrategy;
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
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
import org.apache.camel.spi.Registry;
import org.apache.camel.spi.ShutdownStrategy;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The monitor: adds its routes, and the beans that they name, to a Camel context, and takes them out again.
 *
 * <pre>
 * try (MysqlMonitor monitor = new MysqlMonitor(MonitorConfiguration.of(properties))) {
 *     monitor.addTo(camelContext);
 *     ...
 * }
 * </pre>
 *
 * <p>One monitor belongs to one context. In the context it uses routes and direct endpoints
 * whose names begin with {@code mysql-monitor-}, and beans whose names begin with {@code monitor}; a bean of such a name that the
 * context has already is used in place of the monitor's, unless the order and the confirms of messages rest on it: then it is refused.
 */
public final class MysqlMonitor implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MysqlMonitor.class);

    /** Beans that an application cannot put its own in place of. */
    private static final Set<String> IRREPLACEABLE = Set.of(
            "monitorCheckpoint",
            MonitorRoutes.WINDOW,
            MonitorRoutes.CONTROLLER,
            MonitorRoutes.PUBLISHER,
            "monitorRabbitmq");

    /** What cannot stand in the URI of an endpoint as it is. */
    private static final Pattern LABEL = Pattern.compile("[^A-Za-z0-9._:-]");

    /** Without de-dupe a window is but a batch, open for this time. */
    private static final Duration BATCH = Duration.ofMillis(2);

    private final MonitorConfiguration configuration;
    private final Path routesDirectory;
    private final Clock timeOfDay;
    private final Clock clock;
    private final MonitorName name;
    private final CheckpointKeeper keeper;
    private final CheckpointRoutePolicy checkpoint;
    private final Broker broker;
    private final DeadLetterProcessor deadLetter;
    private final AggregateController windowController = new DefaultAggregateController();
    private final MonitorPlaceholders placeholders = new MonitorPlaceholders();
    private final Map<String, Object> beans = new HashMap<>();

    /** What the monitor does when its context starts and stops. */
    private final LifecycleStrategy lifecycle = new LifecycleStrategySupport() {

        private boolean stopped;

        /** A context that was stopped has lost its beans and components. */
        @Override
        public void onContextInitializing(CamelContext starting) {
            if (stopped) {
                halted = null;
                takeFolderAndName();
                starting.getPropertiesComponent().addPropertiesFunction(placeholders);
                publisher = newPublisher();
                beans.put(MonitorRoutes.PUBLISHER, publisher);
                Registry registry = starting.getRegistry();
                beans.forEach((name, bean) -> {
                    if (registry.lookupByName(name) == null) {
                        register(name, bean);
                    }
                });
                registerHealthChecks();
                stopped = false;
            }
        }

        @Override
        public void onContextStarted(CamelContext started) {
            supervisor.start();
        }

        /** Camel's graceful shutdown does not see windows that wait for their turn to be published; so they go out before it begins. */
        @Override
        public void onContextStopping(CamelContext stopping) {
            stopped = true;
            drain();
        }

        @Override
        public void onContextStopped(CamelContext context) {
            publisher.shutdownNow();
            releaseFolderAndName();
        }
    };

    // set by addTo
    private CamelContext context;
    private CaptureSupervisor supervisor;
    private WindowAggregationStrategy windows;
    private PublisherConfirmsPolicy confirms;
    private List<MonitorHealthCheck> health = List.of();
    private MonitorMetrics metrics;
    private MonitorEndpoints endpoints;
    private RouteFiles routes;
    private volatile PublishingThread publisher;
    private boolean closed;
    private volatile String halted;
    private volatile Runnable onHalt = () -> {};

    /** A monitor with the routes that are packed with it. */
    public MysqlMonitor(MonitorConfiguration configuration) {
        this(configuration, null);
    }

    /**
     * @param routesDirectory a folder whose {@code *.camel.yaml} files are added, each in place of the packed one of the same
     *     name; null for none
     * @throws IllegalStateException if there is a checkpoint that cannot be read
     */
    public MysqlMonitor(MonitorConfiguration configuration, Path routesDirectory) {
        this(configuration, routesDirectory, Clock.systemUTC(), new MonotonicClock());
    }

    /**
     * @param timeOfDay gives the times that are published and stored
     * @param clock gives durations, and is not set back
     */
    MysqlMonitor(MonitorConfiguration configuration, Path routesDirectory, Clock timeOfDay, Clock clock) {
        this.configuration = configuration;
        this.routesDirectory = routesDirectory;
        this.timeOfDay = timeOfDay;
        this.clock = clock;
        this.name = new MonitorName(configuration.get("monitor.name"));
        this.keeper = new CheckpointKeeper(
                configuration.get("monitor.name"),
                configuration.checkpointFile(),
                configuration.schemaHistoryFile(),
                configuration.rowsInFlight(),
                configuration.bytesInFlight(),
                timeOfDay,
                clock);
        this.checkpoint = new CheckpointRoutePolicy(
                keeper, configuration.duration("monitor.stall-timeout"), MonitorRoutes.HEARTBEAT, timeOfDay, clock);
        if (!configuration.get("mysql.ssl-ca").isEmpty()) {
            Certificates.write(
                    Path.of(configuration.get("mysql.ssl-ca")),
                    configuration.mysql().trustStore(),
                    MysqlSettings.TRUST_STORE_PASSWORD);
        }
        this.broker = new Broker(configuration.rabbitmq(), configuration.get("monitor.name"), clock);
        this.deadLetter = new DeadLetterProcessor(configuration.get("monitor.dead-letter"));
    }

    /**
     * Adds the monitor to a context. If the context runs, the monitor starts; else it starts with the context. Servers that do not
     * answer are tried again until they do.
     *
     * @throws ConfigurationException if the context pools exchanges or holds a monitor already, or another monitor of this process has
     *     the same {@code monitor.name}, or any other the same {@code monitor.data}
     * @throws IllegalStateException if this monitor is in a context, or was closed
     * @throws ConfigurationException if a route file is not understood; then, too, nothing of the monitor is left in the context
     * @throws Exception if a route cannot be added; likewise
     */
    public void addTo(CamelContext camelContext) throws Exception {
        if (closed) {
            throw new IllegalStateException("this monitor was closed; make another one and add that");
        }
        if (context != null) {
            throw new IllegalStateException("this monitor is in a context already");
        }
        if (camelContext.getLifecycleStrategies().stream()
                .anyMatch(other -> other.getClass() == lifecycle.getClass())) {
            throw new ConfigurationException(
                    "the Camel context holds a monitor already, and can hold one: give each monitor a Camel context, a monitor.name, "
                            + "a monitor.data and a mysql.server-id of its own");
        }
        // Camel's split casts the clock of each exchange that was not pooled, and fails.
        if (camelContext
                .getCamelContextExtension()
                .getProcessorExchangeFactory()
                .isPooled()) {
            throw new ConfigurationException(
                    "the Camel context pools exchanges (camel.main.exchangeFactory=pooled), and Camel cannot split a window then; "
                            + "use prototype, the default, or give the monitor a context of its own");
        }
        takeFolderAndName();
        context = camelContext;
        try {
            install();
        } catch (Exception | Error e) {
            try {
                remove();
            } catch (RuntimeException failed) {
                e.addSuppressed(failed);
            } finally {
                releaseFolderAndName();
            }
            throw e;
        }
    }

    /** What another monitor may have. */
    private void takeFolderAndName() {
        try {
            keeper.acquire();
        } catch (DataFolderInUseException e) {
            throw new ConfigurationException("monitor.data: " + e.getMessage());
        }
        try {
            name.take();
        } catch (ConfigurationException e) {
            keeper.release();
            throw e;
        }
    }

    private void releaseFolderAndName() {
        keeper.release();
        name.release();
    }

    private void install() throws Exception {
        Duration dedupe = configuration.duration("monitor.dedupe.window");
        boolean merging = !dedupe.isZero();
        Duration window = merging ? dedupe : BATCH;
        bind("monitorCheckpoint", checkpoint);
        addPlaceholders(window);
        bind("monitorTransform", new RowChangeProcessor(configuration.columnMasks(), configuration.messageTypes()));
        String filter = configuration.get("monitor.filter");
        bind(
                "monitorFilter",
                new ChangeFilterProcessor(
                        filter.isEmpty()
                                ? null
                                : context.resolveLanguage("simple").createPredicate(filter),
                        configuration.unwantedOperations()));
        windows = new WindowAggregationStrategy(
                checkpoint,
                () -> publisher.isCurrent(),
                window,
                // a delete and an insert would make an update that nobody asked for
                merging && !configuration.unwantedOperations().contains(ChangeType.UPDATE),
                configuration.rowsPerWindow(),
                configuration.bytesPerWindow());
        bind(MonitorRoutes.WINDOW, windows);
        bind(MonitorRoutes.CONTROLLER, windowController);
        publisher = newPublisher();
        bind(MonitorRoutes.PUBLISHER, publisher);
        confirms = new PublisherConfirmsPolicy(broker, configuration.duration("rabbitmq.confirm-timeout"));
        bind("monitorConfirms", confirms);
        bind("monitorRetry", (Processor)
                exchange -> confirms.retried(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class)));
        bind(
                "monitorHeartbeat",
                new HeartbeatProcessor(
                        checkpoint,
                        () -> broker.blockedSince().isPresent() || confirms.isFailing() && checkpoint.inFlight() > 0,
                        configuration.duration("monitor.heartbeat.idle")));
        bind("monitorMessage", new MessagePropertiesProcessor(timeOfDay));
        bind("monitorProperties", new PropertiesConverter());
        bind("monitorRouting", new RoutingProcessor(configuration.rabbitmq()));
        bind("monitorDeclare", new DeclareProcessor(broker));
        bind("monitorSize", new MessageSizeProcessor(broker));
        bind("monitorDeadLetter", deadLetter);
        bind("monitorJson", new MessageModule(timeOfDay, configuration.messageAdditions()));
        bind("monitorRabbitmq", broker.connectionFactory());
        endpoints = new MonitorEndpoints(context, configuration.connector(), checkpoint, broker);
        routes = new RouteFiles(context, routesDirectory, placeholders, new MonitorRoutes(), endpoints);
        routes.load();
        MysqlServer mysql = new MysqlServer(configuration.mysql());
        supervisor = new CaptureSupervisor(
                MonitorRoutes.CAPTURE,
                new GapPublisher(context),
                mysql,
                broker,
                checkpoint,
                keeper,
                new StartingPoint(
                        keeper,
                        new BinlogSearch(mysql, configuration.mysql()),
                        configuration.get("monitor.start"),
                        configuration.get("monitor.on-gap"),
                        configuration.get("monitor.on-schema-loss").equals("rebuild"),
                        configuration.get("monitor.on-unreadable").equals("gap")),
                new SnapshotRequests(configuration.data()),
                windows::isOverdue,
                newLostWindow(),
                () -> publisher.takeError(),
                windowController::forceCompletionOfAllGroups,
                this::halt,
                timeOfDay,
                clock);
        supervisor.setCamelContext(context);
        observe();
        context.addLifecycleStrategy(lifecycle);
        if (context.isStarted() || context.isSuspended()) {
            supervisor.start();
        }
    }

    private void observe() {
        health = MonitorHealthCheck.of(
                checkpoint, broker, this::publishingProblem, this::halted, supervisor::problem, timeOfDay, clock);
        registerHealthChecks();
        MeterRegistry registry = context.getRegistry().findSingleByType(MeterRegistry.class);
        if (registry != null) {
            metrics = new MonitorMetrics(checkpoint, broker, confirms, deadLetter, timeOfDay);
            metrics.bindTo(registry);
        }
    }

    private PublishingThread newPublisher() {
        return new PublishingThread(configuration.get("monitor.name") + " publisher");
    }

    private void registerHealthChecks() {
        HealthCheckRegistry checks = HealthCheckRegistry.get(context);
        if (checks != null) {
            health.forEach(checks::register);
        }
    }

    private void addPlaceholders(Duration window) {
        Map<String, String> all = new HashMap<>(configuration.placeholders());
        all.put("monitor.window.check", String.valueOf(Math.max(1, Math.min(100, window.toMillis() / 2))));
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

    /**
     * Binds a bean unless the context has one of that name, so that an application can put its own in place of a step. It is found by its name
     * and not by its type: components and applications that look for the only bean of a type must not find the monitor's.
     *
     * @throws ConfigurationException if it has, and the guarantee rests on the monitor's
     */
    private void bind(String name, Object bean) {
        if (context.getRegistry().lookupByName(name) == null) {
            beans.put(name, bean);
            register(name, bean);
        } else if (IRREPLACEABLE.contains(name)) {
            throw new ConfigurationException(
                    "the Camel context has a bean " + name
                            + " already, and the order and the confirms of messages rest on the monitor's own; give yours another name");
        }
    }

    private void register(String name, Object bean) {
        Registry registry = context.getRegistry();
        try {
            registry.bind(name, Object.class, () -> bean);
        } catch (UnsupportedOperationException e) {
            registry.bind(name, bean); // Camel's SimpleRegistry binds no suppliers
        }
    }

    /**
     * Has the rows of a table published, as {@code row_snapshot}, while changes go on. It begins when capture next looks, at the latest
     * when it next starts, and goes on after a restart.
     *
     * @param table {@code database.table}
     * @param where an SQL condition for the rows; empty for all
     * @throws IllegalArgumentException if that is not possible; the message says why
     * @throws SQLException if the server cannot be asked
     * @throws IOException if the request cannot be written
     */
    public void snapshot(String table, String where) throws IOException, SQLException {
        SnapshotRequests.ask(configuration, new SnapshotRequests.Request(table, where));
    }

    /** What is captured, published and stored so far. */
    public CheckpointRoutePolicy checkpoint() {
        return checkpoint;
    }

    /** Where the position is kept. */
    CheckpointKeeper keeper() {
        return keeper;
    }

    /**
     * Why capture does not run, and what to do about it, if only a person can mend it: the server is not set up for it, or no longer
     * has what follows the checkpoint. Empty while it runs or is tried again.
     */
    public Optional<String> halted() {
        return Optional.ofNullable(halted);
    }

    /** Why what is captured cannot be published now; empty if it can. It is tried again until it can. */
    Optional<String> publishingProblem() {
        return confirms.problem().filter(problem -> checkpoint.inFlight() > 0);
    }

    /** What to do once when capture {@linkplain #halted() halts}. */
    void onHalt(Runnable action) {
        onHalt = action;
    }

    private void halt(String problem) {
        halted = problem;
        onHalt.run();
    }

    /**
     * Takes the monitor out of its context: publishes what is captured, stores the position and removes routes and beans. Does nothing when
     * it is called again.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (context != null) {
                remove();
            }
        } finally {
            releaseFolderAndName();
            broker.close();
        }
    }

    /** Takes out of the context what {@link #install} has put there, however far it came; the endpoint strategy stays. */
    private void remove() {
        drain();
        context.getLifecycleStrategies().remove(lifecycle);
        removeRoutes();
        if (endpoints != null) {
            endpoints.close();
        }
        if (publisher != null) {
            publisher.shutdownNow();
        }
        HealthCheckRegistry checks = HealthCheckRegistry.get(context);
        if (checks != null) {
            health.forEach(checks::unregister);
        }
        if (metrics != null) {
            metrics.close();
            metrics = null;
        }
        Registry registry = context.getRegistry();
        beans.keySet().forEach(registry::unbind);
        beans.clear();
        checkpoint.shutdown();
        placeholders.set(Map.of());
        supervisor = null;
        context = null;
    }

    /** Reads no further, and waits until what was read is confirmed or Camel's shutdown time is over. */
    private void drain() {
        if (supervisor == null) {
            return;
        }
        Instant begin = clock.instant();
        supervisor.stop();
        Route capture = context.getRoute(MonitorRoutes.CAPTURE);
        boolean running = capture != null
                && context.getRouteController().getRouteStatus(MonitorRoutes.CAPTURE) == ServiceStatus.Started;
        if (running) {
            ServiceHelper.stopService(capture.getConsumer());
        }
        windowController.forceCompletionOfAllGroups();
        if (!running && !keeper.awaitsConfirms()) {
            return;
        }
        ShutdownStrategy shutdown = context.getShutdownStrategy();
        Duration limit =
                Duration.of(shutdown.getTimeout(), shutdown.getTimeUnit().toChronoUnit());
        // What is left of it is Camel's, to stop the routes.
        Duration wait = limit.multipliedBy(9).dividedBy(10).minus(Duration.between(begin, clock.instant()));
        if (awaitConfirms(wait)) {
            checkpoint.markClean();
            LOG.info("Capture stopped, all confirmed, checkpoint {}", checkpoint.position());
        } else {
            LOG.warn(
                    "Capture stopped; after {} s not all was confirmed. The next start publishes again from {}.",
                    Duration.between(begin, clock.instant()).plusMillis(999).toSeconds(),
                    checkpoint.position());
            publisher.shutdownNow(); // or Camel would wait for it once more
            keeper.endRun();
        }
    }

    /** Waits until all is confirmed; not for a window that nobody publishes. */
    private boolean awaitConfirms(Duration limit) {
        LostWindow lost = newLostWindow();
        Instant end = clock.instant().plus(limit);
        while (true) {
            Duration left = Duration.between(clock.instant(), end);
            if (keeper.awaitDrained(left.compareTo(LostWindow.LOOK) < 0 ? left : LostWindow.LOOK)) {
                return true;
            }
            if (left.isNegative()
                    || !keeper.awaitsConfirms()
                    || lost.look().isPresent()
                    || Thread.currentThread().isInterrupted()) {
                return false;
            }
        }
    }

    private LostWindow newLostWindow() {
        return new LostWindow(keeper::oldestWindow, () -> !windows.isOpen() && publisher.isIdle());
    }

    private void removeRoutes() {
        if (routes == null) {
            return;
        }
        try {
            routes.remove();
        } catch (Exception e) {
            throw RuntimeCamelException.wrapRuntimeCamelException(e);
        }
    }
}

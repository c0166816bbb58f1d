package io.mysqlmonitor;

import io.mysqlmonitor.checkpoint.CaptureProgress;
import io.mysqlmonitor.checkpoint.CaptureStatus;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.config.ConfigurationException;
import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.publish.Broker;
import io.mysqlmonitor.server.MysqlServer;
import io.mysqlmonitor.supervise.MonotonicClock;
import io.mysqlmonitor.supervise.SnapshotRequests;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Optional;
import org.apache.camel.CamelContext;

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

    private final MonitorConfiguration configuration;
    private final Path routesDirectory;
    private final CheckpointKeeper keeper;
    private final CaptureProgress progress;
    private final Broker broker;
    private final Reservation reservation;
    private final Halt halt = new Halt();
    private final Clock timeOfDay;
    private final Clock clock;

    // for the threads that add and close, one at a time
    private Installation installation;
    private boolean closed;

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
        this.keeper = configuration.keeper(timeOfDay, clock);
        this.progress = new CaptureProgress(keeper, configuration.stallTimeout(), timeOfDay, clock);
        this.reservation = new Reservation(keeper, new MonitorName(configuration.name()));
        this.broker = new Broker(configuration.rabbitmq(), configuration.name(), clock);
    }

    /**
     * Takes the data folder and the name for this monitor until it is closed; {@link #addTo} does so by itself.
     *
     * @throws ConfigurationException if another monitor has one of them
     */
    public void reserve() {
        reservation.take();
    }

    /**
     * Adds the monitor to a context. If the context runs, the monitor starts; else it starts with the context. Servers that do not
     * answer are tried again until they do. If it cannot be added, nothing of the monitor is left in the context.
     *
     * @throws ConfigurationException if the context pools exchanges or holds a monitor already, another monitor of this process has
     *     the same {@code monitor.name}, any other the same {@code monitor.data}, or a route file is not understood
     * @throws IllegalStateException if this monitor is in a context, or was closed
     * @throws Exception if a route cannot be added
     */
    public void addTo(CamelContext context) throws Exception {
        if (closed) {
            throw new IllegalStateException("this monitor was closed; create a new one");
        }
        if (installation != null) {
            throw new IllegalStateException("this monitor is in a context already");
        }
        refuseUnfit(context);
        reservation.take();
        try {
            configuration.writeKeyStores();
            installation = new Installation(
                    context,
                    routesDirectory,
                    new Installation.Core(
                            configuration, keeper, progress, broker, reservation, halt, timeOfDay, clock));
            installation.add();
        } catch (Exception | Error e) {
            try {
                remove();
            } catch (RuntimeException failed) {
                e.addSuppressed(failed);
            } finally {
                reservation.release();
            }
            throw e;
        }
    }

    private static void refuseUnfit(CamelContext context) {
        if (Installation.isIn(context)) {
            throw new ConfigurationException(
                    "the Camel context already holds a monitor, and can hold only one: give each monitor a Camel context, a monitor.name, "
                            + "a monitor.data and a mysql.server-id of its own");
        }
        // Camel's split casts the clock of each exchange that was not pooled, and fails.
        if (context.getCamelContextExtension().getProcessorExchangeFactory().isPooled()) {
            throw new ConfigurationException(
                    "the Camel context pools exchanges (camel.main.exchangeFactory=pooled), and Camel cannot split a window then; "
                            + "use prototype, the default, or give the monitor a context of its own");
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
        new SnapshotRequests(configuration.data())
                .ask(new MysqlServer(configuration.mysql()), new SnapshotRequests.Request(table, where));
    }

    /** How capture is doing: what is captured, published and stored so far. */
    public CaptureStatus status() {
        return progress.status();
    }

    /**
     * Why capture does not run, and what to do about it, if only a person can fix it: the server is not set up for it, or no longer
     * has what follows the checkpoint. Empty while it runs or is tried again.
     */
    public Optional<String> halted() {
        return halt.reason();
    }

    /** Why what is captured cannot be published now; empty if it can. It is tried again until it can. */
    Optional<String> publishingProblem() {
        return installation == null ? Optional.empty() : installation.publishingProblem();
    }

    /**
     * What to do whenever capture {@linkplain #halted() halts}. It is done on the supervisor's thread, and must not stop the context or close
     * the monitor there: have another thread do so.
     */
    public void onHalt(Runnable action) {
        halt.then(action);
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
            remove();
        } finally {
            reservation.release();
            broker.close();
        }
    }

    private void remove() {
        if (installation != null) {
            installation.remove();
            installation = null;
        }
    }
}

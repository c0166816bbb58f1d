package io.mysqlmonitor;

import static io.mysqlmonitor.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.checkpoint.CaptureStatus;
import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.transform.RowChangeProcessor;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;

/**
 * A monitor in a Camel context of its own, between the servers of a {@link Scene}. It can be stopped and started again: each start makes a
 * new monitor in a new context, on the same data folder.
 *
 * <p>It is in the package of {@link MysqlMonitor} since only there the clocks of a monitor can be set.
 */
public final class RunningMonitor implements AutoCloseable {

    private final Scene scene;
    private final List<String> settings;
    private Clock clock; // null for those that a monitor takes by itself
    private UnaryOperator<Processor> transform; // null for the monitor's own step

    // of the latest start; null before the first
    private MonitorConfiguration configuration;
    private MysqlMonitor monitor;

    private DefaultCamelContext context; // null if none runs

    /**
     * Nothing runs yet.
     *
     * @param settings names and values of properties, which each start has
     */
    public RunningMonitor(Scene scene, String... settings) {
        this.scene = scene;
        this.settings = List.of(settings);
    }

    /** Gives the monitor this clock, for the time of day and for durations, from the next start on. */
    public void setClock(Clock both) {
        clock = both;
    }

    /** Puts a step around the one that makes row changes of what the engine reads, from the next start on. */
    public void wrapTransform(UnaryOperator<Processor> wrapper) {
        transform = wrapper;
    }

    /**
     * Starts the monitor and waits until capture has started.
     *
     * @param more names and values of properties; they take precedence over those of all starts
     */
    public void start(String... more) throws Exception {
        begin(more);
        scene.awaitCheckpoint();
    }

    /** Starts the monitor and does not wait for capture, which may not be possible. */
    public void begin(String... more) throws Exception {
        List<String> all = new ArrayList<>(settings);
        all.addAll(List.of(more));
        configuration = MonitorConfiguration.of(scene.properties(all.toArray(String[]::new)));
        context = new DefaultCamelContext();
        if (transform != null) {
            Processor real = new RowChangeProcessor(configuration.columnMasks(), configuration.messageTypes());
            context.getRegistry().bind("monitorTransform", transform.apply(real));
        }
        monitor = clock == null ? new MysqlMonitor(configuration) : new MysqlMonitor(configuration, null, clock, clock);
        monitor.addTo(context);
        context.start();
    }

    /** Ends the context and the monitor; does nothing if none runs. */
    public void stop() throws IOException {
        if (context != null) {
            context.close();
            monitor.close();
            context = null;
        }
    }

    /** Ends the context alone, as an application does that ends; the next start must be possible then, too. Does nothing if none runs. */
    public void stopContext() throws IOException {
        if (context != null) {
            context.close();
            context = null;
        }
    }

    /** The context that runs. */
    public DefaultCamelContext context() {
        return context;
    }

    public MonitorConfiguration configuration() {
        return configuration;
    }

    public CaptureStatus status() {
        return monitor.status();
    }

    /** Why capture has stopped for good; empty if it has not. */
    public Optional<String> halted() {
        return monitor.halted();
    }

    /** Waits until capture has stopped for good, and gives the reason. */
    public String awaitHalt() {
        return await().until(this::halted, Optional::isPresent).orElseThrow();
    }

    /** Waits until just so many changes have been published since the start. */
    public void awaitPublished(int count) {
        await().untilAsserted(() -> assertThat(status().published()).isEqualTo(count));
    }

    /** Waits until so many changes are read and not confirmed. */
    public void awaitInFlight(int count) {
        await().until(() -> status().inFlight() == count);
    }

    /** Waits until everything that the server has logged so far is published and stored. */
    public void awaitEnd() throws SQLException {
        String query = scene.isMariadb() ? "SHOW MASTER STATUS" : "SHOW BINARY LOG STATUS";
        String end = scene.query(query, row -> row.getString(1) + ':' + row.getLong(2));
        await().untilAsserted(() -> assertThat(status().position()).isEqualTo(end));
    }

    @Override
    public void close() throws IOException {
        stop();
    }
}

package io.mysqlmonitor.capture;

import io.debezium.relational.HistorizedRelationalDatabaseSchema;
import io.mysqlmonitor.binlog.UnreadableEvent;
import io.mysqlmonitor.binlog.UnreadableEventException;
import io.mysqlmonitor.change.Gap;
import io.mysqlmonitor.server.MysqlServer;
import io.mysqlmonitor.transform.TableChangeReader;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.TimeZone;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.debezium.DebeziumComponent;
import org.apache.camel.component.debezium.DebeziumConsumer;
import org.apache.camel.component.debezium.DebeziumEndpoint;
import org.apache.camel.component.debezium.mysql.DebeziumMySqlComponent;
import org.apache.camel.component.debezium.mysql.DebeziumMySqlEndpoint;
import org.apache.camel.component.debezium.mysql.configuration.MySqlConnectorEmbeddedDebeziumConfiguration;
import org.apache.camel.spi.ExceptionHandler;
import org.apache.camel.support.EndpointHelper;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in for the {@code debezium-mysql} endpoint of the capture route, with the {@link ConnectorSettings} of the monitor, and gives it a
 * consumer that can be trusted.
 *
 * <p>camel-debezium's own consumer swallows what the route throws, so that the engine counts a failed change as done; it sets no
 * completion callback, so that the engine's end is not reported; it cannot be stopped after that without an exception and a
 * thread that waits forever. Its endpoint is final, hence this stand-in instead of a subclass. The cause of the engine's end goes to the endpoint's {@code exceptionHandler}.
 */
public final class CaptureEndpoint extends DebeziumEndpoint<MySqlConnectorEmbeddedDebeziumConfiguration> {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureEndpoint.class);

    private static final String SCHEME = "debezium-mysql:";

    private final ConnectorSettings settings;
    private final RouteParameters parameters;
    private final WatchedTables watched = new WatchedTables(this::connectorSettings);
    private MySqlConnectorEmbeddedDebeziumConfiguration configuration; // set before the endpoint is used

    // written by the supervisor's thread, before it has the engine started
    private volatile EngineStart start = EngineStart.DEFAULT;
    private volatile boolean passesUnreadable;
    private volatile Consumer<UnreadableEventException> endBefore = event -> {};
    private volatile Consumer<HistorizedRelationalDatabaseSchema> onBegin = schema -> {};

    /** The name of the engine that was set up last; written by the thread that starts the consumer, read by that which stops the endpoint. */
    private volatile String engine = "none yet";

    @SuppressWarnings("unchecked")
    private CaptureEndpoint(DebeziumMySqlEndpoint endpoint, ConnectorSettings settings, RouteParameters parameters) {
        super(endpoint.getEndpointUri(), (DebeziumComponent<MySqlConnectorEmbeddedDebeziumConfiguration>)
                endpoint.getComponent());
        this.configuration = endpoint.getConfiguration();
        this.settings = settings;
        this.parameters = parameters;
    }

    /**
     * The endpoint for a URI of {@code debezium-mysql} with parameters, by a component of its own: what an application configures at the
     * component of its context is neither used nor changed.
     *
     * @param uri with placeholders as in the route file
     * @param settings take precedence over parameters of the URI
     * @param failures is told why the engine ended
     */
    public static CaptureEndpoint create(
            CamelContext context, String uri, ConnectorSettings settings, ExceptionHandler failures) throws Exception {
        DebeziumMySqlComponent component = new DebeziumMySqlComponent(context);
        MySqlConnectorEmbeddedDebeziumConfiguration defaults = component.getConfiguration();
        defaults.setOffsetStorage("of the monitor"); // camel-debezium wants these three, and none of them is used
        defaults.setTopicPrefix(settings.name());
        defaults.setDatabasePassword("of the monitor");
        ServiceHelper.startService(component);
        RouteParameters parameters = RouteParameters.of(uri, settings);
        String resolved = EndpointHelper.resolveEndpointUriPropertyPlaceholders(
                context, parameters.uri(SCHEME + settings.name()));
        CaptureEndpoint endpoint = new CaptureEndpoint(
                (DebeziumMySqlEndpoint) component.createEndpoint(EndpointHelper.normalizeEndpointUri(resolved)),
                settings,
                parameters);
        endpoint.setCamelContext(context);
        endpoint.setExceptionHandler(failures);
        return endpoint;
    }

    /** The next start of the engine does nothing but go on from the stored offset. */
    public void readNothing() {
        start = start.reading(EngineStart.Reads.NOTHING, Duration.ZERO);
    }

    /** The next start of the engine reads the definitions of the tables, and goes on from the stored offset. */
    public void readSchema() {
        start = start.reading(EngineStart.Reads.SCHEMA, Duration.ZERO);
    }

    /**
     * The next start of the engine reads the definitions of the tables and their rows, and goes on from the stored offset.
     *
     * @param delay how long it waits before that
     */
    public void readTables(Duration delay) {
        start = start.reading(EngineStart.Reads.TABLES, delay);
    }

    /**
     * Fits the next start of the engine to the server.
     *
     * @param withTableSnapshot whether a table is to be read while the binary log is
     */
    public void prepare(MysqlServer.Status server, boolean withTableSnapshot) {
        start = start.on(server, withTableSnapshot);
    }

    /**
     * What becomes of an event that may hold changes of watched tables and cannot be read.
     *
     * @param passes whether it is passed over, with a {@link Gap} in its place
     * @param end told, on the thread that reads the binary log, before the engine ends for it
     */
    public void onUnreadable(boolean passes, Consumer<UnreadableEventException> end) {
        passesUnreadable = passes;
        endBefore = end;
    }

    /**
     * @param schema told of the definitions of an engine before it reads the binary log
     */
    public void onBegin(Consumer<HistorizedRelationalDatabaseSchema> schema) {
        onBegin = schema;
    }

    /** Returns if the event is to be passed over. */
    void met(UnreadableEvent event) throws UnreadableEventException {
        if (!passesUnreadable) {
            UnreadableEventException end = new UnreadableEventException(event);
            endBefore.accept(end);
            throw end;
        }
        LOG.warn("{}. monitor.on-unreadable=gap: a gap message goes out in its place", event);
    }

    /** What the connector gets, but for what differs from start to start; secrets are among it. */
    public Map<String, String> connectorSettings() {
        return settings.over(route());
    }

    private ConnectorSettings.Route route() {
        return new ConnectorSettings.Route(
                configuration.createDebeziumConfiguration().asMap(), parameters.names());
    }

    /**
     * Whether the connector captures a table.
     *
     * @param table null asks for the database
     */
    public boolean isWatched(String database, String table) {
        return watched.contain(database, table);
    }

    /** Whether the engine runs the connector for MariaDB. */
    boolean isMariadb() {
        return start.mariadb();
    }

    /**
     * The settings of the engine for this start. Engines before are not set up any more.
     *
     * @param onFailure told why the engine cannot go on, if it does not know that itself
     */
    Properties engineProperties(Consumer<Throwable> onFailure) {
        EngineStart now = start;
        boolean skipsHours = WallClockDriver.isNeeded();
        if (now.mariadb() && skipsHours && now.reads() == EngineStart.Reads.TABLES) {
            // Its connector has no option for the driver's class.
            LOG.warn(
                    "The time zone of this JVM is {}: a DATETIME of a snapshot in an hour that this zone skips, as at the start of summer "
                            + "time, is published as another hour. Set -Duser.timezone=UTC if your tables may hold such values.",
                    TimeZone.getDefault().getID());
        }
        EngineHooks.forget(engine);
        engine = new EngineHooks(this::isWatched, this::met, onBegin, now.gtids(), onFailure).register();
        Properties properties = new Properties();
        properties.putAll(settings.forStart(route(), now, engine, skipsHours));
        return properties;
    }

    @Override
    protected void doStop() throws Exception {
        EngineHooks.forget(engine);
        super.doStop();
    }

    @Override
    public Exchange createDbzExchange(DebeziumConsumer consumer, SourceRecord record) {
        if (GapRecord.is(record)) {
            Exchange exchange = createExchange();
            exchange.getMessage().setBody(GapRecord.gap(record));
            return exchange;
        }
        if (!RowMessage.is(record)) {
            return super.createDbzExchange(consumer, record);
        }
        Exchange exchange = createExchange();
        RowMessage.fill(exchange.getMessage(), record);
        return exchange;
    }

    /** The body of a schema change is the record: it has no row. */
    @Override
    protected Object extractBodyValueFromValueStruct(Schema schema, Object value) {
        Object row = super.extractBodyValueFromValueStruct(schema, value);
        return row == null && TableChangeReader.isSchemaChange(schema) ? value : row;
    }

    @Override
    public CaptureConsumer createConsumer(Processor processor) throws Exception {
        CaptureConsumer consumer = new CaptureConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public MySqlConnectorEmbeddedDebeziumConfiguration getConfiguration() {
        return configuration;
    }

    @Override
    public void setConfiguration(MySqlConnectorEmbeddedDebeziumConfiguration configuration) {
        this.configuration = configuration;
    }
}

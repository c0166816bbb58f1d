package io.mysqlmonitor.capture;

import io.debezium.config.Configuration;
import io.debezium.connector.binlog.BinlogConnectorConfig;
import io.debezium.connector.mariadb.MariaDbConnector;
import io.debezium.connector.mariadb.MariaDbConnectorConfig;
import io.debezium.connector.mysql.MySqlConnectorConfig;
import io.debezium.data.Envelope;
import io.debezium.embedded.EmbeddedEngineConfig;
import io.debezium.relational.HistorizedRelationalDatabaseSchema;
import io.debezium.relational.RelationalTableFilters;
import io.debezium.relational.TableId;
import io.mysqlmonitor.change.Gap;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.debezium.DebeziumComponent;
import org.apache.camel.component.debezium.DebeziumConstants;
import org.apache.camel.component.debezium.DebeziumConsumer;
import org.apache.camel.component.debezium.DebeziumEndpoint;
import org.apache.camel.component.debezium.DebeziumTypeConverter;
import org.apache.camel.component.debezium.mysql.DebeziumMySqlComponent;
import org.apache.camel.component.debezium.mysql.DebeziumMySqlEndpoint;
import org.apache.camel.component.debezium.mysql.configuration.MySqlConnectorEmbeddedDebeziumConfiguration;
import org.apache.camel.spi.ExceptionHandler;
import org.apache.camel.support.EndpointHelper;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in for the {@code debezium-mysql} endpoint of the capture route, with the {@link ConnectorSettings} of the monitor, and gives it a
 * consumer that can be trusted.
 *
 * <p>camel-debezium's own consumer swallows what the route throws, so that the engine counts a failed change as done; it sets no
 * completion callback, so that nobody hears of the engine's death; it cannot be stopped after that without an exception and a
 * thread that waits for ever. Its endpoint is final, hence this stand-in instead of a subclass. The cause of the engine's end goes to the endpoint's {@code exceptionHandler}.
 */
public final class CaptureEndpoint extends DebeziumEndpoint<MySqlConnectorEmbeddedDebeziumConfiguration> {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureEndpoint.class);

    /** MariaDB's connector has names of its own for the same. */
    private static final Map<String, String> MARIADB_SSL_MODES = Map.of(
            "disabled", "disable",
            "required", "trust",
            "verify_ca", "verify-ca",
            "verify_identity", "verify-full");

    /** Connections that read the definitions of tables: many tables take long by one. */
    private static final int SCHEMA_THREADS = 4;

    private static final Map<String, CaptureEndpoint> OF_ENGINES = new ConcurrentHashMap<>();

    private static final String NOTHING = "no_data";
    private static final String ROWS = "custom";

    private static final String SCHEME = "debezium-mysql:";
    private static final Pattern PARAMETERS = Pattern.compile("(?<!\\{)\\?(.*)");
    /** A parameter that is a property of the monitor, as in the route files of its first versions. */
    private static final Pattern OWN_PROPERTY =
            Pattern.compile("[^=]*=\\{\\{\\??(mysql-monitor:\\??)?(mysql|rabbitmq|monitor)\\..*");

    private final ConnectorSettings settings;
    private final Set<String> parameters;
    private volatile Consumer<UnreadableEventException> endBefore = event -> {};
    private volatile Consumer<HistorizedRelationalDatabaseSchema> onBegin = schema -> {};
    private volatile boolean passesUnreadable;
    private volatile boolean readsByGtid;
    private volatile Consumer<Throwable> failures = cause -> {};
    private MySqlConnectorEmbeddedDebeziumConfiguration configuration;

    // touched by the supervisor's thread and, while it starts the engine, the route's
    private String engine = "none yet";
    private boolean mariadb;
    private boolean encrypted;
    private boolean tableSnapshot;
    private boolean taggedGtids;
    private String snapshotMode;
    private int snapshotThreads;
    private Duration snapshotDelay = Duration.ZERO;
    private RelationalTableFilters filters; // guarded by this

    @SuppressWarnings("unchecked")
    private CaptureEndpoint(DebeziumMySqlEndpoint endpoint, ConnectorSettings settings, Set<String> parameters) {
        super(endpoint.getEndpointUri(), (DebeziumComponent<MySqlConnectorEmbeddedDebeziumConfiguration>)
                endpoint.getComponent());
        this.configuration = endpoint.getConfiguration();
        this.settings = settings;
        this.parameters = parameters;
        readNothing();
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
        Map<String, String> kept = parametersOf(uri, settings);
        String reduced = SCHEME
                + settings.name()
                + kept.values().stream().collect(Collectors.joining("&", kept.isEmpty() ? "" : "?", ""));
        String resolved = EndpointHelper.resolveEndpointUriPropertyPlaceholders(context, reduced);
        CaptureEndpoint endpoint = new CaptureEndpoint(
                (DebeziumMySqlEndpoint) component.createEndpoint(EndpointHelper.normalizeEndpointUri(resolved)),
                settings,
                kept.keySet());
        endpoint.setCamelContext(context);
        endpoint.setExceptionHandler(failures);
        return endpoint;
    }

    /** Those that the monitor does not decide, by their names; each with its name and its value. */
    private static Map<String, String> parametersOf(String uri, ConnectorSettings settings) {
        Map<String, String> kept = new LinkedHashMap<>();
        Matcher all = PARAMETERS.matcher(uri);
        for (String parameter : all.find() ? all.group(1).split("&") : new String[0]) {
            String name = parameter.replaceFirst("=.*", "");
            String value = parameter.substring(Math.min(parameter.length(), name.length() + 1));
            if (settings.fixed(name).filter(fixed -> !fixed.equals(value)).isPresent()) {
                LOG.warn(
                        "The parameter {} of the capture route is not used: the monitor's guarantees rest on {}; remove it",
                        name,
                        settings.fixed(name).get());
            }
            if (settings.reserves(name)) {
                LOG.warn(
                        "The parameter {} of the capture route is not used: the monitor sets it itself; remove it",
                        name);
            } else if (!name.equals("exceptionHandler")
                    && !settings.decides(name)
                    && !OWN_PROPERTY.matcher(parameter).matches()) {
                kept.put(name, parameter);
            }
        }
        return kept;
    }

    /** The next start of the engine does nothing but go on from the stored offset. */
    public void readNothing() {
        snapshotMode = NOTHING;
        snapshotDelay = Duration.ZERO;
        snapshotThreads = 1;
    }

    /** The next start of the engine reads the definitions of the tables, and goes on from the stored offset. */
    public void readSchema() {
        snapshotMode = "recovery";
        snapshotDelay = Duration.ZERO;
        snapshotThreads = SCHEMA_THREADS;
    }

    /**
     * The next start of the engine reads the definitions of the tables and their rows, and goes on from the stored offset.
     *
     * @param delay how long it waits before that
     */
    public void readTables(Duration delay) {
        snapshotMode = ROWS;
        snapshotDelay = delay;
        snapshotThreads = 1;
    }

    /** What the connector gets, but for what differs from start to start; secrets are among it. */
    public Map<String, String> connectorSettings() {
        return settings().asMap();
    }

    private Configuration settings() {
        return settings.over(configuration.createDebeziumConfiguration(), parameters);
    }

    /** The endpoint of an engine by its {@link EngineSetup#PROPERTY}; null if it has none. */
    static CaptureEndpoint ofEngine(String engine) {
        return engine == null ? null : OF_ENGINES.get(engine);
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

    void begins(HistorizedRelationalDatabaseSchema schema) {
        onBegin.accept(schema);
    }

    /**
     * Returns if the event is to be passed over.
     *
     * @throws UnreadableEventException if the engine has to end before it
     */
    void met(UnreadableEvent event) throws UnreadableEventException {
        if (!passesUnreadable) {
            UnreadableEventException end = new UnreadableEventException(event);
            endBefore.accept(end);
            throw end;
        }
        LOG.warn("{}. monitor.on-unreadable=gap: a gap message goes out in its place", event);
    }

    /** Takes why the engine that was set up last cannot go on, if it does not know that itself. */
    Consumer<Throwable> failures() {
        return failures;
    }

    @Override
    protected void doStop() throws Exception {
        OF_ENGINES.remove(engine);
        super.doStop();
    }

    /**
     * Whether the connector captures a table.
     *
     * @param table null asks for the database
     */
    public synchronized boolean isWatched(String database, String table) {
        if (filters == null) {
            filters = new MySqlConnectorConfig(settings()).getTableFilters();
        }
        return table == null
                ? filters.databaseFilter().test(database)
                : filters.dataCollectionFilter().isIncluded(new TableId(database, null, table));
    }

    /**
     * As camel-debezium does it; but that looks in every record for a statement, which only a schema change has, and pays for its
     * absence with an exception.
     */
    @Override
    public Exchange createDbzExchange(DebeziumConsumer consumer, SourceRecord record) {
        if (GapRecord.is(record)) {
            Exchange exchange = createExchange();
            exchange.getMessage().setBody(GapRecord.gap(record));
            return exchange;
        }
        if (!(record.value() instanceof Struct value)
                || record.valueSchema().field(Envelope.FieldName.OPERATION) == null) {
            return super.createDbzExchange(consumer, record);
        }
        Exchange exchange = createExchange();
        Message message = exchange.getMessage();
        message.setHeader(DebeziumConstants.HEADER_IDENTIFIER, record.topic());
        message.setHeader(DebeziumConstants.HEADER_KEY, record.key());
        message.setHeader(
                DebeziumConstants.HEADER_SOURCE_METADATA, new Fields(value.getStruct(Envelope.FieldName.SOURCE)));
        message.setHeader(DebeziumConstants.HEADER_OPERATION, value.get(Envelope.FieldName.OPERATION));
        message.setHeader(DebeziumConstants.HEADER_BEFORE, value.get(Envelope.FieldName.BEFORE));
        Object timestamp = value.get(Envelope.FieldName.TIMESTAMP);
        message.setHeader(DebeziumConstants.HEADER_TIMESTAMP, timestamp);
        message.setHeader(Exchange.MESSAGE_TIMESTAMP, timestamp);
        message.setBody(value.get(Envelope.FieldName.AFTER));
        return exchange;
    }

    /** The fields of a struct as a map. camel-debezium copies them for each row, of which the route reads a few. */
    private static final class Fields extends AbstractMap<String, Object> {

        private final Struct struct;

        Fields(Struct struct) {
            this.struct = struct;
        }

        @Override
        public Object get(Object name) {
            return containsKey(name) ? struct.get((String) name) : null;
        }

        @Override
        public boolean containsKey(Object name) {
            return name instanceof String field && struct.schema().field(field) != null;
        }

        @Override
        public Set<Entry<String, Object>> entrySet() {
            return DebeziumTypeConverter.toMap(struct).entrySet();
        }
    }

    /** The body of a schema change is the record: it has no row. */
    @Override
    protected Object extractBodyValueFromValueStruct(Schema schema, Object value) {
        Object row = super.extractBodyValueFromValueStruct(schema, value);
        return row == null && isSchemaChange(schema) ? value : row;
    }

    static boolean isSchemaChange(Schema schema) {
        return schema != null && schema.type() == Schema.Type.STRUCT && schema.field("tableChanges") != null;
    }

    /**
     * Fits the next start of the engine to the server.
     *
     * @param withTableSnapshot whether a table is to be read while the binary log is
     */
    public void prepare(MysqlServer.Status server, boolean withTableSnapshot) {
        mariadb = server.mariadb();
        encrypted = server.encrypted();
        tableSnapshot = withTableSnapshot && server.gtids();
        taggedGtids = server.taggedGtids();
        readsByGtid = server.gtids();
    }

    /** Whether the engine asks the server for transactions by their GTIDs, of which none may have a tag then. */
    boolean readsByGtid() {
        return readsByGtid;
    }

    /** Whether the engine runs the connector for MariaDB. */
    boolean isMariadb() {
        return mariadb;
    }

    /**
     * The settings of the engine: those of the route. MariaDB has a connector of its own: that for MySQL does not know its
     * transactions, and could begin nowhere within one. Engines before are not set up any more.
     *
     * @param onFailure told why the engine cannot go on, if it does not know that itself
     */
    Properties engineProperties(Consumer<Throwable> onFailure) {
        Configuration of = settings();
        Configuration.Builder settings = of.edit();
        settings.with(MySqlConnectorConfig.SNAPSHOT_MODE, snapshotMode)
                .with(MySqlConnectorConfig.SNAPSHOT_MODE_CUSTOM_NAME, TableSnapshotter.NAME)
                .with(MySqlConnectorConfig.SNAPSHOT_DELAY_MS, snapshotDelay.toMillis())
                .with(
                        MySqlConnectorConfig.SNAPSHOT_MAX_THREADS,
                        Math.max(snapshotThreads, of.getInteger(MySqlConnectorConfig.SNAPSHOT_MAX_THREADS)));
        String sslMode = of.getString(MySqlConnectorConfig.SSL_MODE);
        if (sslMode.equals("preferred")) {
            // The connectors have other ideas of that than the JDBC driver, or none.
            sslMode = encrypted ? "required" : "disabled";
            settings.with(MySqlConnectorConfig.SSL_MODE, sslMode);
        }
        // By GTIDs tables can be read while the binary log is, without writing to the server. It costs time at each
        // row.
        settings.with(BinlogConnectorConfig.READ_ONLY_CONNECTION, tableSnapshot);
        OF_ENGINES.remove(engine);
        engine = UUID.randomUUID().toString();
        failures = onFailure;
        OF_ENGINES.put(engine, this);
        settings.with(EngineSetup.PROPERTY, engine);
        if (taggedGtids) {
            settings.with(MySqlConnectorConfig.JDBC_DRIVER, GtidModeOffDriver.class.getName());
        } else if (WallClockDriver.isNeeded()) {
            settings.with(MySqlConnectorConfig.JDBC_DRIVER, WallClockDriver.class.getName());
        }
        if (mariadb) {
            if (WallClockDriver.isNeeded() && snapshotMode.equals(ROWS)) {
                // Its connector has no option for the driver's class.
                LOG.warn(
                        "The time zone of this JVM is {}: a DATETIME of a snapshot in an hour that this zone skips, as at the start of summer "
                                + "time, is published as another hour. Set -Duser.timezone=UTC if your tables may hold such values.",
                        TimeZone.getDefault().getID());
            }
            settings.with(EmbeddedEngineConfig.CONNECTOR_CLASS, MariaDbConnector.class.getName())
                    .with(MariaDbConnectorConfig.SSL_MODE, MARIADB_SSL_MODES.get(sslMode))
                    .with("exact." + ExactValueConverter.JSON_IS_TEXT, true)
                    // Its driver would take a TIMESTAMP, which comes in the session's zone, for one of this JVM's.
                    .with("driver.connectionTimeZone", "UTC")
                    .with("driver.forceConnectionTimeZoneToSession", true)
                    .with("driver.preserveInstants", true);
        }
        return settings.build().asProperties();
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

package io.mysqlmonitor.capture;

import io.debezium.config.Configuration;
import io.debezium.connector.binlog.BinlogConnectorConfig;
import io.debezium.connector.mariadb.MariaDbConnector;
import io.debezium.connector.mariadb.MariaDbConnectorConfig;
import io.debezium.connector.mysql.MySqlConnectorConfig;
import io.debezium.data.Envelope;
import io.debezium.embedded.EmbeddedEngineConfig;
import io.debezium.relational.RelationalTableFilters;
import io.debezium.relational.TableId;
import io.mysqlmonitor.change.Gap;
import java.nio.file.Path;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.debezium.DebeziumComponent;
import org.apache.camel.component.debezium.DebeziumConstants;
import org.apache.camel.component.debezium.DebeziumConsumer;
import org.apache.camel.component.debezium.DebeziumEndpoint;
import org.apache.camel.component.debezium.DebeziumTypeConverter;
import org.apache.camel.component.debezium.mysql.DebeziumMySqlEndpoint;
import org.apache.camel.component.debezium.mysql.configuration.MySqlConnectorEmbeddedDebeziumConfiguration;
import org.apache.camel.spi.EndpointStrategy;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.OffsetBackingStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in for a {@code debezium-mysql} endpoint, with all its options, and gives it a consumer that can be trusted.
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

    private final String engine = UUID.randomUUID().toString();
    private final String snapshotMode;
    private final int snapshotThreads;
    private volatile Consumer<UnreadableEventException> endBefore = event -> {};
    private volatile boolean passesUnreadable;
    private boolean mariadb;
    private boolean encrypted;
    private boolean tableSnapshot;
    private boolean taggedGtids;
    private volatile boolean readsByGtid;
    private MySqlConnectorEmbeddedDebeziumConfiguration configuration;
    private RelationalTableFilters filters;

    @SuppressWarnings("unchecked")
    private CaptureEndpoint(DebeziumMySqlEndpoint endpoint) {
        super(endpoint.getEndpointUri(), (DebeziumComponent<MySqlConnectorEmbeddedDebeziumConfiguration>)
                endpoint.getComponent());
        this.configuration = endpoint.getConfiguration();
        this.snapshotMode = configuration.getSnapshotMode();
        this.snapshotThreads = configuration.getSnapshotMaxThreads();
        setExceptionHandler(endpoint.getExceptionHandler());
    }

    /**
     * Puts this endpoint in the place of each {@code debezium-mysql} endpoint that keeps its offsets in the given store.
     *
     * @param offsetStore class of the offset store
     */
    public static EndpointStrategy withOffsetStore(Class<? extends OffsetBackingStore> offsetStore) {
        return (uri, endpoint) -> endpoint instanceof DebeziumMySqlEndpoint debezium
                        && offsetStore
                                .getName()
                                .equals(debezium.getConfiguration().getOffsetStorage())
                ? new CaptureEndpoint(debezium)
                : endpoint;
    }

    /** Whether this endpoint's offsets are kept in the given checkpoint file. */
    public boolean keepsItsOffsetsIn(Path checkpoint) {
        return configuration.getOffsetStorageFileName() != null
                && Path.of(configuration.getOffsetStorageFileName())
                        .toAbsolutePath()
                        .equals(checkpoint.toAbsolutePath());
    }

    /** The next start of the engine does nothing but go on from the stored offset. */
    public void readNothing() {
        configuration.setSnapshotMode(snapshotMode);
    }

    /** The next start of the engine reads the definitions of the tables, and goes on from the stored offset. */
    public void readSchema() {
        configuration.setSnapshotMode("recovery");
        configuration.setSnapshotMaxThreads(Math.max(snapshotThreads, SCHEMA_THREADS));
        configuration.setSnapshotDelayMs(0);
    }

    /**
     * The next start of the engine reads the definitions of the tables and their rows, and goes on from the stored offset.
     *
     * @param delay how long it waits before that
     */
    public void readTables(Duration delay) {
        configuration.setSnapshotMaxThreads(snapshotThreads);
        configuration.setSnapshotMode("custom");
        configuration.setSnapshotModeCustomName(TableSnapshotter.NAME);
        configuration.setSnapshotDelayMs(delay.toMillis());
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
            filters = new MySqlConnectorConfig(configuration.createDebeziumConfiguration()).getTableFilters();
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
     * transactions, and could begin nowhere within one.
     */
    Properties engineProperties() {
        Configuration.Builder settings =
                configuration.createDebeziumConfiguration().edit();
        String sslMode = configuration.getDatabaseSslMode();
        if (sslMode.equals("preferred")) {
            // The connectors have other ideas of that than the JDBC driver, or none.
            sslMode = encrypted ? "required" : "disabled";
            settings.with(MySqlConnectorConfig.SSL_MODE, sslMode);
        }
        // By GTIDs tables can be read while the binary log is, without writing to the server. It costs time at each
        // row.
        settings.with(BinlogConnectorConfig.READ_ONLY_CONNECTION, tableSnapshot);
        OF_ENGINES.put(engine, this);
        settings.with(EngineSetup.PROPERTY, engine);
        if (taggedGtids) {
            settings.with(MySqlConnectorConfig.JDBC_DRIVER, GtidModeOffDriver.class.getName());
        }
        if (mariadb) {
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

package io.mysqlmonitor.config;

import io.mysqlmonitor.capture.ConnectorSettings;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.publish.RabbitmqSettings;
import io.mysqlmonitor.publish.RoutingTemplate;
import io.mysqlmonitor.server.MysqlSettings;
import io.mysqlmonitor.transform.ColumnMasks;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that can be set, checked once and then unchangeable, as typed settings.
 *
 * <p>Properties named {@code mysql.*}, {@code rabbitmq.*} and {@code monitor.*} are the monitor's own; {@code debezium.*} go to the
 * Debezium connector, {@code camel.*} to camel-main, {@code logging.level.*} to the loggers of the executable, and {@code routes.*} are
 * free for routes that a user writes. Values from the environment ({@code MYSQL_HOST} for {@code mysql.host}) take precedence over those
 * of the file.
 */
public final class MonitorConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(MonitorConfiguration.class);

    private static final int WINDOWS_IN_FLIGHT = 4;

    private final Map<String, String> values;

    private MonitorConfiguration(Map<String, String> values) {
        this.values = Collections.unmodifiableMap(values);
    }

    /**
     * A configuration from the given properties alone.
     *
     * @throws ConfigurationException if a property is unknown, missing or has a value that is not allowed
     */
    public static MonitorConfiguration of(Map<String, String> properties) {
        return of(properties, PropertySource.GIVEN);
    }

    /**
     * A configuration from a file in the format of {@link Properties} (UTF-8) and the environment.
     *
     * @param file null for none
     * @throws ConfigurationException if the file cannot be read, or as in {@link #of(Map)}
     */
    public static MonitorConfiguration load(Path file, Map<String, String> environment) {
        return load(file, environment, log -> {});
    }

    /**
     * The same.
     *
     * @param logging is told how to log before anything is logged
     */
    public static MonitorConfiguration load(Path file, Map<String, String> environment, Consumer<LogSettings> logging) {
        Environment variables = new Environment(environment);
        MonitorConfiguration configuration =
                of(variables.over(file == null ? Map.of() : PropertiesFile.read(file)), new PropertySource(true, file));
        logging.accept(configuration.log());
        variables.remarks().forEach(LOG::info);
        return configuration;
    }

    private static MonitorConfiguration of(Map<String, String> given, PropertySource source) {
        Map<String, String> values = PropertyCheck.check(given, source);
        if (values.get("mysql.server-id").isEmpty()) {
            values.put("mysql.server-id", ServerId.of(values.get("monitor.name"), values.get("monitor.data")));
        }
        return new MonitorConfiguration(values);
    }

    /** The value of a property as text, its default included; null for a property that does not exist. */
    public String get(String name) {
        return values.get(name);
    }

    /** The properties that the files of routes may refer to; those without a value are left out, and so are secrets. */
    public Map<String, String> placeholders() {
        Map<String, String> placeholders = new TreeMap<>(values);
        placeholders.values().removeIf(String::isEmpty);
        placeholders.keySet().removeIf(MonitorProperties::isSecret);
        return placeholders;
    }

    /** The properties that begin with {@code prefix}, without it. */
    public Map<String, String> below(String prefix) {
        Map<String, String> below = new TreeMap<>();
        values.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                below.put(name.substring(prefix.length()), value);
            }
        });
        return below;
    }

    /** The monitor's name. */
    public String name() {
        return get("monitor.name");
    }

    /** How the executable logs. */
    public LogSettings log() {
        Map<String, String> levels = below(MonitorProperties.LOGGING_LEVEL);
        levels.replaceAll((name, level) -> level.toLowerCase(Locale.ROOT));
        return new LogSettings(
                get("monitor.log.level").toLowerCase(Locale.ROOT),
                get("monitor.log.format").equals("json"),
                levels);
    }

    /**
     * The properties of camel-main for health and metrics over HTTP; empty if there are to be none.
     *
     * @throws ConfigurationException if its address cannot be used: camel-main would go on without
     */
    public Map<String, String> http() {
        return isSet("monitor.http.enabled")
                ? HttpProperties.of(get("monitor.http.host"), Integer.parseInt(get("monitor.http.port")))
                : Map.of();
    }

    // Where the changes come from

    /** How to reach the MySQL server. */
    public MysqlSettings mysql() {
        return new MysqlSettings(
                get("mysql.host"),
                Integer.parseInt(get("mysql.port")),
                get("mysql.user"),
                get("mysql.password"),
                get("mysql.ssl-mode"),
                file("mysql.ssl-ca").map(pem -> data().resolve("mysql-ca.p12")).orElse(null),
                file("mysql.ssl-cert").map(pem -> clientStore()).orElse(null),
                get("mysql.server-id"));
    }

    /** Writes the key stores of {@link #mysql()} to the data folder: the connector and the JDBC driver take files only. */
    public void writeKeyStores() {
        MysqlSettings mysql = mysql();
        file("mysql.ssl-ca")
                .ifPresent(pem -> Certificates.write(pem, mysql.trustStore(), MysqlSettings.TRUST_STORE_PASSWORD));
        clientCertificate("mysql")
                .ifPresentOrElse(
                        client -> Certificates.write(client, mysql.keyStore()),
                        () -> Certificates.delete(clientStore()));
    }

    private Path clientStore() {
        return data().resolve("mysql-client.p12");
    }

    private Optional<ClientCertificate> clientCertificate(String server) {
        return file(server + ".ssl-cert")
                .map(pem ->
                        ClientCertificate.read(pem, file(server + ".ssl-key").orElseThrow()));
    }

    /** The settings of the connector. */
    public ConnectorSettings connector() {
        return ConnectorMapping.of(this);
    }

    /** Without a sign of life from the binary log for this time, capture starts again. */
    public Duration stallTimeout() {
        return duration("monitor.stall-timeout");
    }

    /** Where to start without a checkpoint: {@code latest}, {@code earliest}, {@code snapshot} or a place in the binary log. */
    public String start() {
        return get("monitor.start");
    }

    /** What to do when the server no longer has what follows the checkpoint: {@code stop}, {@code latest} or {@code earliest}. */
    public String onGap() {
        return get("monitor.on-gap");
    }

    /** Whether lost table definitions are made again from the tables as they are now. */
    public boolean rebuildsSchema() {
        return get("monitor.on-schema-loss").equals("rebuild");
    }

    /** Whether a gap message takes the place of an event that cannot be read. */
    public boolean passesUnreadable() {
        return get("monitor.on-unreadable").equals("gap");
    }

    // What is kept

    /** The data folder. */
    public Path data() {
        return Path.of(get("monitor.data"));
    }

    /**
     * The keeper of the stored position.
     *
     * @param timeOfDay gives the times of the checkpoint
     * @param clock gives durations, and is not set back
     * @throws IllegalStateException if there is a checkpoint that cannot be read
     */
    public CheckpointKeeper keeper(Clock timeOfDay, Clock clock) {
        return new CheckpointKeeper(
                name(), checkpointFile(), schemaHistoryFile(), rowsInFlight(), bytesInFlight(), timeOfDay, clock);
    }

    public Path checkpointFile() {
        return data().resolve("checkpoint.json");
    }

    public Path schemaHistoryFile() {
        return data().resolve("schema-history.jsonl");
    }

    // What becomes of a change

    /** How long changes of the same row are merged; zero for not at all. */
    public Duration dedupeWindow() {
        return duration("monitor.dedupe.window");
    }

    public int rowsInFlight() {
        return Integer.parseInt(get("monitor.in-flight.rows"));
    }

    public long bytesInFlight() {
        return PropertyValues.toBytes(get("monitor.in-flight.bytes"));
    }

    /** A window never holds more than this part of what may be in flight, so that one fills while another is published. */
    public int rowsPerWindow() {
        return Math.max(1, rowsInFlight() / WINDOWS_IN_FLIGHT);
    }

    public long bytesPerWindow() {
        return Math.max(1, bytesInFlight() / WINDOWS_IN_FLIGHT);
    }

    /** Which changes of rows are not published. */
    public Set<ChangeType> unwantedOperations() {
        Set<String> wanted = PropertyValues.toSet(get("monitor.operations"));
        return MonitorProperties.OPERATIONS.entrySet().stream()
                .filter(operation -> !wanted.contains(operation.getKey()))
                .map(Map.Entry::getValue)
                .collect(Collectors.toSet());
    }

    /** Which rows to publish, in Camel's simple language; empty for all. */
    public Optional<String> filter() {
        return Optional.of(get("monitor.filter")).filter(filter -> !filter.isEmpty());
    }

    /** Whether there is a change of a row that is not published. */
    public boolean filters() {
        return !unwantedOperations().isEmpty()
                || values.entrySet().stream()
                        .anyMatch(property -> !property.getValue().isEmpty()
                                && (property.getKey().equals("monitor.filter")
                                        || property.getKey().startsWith("mysql.columns.")
                                        || property.getKey().startsWith("debezium.column.")));
    }

    public ColumnMasks columnMasks() {
        return new ColumnMasks(
                Patterns.split(get("mysql.columns.mask")),
                Patterns.split(get("mysql.columns.hash")),
                get("mysql.columns.hash.salt"),
                PropertyValues.toLengths(get("mysql.columns.truncate")));
    }

    /** The types of messages beyond those about rows. */
    public Set<String> messageTypes() {
        return PropertyValues.toSet(get("monitor.message.types"));
    }

    /** The additions to the message body. */
    public Set<String> messageAdditions() {
        return PropertyValues.toSet(get("monitor.message.include"));
    }

    // Where the messages go

    /** How to reach RabbitMQ and where to publish. */
    public RabbitmqSettings rabbitmq() {
        return new RabbitmqSettings(
                get("rabbitmq.addresses"),
                get("rabbitmq.user"),
                get("rabbitmq.password"),
                get("rabbitmq.vhost"),
                isSet("rabbitmq.ssl")
                        ? Certificates.tls(
                                file("rabbitmq.ssl-ca").orElse(null),
                                clientCertificate("rabbitmq").orElse(null))
                        : null,
                RoutingTemplate.of(get("rabbitmq.exchange")),
                get("rabbitmq.exchange-type"),
                PropertyValues.toArguments(get("rabbitmq.exchange-arguments")),
                get("rabbitmq.alternate-exchange"),
                RoutingTemplate.of(get("rabbitmq.routing-key")),
                isSet("rabbitmq.declare"),
                deadLetter(),
                PropertyValues.toBytes(get("monitor.message.max-bytes")),
                get("rabbitmq.unroutable"));
    }

    /** The name of the RabbitMQ exchange for changes that cannot be published, and of its queue. */
    public String deadLetter() {
        return get("monitor.dead-letter");
    }

    /** How long to wait for the confirms of a window before it is sent again. */
    public Duration confirmTimeout() {
        return duration("rabbitmq.confirm-timeout");
    }

    /** A heartbeat message goes out after this time without another message. */
    public Duration heartbeatIdle() {
        return duration("monitor.heartbeat.idle");
    }

    private boolean isSet(String name) {
        return Boolean.parseBoolean(get(name));
    }

    private Duration duration(String name) {
        return PropertyValues.toDuration(get(name));
    }

    private Optional<Path> file(String name) {
        return Optional.of(get(name)).filter(file -> !file.isEmpty()).map(Path::of);
    }

    @Override
    public String toString() {
        return "configuration of monitor " + name();
    }
}

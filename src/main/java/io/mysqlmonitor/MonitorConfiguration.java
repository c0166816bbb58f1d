package io.mysqlmonitor;

import io.mysqlmonitor.capture.ColumnMasks;
import io.mysqlmonitor.capture.ConnectorSettings;
import io.mysqlmonitor.capture.MysqlSettings;
import io.mysqlmonitor.capture.Patterns;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.checkpoint.CheckpointOffsetStore;
import io.mysqlmonitor.checkpoint.CheckpointSchemaHistory;
import io.mysqlmonitor.publish.RabbitmqSettings;
import io.mysqlmonitor.publish.RoutingTemplate;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/**
 * All that can be set, checked once and then unchangeable.
 *
 * <p>Properties named {@code mysql.*}, {@code rabbitmq.*} and {@code monitor.*} are the monitor's own; {@code debezium.*} go to the
 * Debezium connector, {@code camel.*} to camel-main, and {@code routes.*} are free for routes that a user writes. Values from the
 * environment ({@code MYSQL_HOST} for {@code mysql.host}) go before those of the file.
 */
public final class MonitorConfiguration {

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
        return of(properties, Map.of(), "the given properties");
    }

    /**
     * A configuration from a file in the format of {@link Properties} (UTF-8) and the environment.
     *
     * @param file null for none
     * @throws ConfigurationException if the file cannot be read, or as in {@link #of(Map)}
     */
    public static MonitorConfiguration load(Path file, Map<String, String> environment) {
        return of(read(file), environment, file == null ? "the environment" : file.toString());
    }

    private static Map<String, String> read(Path file) {
        Map<String, String> properties = new TreeMap<>();
        if (file == null) {
            return properties;
        }
        Properties read = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            read.load(reader);
        } catch (NoSuchFileException e) {
            throw new ConfigurationException("configuration " + file
                    + " does not exist; copy application.properties.example " + "to it, or name another with --config");
        } catch (MalformedInputException e) {
            throw new ConfigurationException("configuration " + file + " is not UTF-8 text");
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigurationException("configuration " + file + " cannot be read: " + e.getMessage());
        }
        read.forEach((name, value) -> properties.put((String) name, stripped((String) name, (String) value)));
        return properties;
    }

    private static String stripped(String name, String value) {
        return Options.isSecret(name) ? value : value.strip();
    }

    private static MonitorConfiguration of(
            Map<String, String> properties, Map<String, String> environment, String source) {
        Map<String, String> values = Options.check(properties, environment, source);
        if (values.get("mysql.server-id").isEmpty()) {
            values.put("mysql.server-id", serverId(values));
        }
        return new MonitorConfiguration(values);
    }

    /** A server id that stays the same for this monitor on this host and is hardly another replica's. */
    private static String serverId(Map<String, String> values) {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "";
        }
        CRC32 hash = new CRC32();
        hash.update((host
                        + '/'
                        + values.get("monitor.name")
                        + '/'
                        + Path.of(values.get("monitor.data")).toAbsolutePath())
                .getBytes(StandardCharsets.UTF_8));
        return String.valueOf(Options.MIN_SERVER_ID + 1_000_000_000L + hash.getValue() % 3_000_000_000L);
    }

    /** The value of a property, its default included. */
    public String get(String name) {
        return values.get(name);
    }

    /** The properties that the files of routes may refer to; those without a value are left out, and so are secrets. */
    Map<String, String> placeholders() {
        Map<String, String> placeholders = new TreeMap<>(values);
        placeholders.values().removeIf(String::isEmpty);
        placeholders.keySet().removeIf(Options::isSecret);
        return placeholders;
    }

    /** The settings of the connector. */
    ConnectorSettings connector() {
        Map<String, String> own = new TreeMap<>(Map.of(
                "name", get("monitor.name"),
                "topic.prefix", get("monitor.name"),
                "database.hostname", get("mysql.host"),
                "database.port", get("mysql.port"),
                "database.user", get("mysql.user"),
                "database.password", get("mysql.password"),
                "database.server.id", get("mysql.server-id"),
                "database.ssl.mode", get("mysql.ssl-mode")));
        if (mysql().trustStore() != null) {
            own.put("database.ssl.truststore", mysql().trustStore().toString());
            own.put("database.ssl.truststore.password", MysqlSettings.TRUST_STORE_PASSWORD);
        }
        own.put("database.exclude.list", get("mysql.databases.exclude"));
        own.put("table.exclude.list", get("mysql.tables.exclude"));
        own.put("database.include.list", get("mysql.databases"));
        own.put("table.include.list", get("mysql.tables"));
        for (String list : List.of("database", "table")) {
            String include = own.get(list + ".include.list");
            String exclude = own.get(list + ".exclude.list");
            if (!include.isEmpty() && !exclude.isEmpty()) { // the connector takes one of the two
                own.put(list + ".include.list", without(include, exclude));
                own.remove(list + ".exclude.list");
            }
        }
        own.put("column.exclude.list", get("mysql.columns.exclude"));
        own.put("message.key.columns", get("monitor.message.key.columns"));
        own.put("decimal.handling.mode", get("monitor.decimal").equals("string") ? "string" : "precise");
        own.put("skipped.operations", skippedOperations());
        own.put("max.queue.size.in.bytes", String.valueOf(bytesPerWindow()));
        own.put("offset.storage", CheckpointOffsetStore.class.getName());
        own.put("offset.storage.file.filename", checkpointFile().toString());
        own.put("schema.history.internal", CheckpointSchemaHistory.class.getName());
        own.put("schema.history.internal.file.filename", schemaHistoryFile().toString());
        return new ConnectorSettings(own, below("debezium."));
    }

    /** What the connector need not even read; an update can become an insert or a delete, and so is always read. */
    private String skippedOperations() {
        Set<ChangeType> unwanted = unwantedOperations();
        List<String> skipped = new ArrayList<>();
        if (unwanted.contains(ChangeType.INSERT)) {
            skipped.add("c");
        }
        if (unwanted.contains(ChangeType.DELETE)) {
            skipped.add("d");
        }
        return skipped.isEmpty() ? "none" : String.join(",", skipped);
    }

    Path checkpointFile() {
        return data().resolve("checkpoint.json");
    }

    Path schemaHistoryFile() {
        return data().resolve("schema-history.jsonl");
    }

    /** A window never holds more than this part of what may be in flight, so that one fills while another is published. */
    int rowsPerWindow() {
        return Math.max(1, rowsInFlight() / WINDOWS_IN_FLIGHT);
    }

    long bytesPerWindow() {
        return Math.max(1, bytesInFlight() / WINDOWS_IN_FLIGHT);
    }

    /** A list of regular expressions that match what one of {@code include} does and none of {@code exclude}. */
    private static String without(String include, String exclude) {
        String none = "(?!(?:" + String.join("|", Patterns.split(exclude)) + ")$)";
        return Patterns.join(Patterns.split(include).stream()
                .map(pattern -> none + "(?:" + pattern + ")")
                .toList());
    }

    /** The properties that begin with {@code prefix}, without it. */
    Map<String, String> below(String prefix) {
        Map<String, String> below = new TreeMap<>();
        values.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                below.put(name.substring(prefix.length()), value);
            }
        });
        return below;
    }

    MysqlSettings mysql() {
        return new MysqlSettings(
                get("mysql.host"),
                Integer.parseInt(get("mysql.port")),
                get("mysql.user"),
                get("mysql.password"),
                get("mysql.ssl-mode"),
                get("mysql.ssl-ca").isEmpty() ? null : data().resolve("mysql-ca.p12"),
                get("mysql.server-id"));
    }

    /** How to reach RabbitMQ and where to publish. */
    public RabbitmqSettings rabbitmq() {
        return new RabbitmqSettings(
                get("rabbitmq.addresses"),
                get("rabbitmq.user"),
                get("rabbitmq.password"),
                get("rabbitmq.vhost"),
                Boolean.parseBoolean(get("rabbitmq.ssl")),
                get("rabbitmq.ssl-ca").isEmpty() ? null : Certificates.read(Path.of(get("rabbitmq.ssl-ca"))),
                RoutingTemplate.of(get("rabbitmq.exchange")),
                get("rabbitmq.exchange-type"),
                Option.toArguments(get("rabbitmq.exchange-arguments")),
                get("rabbitmq.alternate-exchange"),
                RoutingTemplate.of(get("rabbitmq.routing-key")),
                Boolean.parseBoolean(get("rabbitmq.declare")),
                get("monitor.dead-letter"),
                Option.toBytes(get("monitor.message.max-bytes")),
                get("rabbitmq.unroutable"));
    }

    /**
     * The properties of camel-main for health and metrics over HTTP.
     *
     * @throws ConfigurationException if its address cannot be used: camel-main would go on without
     */
    Map<String, String> http() {
        if (!Boolean.parseBoolean(get("monitor.http.enabled"))) {
            return Map.of();
        }
        String host = get("monitor.http.host");
        try (ServerSocket free = new ServerSocket()) {
            free.bind(new InetSocketAddress(host, Integer.parseInt(get("monitor.http.port"))));
        } catch (IOException e) {
            throw new ConfigurationException("monitor.http.port=" + get("monitor.http.port") + " cannot be used on "
                    + host + ": " + e.getMessage() + "; choose another, or set monitor.http.enabled=false");
        }
        Map<String, String> http = new TreeMap<>();
        http.put("camel.management.enabled", "true");
        http.put("camel.management.host", get("monitor.http.host"));
        http.put("camel.management.port", get("monitor.http.port"));
        http.put("camel.management.healthCheckEnabled", "true");
        http.put("camel.management.healthPath", "/health");
        http.put("camel.health.exposureLevel", "full");
        http.put("camel.management.metricsEnabled", "true");
        http.put("camel.metrics.enabled", "true");
        http.put("camel.metrics.path", "/metrics");
        http.put("camel.metrics.binders", "jvm-memory,jvm-gc,processor");
        // Camel's own figures of each exchange and route cost more than the monitor's.
        http.put("camel.metrics.enableRoutePolicy", "false");
        http.put("camel.metrics.enableExchangeEventNotifier", "false");
        http.put("camel.metrics.enableRouteEventNotifier", "false");
        return http;
    }

    Duration duration(String name) {
        return Option.toDuration(get(name));
    }

    int rowsInFlight() {
        return Integer.parseInt(get("monitor.in-flight.rows"));
    }

    long bytesInFlight() {
        return Option.toBytes(get("monitor.in-flight.bytes"));
    }

    Path data() {
        return Path.of(get("monitor.data"));
    }

    /** Which changes of rows are not published. */
    Set<ChangeType> unwantedOperations() {
        Set<String> wanted = Option.toSet(get("monitor.operations"));
        return Options.OPERATIONS.entrySet().stream()
                .filter(operation -> !wanted.contains(operation.getKey()))
                .map(Map.Entry::getValue)
                .collect(Collectors.toSet());
    }

    /** Whether there is a change of a row that is not published. */
    boolean filters() {
        return !unwantedOperations().isEmpty()
                || values.entrySet().stream()
                        .anyMatch(property -> !property.getValue().isEmpty()
                                && (property.getKey().equals("monitor.filter")
                                        || property.getKey().startsWith("mysql.columns.")
                                        || property.getKey().startsWith("debezium.column.")));
    }

    ColumnMasks columnMasks() {
        return new ColumnMasks(
                Patterns.split(get("mysql.columns.mask")),
                Patterns.split(get("mysql.columns.hash")),
                get("mysql.columns.hash.salt"),
                Option.toLengths(get("mysql.columns.truncate")));
    }

    /** The types of messages beyond those about rows. */
    Set<String> messageTypes() {
        return Option.toSet(get("monitor.message.types"));
    }

    Set<String> messageAdditions() {
        return Option.toSet(get("monitor.message.include"));
    }

    @Override
    public String toString() {
        return "configuration of monitor " + get("monitor.name");
    }
}

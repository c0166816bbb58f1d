package io.mysqlmonitor;

import io.mysqlmonitor.capture.ColumnMasks;
import io.mysqlmonitor.capture.MysqlSettings;
import io.mysqlmonitor.capture.Patterns;
import io.mysqlmonitor.change.ChangeType;
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

    /** The properties for the placeholders of the routes; those without a value are left out. */
    Map<String, String> placeholders() {
        Map<String, String> placeholders = new TreeMap<>(values);
        placeholders.values().removeIf(String::isEmpty);
        placeholders.keySet().removeIf(Options::isSecret);
        for (String list : List.of("mysql.databases", "mysql.tables")) {
            // The connector takes one of the two.
            if (placeholders.containsKey(list) && placeholders.containsKey(list + ".exclude")) {
                placeholders.put(list, without(get(list), placeholders.remove(list + ".exclude")));
            }
        }
        return placeholders;
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

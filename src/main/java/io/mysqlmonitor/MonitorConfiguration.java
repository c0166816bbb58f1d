package io.mysqlmonitor;

import io.mysqlmonitor.capture.ColumnMasks;
import io.mysqlmonitor.capture.MysqlSettings;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.change.SchemaChange;
import io.mysqlmonitor.change.TableTruncate;
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
import java.util.Locale;
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

    private static final List<String> OTHER_PREFIXES = List.of("debezium.", "camel.", "routes.");
    /** Connector settings on which the guarantees rest. */
    private static final List<String> FIXED = List.of(
            "debezium.offset.",
            "debezium.name",
            "debezium.connector.class",
            "debezium.tombstones.on.delete",
            // or the schema history does not hear of statements that cannot be parsed
            "debezium.schema.history.internal.store.only");

    /** Connector settings that the capture route gives, so that a property would be without effect. */
    private static final List<String> IN_ROUTE = List.of(
            "debezium.database.hostname",
            "debezium.database.port",
            "debezium.database.user",
            "debezium.database.password",
            "debezium.database.server.id",
            "debezium.database.ssl.mode",
            "debezium.topic.prefix",
            "debezium.snapshot.mode",
            "debezium.snapshot.locking.mode",
            "debezium.schema.history.internal",
            "debezium.schema.history.internal.skip.unparseable.ddl",
            "debezium.include.schema.changes",
            "debezium.skipped.operations",
            "debezium.poll.interval.ms",
            "debezium.max.queue.size.in.bytes",
            "debezium.heartbeat.interval.ms",
            "debezium.connect.keep.alive",
            "debezium.connect.keep.alive.interval.ms",
            "debezium.errors.max.retries",
            "debezium.decimal.handling.mode",
            "debezium.bigint.unsigned.handling.mode",
            "debezium.message.key.columns",
            "debezium.converters",
            "debezium.event.converting.failure.handling.mode");

    private static final Map<String, ChangeType> OPERATIONS =
            Map.of("insert", ChangeType.INSERT, "update", ChangeType.UPDATE, "delete", ChangeType.DELETE);

    private static final String BYTES_IN_FLIGHT = "64MB";
    private static final long MIN_SERVER_ID = 1;
    private static final long MAX_SERVER_ID = 4_294_967_295L;

    static final List<Option> OPTIONS = List.of(
            Option.text("mysql.host", "localhost"),
            Option.port("mysql.port", "3306"),
            Option.required("mysql.user"),
            Option.required("mysql.password"),
            Option.number("mysql.server-id", "", MIN_SERVER_ID, MAX_SERVER_ID),
            Option.choice(
                    "mysql.ssl-mode", "preferred", "disabled", "preferred", "required", "verify_ca", "verify_identity"),
            Option.certificates("mysql.ssl-ca"),
            Option.patterns("mysql.databases"),
            Option.patterns("mysql.databases.exclude"),
            Option.patterns("mysql.tables"),
            Option.patterns("mysql.tables.exclude"),
            Option.patterns("mysql.columns.exclude"),
            Option.patterns("mysql.columns.mask"),
            Option.patterns("mysql.columns.hash"),
            Option.text("mysql.columns.hash.salt", ""),
            Option.lengths("mysql.columns.truncate"),
            Option.addresses("rabbitmq.addresses", "localhost:5672"),
            Option.text("rabbitmq.user", "guest"),
            Option.text("rabbitmq.password", "guest"),
            Option.text("rabbitmq.vhost", "/"),
            Option.choice("rabbitmq.ssl", "false", "true", "false"),
            Option.certificates("rabbitmq.ssl-ca"),
            Option.exchange("rabbitmq.exchange", "mysql-monitor"),
            Option.exchangeType("rabbitmq.exchange-type", "fanout"),
            Option.arguments("rabbitmq.exchange-arguments"),
            Option.text("rabbitmq.alternate-exchange", ""),
            Option.template("rabbitmq.routing-key", "monitor"),
            Option.choice("rabbitmq.declare", "true", "true", "false"),
            Option.choice("rabbitmq.unroutable", "drop", "drop", "park", "stop"),
            Option.duration("rabbitmq.confirm-timeout", "1m", Duration.ofSeconds(1)),
            Option.name("monitor.name", "mysql-monitor"),
            Option.required("monitor.data", "data"),
            Option.start("monitor.start", "latest"),
            Option.choice("monitor.on-gap", "stop", "stop", "latest", "earliest"),
            Option.choice("monitor.on-schema-loss", "stop", "stop", "rebuild"),
            Option.choice("monitor.decimal", "string", "string", "number"),
            Option.duration("monitor.dedupe.window", "2s", Duration.ZERO),
            Option.duration("monitor.heartbeat.idle", "30s", Duration.ofSeconds(1)),
            Option.number("monitor.in-flight.rows", "50000", 2, 10_000_000),
            Option.bytes(
                    "monitor.in-flight.bytes",
                    bytesInFlight(Runtime.getRuntime().maxMemory())),
            Option.duration("monitor.stall-timeout", "1m", Duration.ofSeconds(15)),
            Option.choice("monitor.http.enabled", "true", "true", "false"),
            Option.text("monitor.http.host", "127.0.0.1"),
            Option.port("monitor.http.port", "8090"),
            Option.required("monitor.dead-letter", "mysql-monitor.dead-letter"),
            Option.bytes("monitor.message.max-bytes", "16MB"),
            Option.keyColumns("monitor.message.key.columns"),
            Option.additions("monitor.message.include"),
            Option.list("monitor.operations", "insert,update,delete", OPERATIONS.keySet()),
            Option.predicate("monitor.filter"),
            Option.list("monitor.message.types", "", Set.of(TableTruncate.WIRE_NAME, SchemaChange.WIRE_NAME)));

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
        return isSecret(name) ? value : value.strip();
    }

    private static boolean isSecret(String name) {
        return name.endsWith("password") || name.endsWith("salt");
    }

    private static MonitorConfiguration of(
            Map<String, String> properties, Map<String, String> environment, String source) {
        List<String> problems = new ArrayList<>();
        Map<String, String> values = new TreeMap<>(properties);
        environment.forEach((name, value) -> {
            if (name.startsWith("DEBEZIUM_")) {
                values.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
            }
        });
        for (Option option : OPTIONS) {
            String variable =
                    option.name().toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
            String value =
                    environment.getOrDefault(variable, values.getOrDefault(option.name(), option.defaultValue()));
            if (value == null) {
                problems.add(option.name() + " is missing in " + source + "; set it there or in the environment as "
                        + variable);
                continue;
            }
            try {
                option.check().accept(value);
            } catch (IllegalArgumentException e) {
                String shown = isSecret(option.name()) ? "(not shown)" : "\"" + value + "\"";
                problems.add(option.name() + "=" + shown + " is not allowed; it takes " + option.allowed());
            }
            values.put(option.name(), value);
        }
        for (String name : values.keySet()) {
            if (FIXED.stream().anyMatch(name::startsWith)) {
                problems.add(name + " cannot be set: the monitor's guarantees rest on it; remove it");
            } else if (IN_ROUTE.contains(name)) {
                problems.add(
                        name + " is set by the capture route: use a mysql.* property where there is one, or change it "
                                + "in a copy of capture.camel.yaml in the folder routes");
            } else if (!isKnown(name)) {
                problems.add("unknown property " + name + " in " + source + "; " + suggestion(name));
            }
        }
        if (problems.isEmpty()) {
            problems.addAll(contradictions(values));
        }
        if (!values.getOrDefault("mysql.columns.hash", "").isEmpty()
                && values.getOrDefault("mysql.columns.hash.salt", "").isEmpty()) {
            problems.add("mysql.columns.hash.salt is missing in " + source
                    + ": a hash without it can be guessed; set it to a long random text that you keep secret");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        if (values.get("mysql.server-id").isEmpty()) {
            values.put("mysql.server-id", serverId(values));
        }
        return new MonitorConfiguration(values);
    }

    /** What each is allowed by itself, and not together. */
    private static List<String> contradictions(Map<String, String> values) {
        List<String> problems = new ArrayList<>();
        String unroutable = "rabbitmq.unroutable=" + values.get("rabbitmq.unroutable");
        boolean drops = unroutable.endsWith("=drop");
        String alternate = values.get("rabbitmq.alternate-exchange");
        String arguments = values.get("rabbitmq.exchange-arguments");
        if (!drops && !alternate.isEmpty()) {
            problems.add("rabbitmq.alternate-exchange=" + alternate + " cannot go with " + unroutable
                    + ", which gives the exchange an alternate of its own; remove one of them");
        }
        if (values.get("rabbitmq.declare").equals("false") && !(drops && alternate.isEmpty() && arguments.isEmpty())) {
            problems.add("rabbitmq.declare=false cannot go with rabbitmq.unroutable, rabbitmq.alternate-exchange or "
                    + "rabbitmq.exchange-arguments, which are given to the exchange when it is declared; remove them");
        }
        if (values.get("rabbitmq.exchange-type").equals("x-consistent-hash")
                && RoutingTemplate.of(values.get("rabbitmq.routing-key")).isConstant()
                && !arguments.contains("hash-")) {
            problems.add("rabbitmq.routing-key=" + values.get("rabbitmq.routing-key") + " would send every message of "
                    + "rabbitmq.exchange-type=x-consistent-hash to one queue; set it to {database}.{table}.{key}, or "
                    + "rabbitmq.exchange-arguments to hash-header=<name> or hash-property=<name>");
        }
        return problems;
    }

    private static boolean isKnown(String name) {
        return OTHER_PREFIXES.stream().anyMatch(name::startsWith)
                || OPTIONS.stream().anyMatch(option -> option.name().equals(name));
    }

    private static String suggestion(String unknown) {
        int best = Integer.MAX_VALUE;
        String nearest = "";
        for (Option option : OPTIONS) {
            int distance = distance(unknown, option.name());
            if (distance < best) {
                best = distance;
                nearest = option.name();
            }
        }
        return best <= 4
                ? "did you mean " + nearest + "?"
                : "remove it, or let its name begin with routes. if it is for routes of your own";
    }

    /** Levenshtein distance. */
    private static int distance(String one, String other) {
        int[] previous = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] current = new int[other.length() + 1];
            current[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int change = previous[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(change, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[other.length()];
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
        return String.valueOf(MIN_SERVER_ID + 1_000_000_000L + hash.getValue() % 3_000_000_000L);
    }

    /** The value of a property, its default included. */
    public String get(String name) {
        return values.get(name);
    }

    /** The properties for the placeholders of the routes; those without a value are left out. */
    Map<String, String> placeholders() {
        Map<String, String> placeholders = new TreeMap<>(values);
        placeholders.values().removeIf(String::isEmpty);
        placeholders.keySet().removeIf(MonitorConfiguration::isSecret);
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
        String none = "(?!(?:" + String.join("|", Option.toSet(exclude)) + ")$)";
        return Option.toSet(include).stream()
                .map(pattern -> none + "(?:" + pattern + ")")
                .collect(Collectors.joining(","));
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

    /** The default: what is in flight is held a second time, at worst, on its way in and out, and garbage needs its room. */
    static String bytesInFlight(long maxHeap) {
        return maxHeap / 4 < Option.toBytes(BYTES_IN_FLIGHT) ? String.valueOf(maxHeap / 4) : BYTES_IN_FLIGHT;
    }

    Path data() {
        return Path.of(get("monitor.data"));
    }

    /** Which changes of rows are not published. */
    Set<ChangeType> unwantedOperations() {
        Set<String> wanted = Option.toSet(get("monitor.operations"));
        return OPERATIONS.entrySet().stream()
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
                Option.toSet(get("mysql.columns.mask")),
                Option.toSet(get("mysql.columns.hash")),
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

package io.mysqlmonitor.capture;

import io.debezium.config.Configuration;
import io.debezium.connector.mariadb.MariaDbConnector;
import io.mysqlmonitor.server.MysqlSettings;
import io.mysqlmonitor.transform.ExactValueConverter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * All settings of the Debezium connector, by the connector's own names, and who decides on each: those that are fixed because the
 * monitor's guarantees rest on them, those that the monitor sets at each start, those that it takes from its own properties, those that a user
 * gives as {@code debezium.*}, and defaults for the rest. Each value reaches the connector as it is, whatever characters it has: none goes through
 * the URI of an endpoint. A setting that the monitor decides cannot be given.
 *
 * <p>Parameters of the endpoint in an edited route file count for what none of the first four decides.
 */
public final class ConnectorSettings {

    private static final String CONNECTOR_CLASS = "connector.class";
    private static final String SSL_MODE = "database.ssl.mode";
    private static final String TRUST_STORE = "database.ssl.truststore";
    private static final String TRUST_STORE_PASSWORD = TRUST_STORE + ".password";
    private static final String KEY_STORE = "database.ssl.keystore";
    private static final String KEY_STORE_PASSWORD = KEY_STORE + ".password";
    private static final String JDBC_DRIVER = "database.jdbc.driver";
    private static final String READ_ONLY = "read.only";
    private static final String SNAPSHOT_MODE = "snapshot.mode";
    private static final String SNAPSHOT_DELAY = "snapshot.delay.ms";
    private static final String SNAPSHOT_THREADS = "snapshot.max.threads";
    private static final String MAX_BATCH = "max.batch.size";
    private static final String MAX_QUEUE = "max.queue.size";
    private static final String CONVERTER = "exact.";

    private static final Map<String, String> FIXED = Map.ofEntries(
            Map.entry(SNAPSHOT_MODE, EngineStart.Reads.NOTHING.mode()), // but for some starts
            Map.entry("snapshot.locking.mode", "none"),
            Map.entry("driver.netTimeoutForStreamingResults", "86400"), // s; rows wait while the broker takes nothing
            Map.entry("offset.flush.interval.ms", "0"),
            // of tables that are watched the schema history speaks up
            Map.entry("schema.history.internal.skip.unparseable.ddl", "true"),
            // or it does not hear of statements that cannot be parsed
            Map.entry("schema.history.internal.store.only.captured.tables.ddl", "false"),
            Map.entry("schema.history.internal.store.only.captured.databases.ddl", "false"),
            // rows before a statement are not merged with rows after it, whether there is a message about it or not
            Map.entry("include.schema.changes", "true"),
            Map.entry("tombstones.on.delete", "false"),
            Map.entry("extended.headers.enabled", "false"), // three with each record, which nobody reads
            // The monitor alone starts capture again, at the checkpoint: the engine would retry forever without
            // logging, and
            // the binlog client would go on with a second copy of half a transaction.
            Map.entry("errors.max.retries", "0"),
            Map.entry("connect.keep.alive", "false"),
            // Signs of life on an idle server.
            Map.entry("heartbeat.interval.ms", "1000"),
            Map.entry("connect.keep.alive.interval.ms", "5000"),
            // What cannot be read or converted stops capture, and is not passed over or replaced by null.
            Map.entry("event.processing.failure.handling.mode", "fail"),
            Map.entry("event.converting.failure.handling.mode", "fail"),
            Map.entry("inconsistent.schema.handling.mode", "fail"),
            // Values as the message contract wants them.
            Map.entry("bigint.unsigned.handling.mode", "precise"),
            Map.entry("converters", "exact"),
            Map.entry(CONVERTER + "type", ExactValueConverter.class.getName()),
            Map.entry("driver.yearIsDateType", "false")); // or a snapshot takes the year 0 for 2000

    /** What the monitor sets at each start of the engine, or keeps for itself, with all that begins so. */
    private static final List<String> RESERVED = List.of(
            "offset.",
            "schema.history.internal",
            SNAPSHOT_MODE,
            SNAPSHOT_DELAY,
            CONNECTOR_CLASS,
            JDBC_DRIVER,
            READ_ONLY,
            "event.deserialization.failure.handling.mode", // an older name of event.processing.failure.handling.mode
            TRUST_STORE,
            KEY_STORE,
            CONVERTER,
            "signal.", // one of them sets the position
            "gtid.source.", // would leave out transactions that the checkpoint then passes
            "transforms", // would change or leave out records before they are seen
            "predicates",
            "heartbeat.action.query", // would write to the server
            "mysql-monitor.");

    /** What the monitor takes from its own properties, and from which. */
    private static final Map<String, String> OWN = Map.ofEntries(
            Map.entry("name", "monitor.name"),
            Map.entry("topic.prefix", "monitor.name"),
            Map.entry("database.hostname", "mysql.host"),
            Map.entry("database.port", "mysql.port"),
            Map.entry("database.user", "mysql.user"),
            Map.entry("database.password", "mysql.password"),
            Map.entry("database.server.id", "mysql.server-id"),
            Map.entry(SSL_MODE, "mysql.ssl-mode"),
            Map.entry(TRUST_STORE, "mysql.ssl-ca"),
            Map.entry(KEY_STORE, "mysql.ssl-cert"),
            Map.entry(KEY_STORE_PASSWORD, "mysql.ssl-key"), // a file of the monitor's own, with a password of its own
            Map.entry("decimal.handling.mode", "monitor.decimal"),
            Map.entry("skipped.operations", "monitor.operations"),
            Map.entry("max.queue.size.in.bytes", "monitor.in-flight.bytes"),
            Map.entry("message.key.columns", "monitor.message.key.columns"));

    /** The same, where a user may choose the connector's name instead. */
    private static final Map<String, String> LISTS = Map.of(
            "database.include.list", "mysql.databases",
            "database.exclude.list", "mysql.databases.exclude",
            "table.include.list", "mysql.tables",
            "table.exclude.list", "mysql.tables.exclude",
            "column.exclude.list", "mysql.columns.exclude");

    private static final String ADDITIONAL = "additionalProperties.";
    private static final int BATCH_ROWS = 512;
    private static final int QUEUE_ROWS = 2048;
    /** As by the connector's own defaults, which refuses a queue that does not hold more than a batch. */
    private static final int BATCHES_READ_AHEAD = 4;

    private static final Map<String, String> DEFAULTS = Map.of(
            MAX_BATCH,
            String.valueOf(BATCH_ROWS),
            // of a table that is read again, held in memory beside what is in flight
            "incremental.snapshot.chunk.size",
            "256",
            // what the engine gathers before it hands it out waits as long
            "poll.interval.ms",
            "3");

    /** Defaults of camel-debezium that are worse than the connector's: with this one the driver holds whole tables in memory. */
    private static final List<String> UNSET = List.of("snapshot.fetch.size");

    /** Connections that read the definitions of tables: many tables take long by one. */
    private static final String SCHEMA_THREADS = "4";

    /** MariaDB's connector has names of its own for the same. */
    private static final Map<String, String> MARIADB_SSL_MODES = Map.of(
            "disabled", "disable",
            "required", "trust",
            "verify_ca", "verify-ca",
            "verify_identity", "verify-full");

    /** MariaDB's driver would take a TIMESTAMP, which comes in the session's zone, for one of this JVM's. */
    private static final Map<String, String> MARIADB_DEFAULTS = Map.of(
            "driver.connectionTimeZone", "UTC",
            "driver.forceConnectionTimeZoneToSession", "true",
            "driver.preserveInstants", "true");

    /** A name as Camel's endpoint has it; the connector would ignore it. */
    private static final Pattern CAMEL_NAME = Pattern.compile("[^.]*[A-Z-][^.]*");

    private static final Pattern CAMEL_WORD = Pattern.compile("-|(?=[A-Z])");

    private final Map<String, String> own;
    private final Map<String, String> given;

    /**
     * @param properties the monitor's own, by its names, with the values as the connector has them; those that are empty are left out
     * @param storage where the engine keeps what it knows
     * @param given what the user gives, by the connector's names
     */
    public ConnectorSettings(Map<String, String> properties, Storage storage, Map<String, String> given) {
        this.own = new TreeMap<>(storage.settings());
        Stream.of(OWN, LISTS).map(Map::entrySet).flatMap(Set::stream).forEach(setting -> {
            String value = properties.getOrDefault(setting.getValue(), "");
            if (!value.isEmpty()) {
                own.put(setting.getKey(), value);
            }
        });
        if (own.containsKey(TRUST_STORE)) {
            own.put(TRUST_STORE_PASSWORD, MysqlSettings.TRUST_STORE_PASSWORD);
        }
        if (own.containsKey(KEY_STORE)) {
            own.put(KEY_STORE_PASSWORD, MysqlSettings.KEY_STORE_PASSWORD);
        }
        this.given = Map.copyOf(given);
    }

    /**
     * Where the engine keeps its offset and the definitions of tables.
     *
     * @param offsets the class of its offset store
     * @param definitions the class of its schema history
     */
    public record Storage(Class<?> offsets, Path offsetFile, Class<?> definitions, Path definitionsFile) {

        private Map<String, String> settings() {
            return Map.of(
                    "offset.storage", offsets.getName(),
                    "offset.storage.file.filename", offsetFile.toString(),
                    "schema.history.internal", definitions.getName(),
                    "schema.history.internal.file.filename", definitionsFile.toString());
        }
    }

    /**
     * What camel-debezium makes of the endpoint in the route file.
     *
     * @param settings the connector's, by its names, camel-debezium's defaults included
     * @param parameters the endpoint's, which were given
     */
    record Route(Map<String, String> settings, Set<String> parameters) {

        Route {
            settings = Map.copyOf(settings);
            parameters = Set.copyOf(parameters);
        }

        private boolean gives(String name) {
            return parameters.contains(parameter(name)) || parameters.contains(ADDITIONAL + name);
        }
    }

    /** Why a user cannot give a setting of the connector, and what to do instead; empty if it can be given. */
    public static Optional<String> refusal(String name) {
        if (OWN.containsKey(name)) {
            return Optional.of("the monitor takes it from " + OWN.get(name) + "; use that");
        }
        if (FIXED.containsKey(name) || RESERVED.stream().anyMatch(name::startsWith)) {
            return Optional.of("the monitor's guarantees rest on it; remove it");
        }
        if (CAMEL_NAME.matcher(name).matches()) {
            return Optional.of("it is not a name of the connector, which writes it "
                    + CAMEL_WORD.matcher(name).replaceAll(".").toLowerCase(Locale.ROOT) + "; use that");
        }
        return Optional.empty();
    }

    /** The property of the monitor that stands for a setting that can be given by either name; empty if there is none. */
    public static Optional<String> propertyFor(String name) {
        return Optional.ofNullable(LISTS.get(name));
    }

    /** The monitor's name, which is the engine's. */
    String name() {
        return own.get("name");
    }

    /** Whether a parameter of an endpoint of that name would be without effect. */
    boolean decides(String parameter) {
        return Stream.of(FIXED.keySet(), own.keySet(), given.keySet())
                .flatMap(Set::stream)
                .anyMatch(name -> parameter.equals(parameter(name)) || parameter.equals(ADDITIONAL + name));
    }

    /** Whether a parameter of an endpoint of that name is for the monitor alone to set. */
    boolean reserves(String parameter) {
        return !decides(parameter)
                && RESERVED.stream()
                        .anyMatch(name ->
                                parameter.startsWith(parameter(name)) || parameter.startsWith(ADDITIONAL + name));
    }

    /** The value that is fixed for a parameter of an endpoint; empty if none is. */
    Optional<String> fixed(String parameter) {
        return FIXED.entrySet().stream()
                .filter(fixed ->
                        parameter.equals(parameter(fixed.getKey())) || parameter.equals(ADDITIONAL + fixed.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** The endpoint's name for a setting: {@code maxBatchSize} for {@code max.batch.size}. */
    private static String parameter(String name) {
        StringBuilder parameter = new StringBuilder();
        for (String word : name.split("\\.")) {
            parameter.append(parameter.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return parameter.toString();
    }

    /** The settings of the connector, but for those that differ from start to start. */
    Map<String, String> over(Route route) {
        Map<String, String> settings = new TreeMap<>(route.settings());
        UNSET.stream().filter(name -> !route.gives(name)).forEach(settings::remove);
        addDefaults(settings, DEFAULTS, route);
        settings.putAll(given);
        if (!isGiven(MAX_QUEUE, route)) {
            // The garbage collector copies what is read ahead again and again: much of it costs more than it saves.
            int batch = Configuration.from(settings).getInteger(MAX_BATCH, BATCH_ROWS);
            settings.put(MAX_QUEUE, String.valueOf(Math.max(QUEUE_ROWS, BATCHES_READ_AHEAD * batch)));
        }
        settings.putAll(own);
        settings.putAll(FIXED);
        return settings;
    }

    /**
     * The settings of the connector for one start.
     *
     * @param engine the name by which {@link EngineSetup} finds what belongs to the engine
     * @param skipsHours whether this JVM has a time zone in which some times of some days are skipped
     */
    Map<String, String> forStart(Route route, EngineStart start, String engine, boolean skipsHours) {
        Map<String, String> settings = over(route);
        settings.put(EngineSetup.PROPERTY, engine);
        settings.put(SNAPSHOT_MODE, start.reads().mode());
        settings.put(SNAPSHOT_MODE + ".custom.name", TableSnapshotter.NAME);
        settings.put(SNAPSHOT_DELAY, String.valueOf(start.delay().toMillis()));
        if (start.reads() == EngineStart.Reads.SCHEMA) {
            addDefaults(settings, Map.of(SNAPSHOT_THREADS, SCHEMA_THREADS), route);
        }
        if (settings.getOrDefault(SSL_MODE, "preferred").equals("preferred")) {
            // The connectors have other ideas of that than the JDBC driver, or none.
            settings.put(SSL_MODE, start.encrypted() ? "required" : "disabled");
        }
        // By GTIDs tables can be read while the binary log is, without writing to the server. It costs time at each
        // row.
        settings.put(READ_ONLY, String.valueOf(start.tableSnapshot()));
        if (start.taggedGtids()) {
            settings.put(JDBC_DRIVER, GtidModeOffDriver.class.getName());
        } else if (skipsHours) {
            settings.put(JDBC_DRIVER, WallClockDriver.class.getName());
        }
        if (start.mariadb()) {
            settings.put(CONNECTOR_CLASS, MariaDbConnector.class.getName());
            settings.computeIfPresent(SSL_MODE, (name, mode) -> MARIADB_SSL_MODES.get(mode));
            settings.put(CONVERTER + ExactValueConverter.JSON_IS_TEXT, "true");
            MARIADB_DEFAULTS.forEach(settings::putIfAbsent);
        }
        return settings;
    }

    /** Where neither the user nor the route file says anything. */
    private void addDefaults(Map<String, String> settings, Map<String, String> defaults, Route route) {
        defaults.forEach((name, value) -> {
            if (!isGiven(name, route)) {
                settings.put(name, value);
            }
        });
    }

    private boolean isGiven(String name, Route route) {
        return given.containsKey(name) || route.gives(name);
    }

    /** Without values, some of which are secret. */
    @Override
    public String toString() {
        return "settings of the connector of " + name();
    }
}

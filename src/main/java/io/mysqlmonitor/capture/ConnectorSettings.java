package io.mysqlmonitor.capture;

import io.debezium.config.Configuration;
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
 * monitor's guarantees rest on them, those that the monitor takes from its own properties, those that a user gives as {@code debezium.*}, and defaults
 * for the rest. Each value reaches the connector as it is, whatever characters it has: none goes through the URI of an endpoint.
 *
 * <p>Parameters of the endpoint in an edited route file count for what none of the first three decides.
 */
public final class ConnectorSettings {

    private static final Map<String, String> FIXED = Map.ofEntries(
            Map.entry("snapshot.mode", "no_data"),
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
            // The monitor alone starts capture again, at the checkpoint: the engine would try for ever in silence, and
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
            Map.entry("exact.type", ExactValueConverter.class.getName()),
            Map.entry("driver.yearIsDateType", "false")); // or a snapshot takes the year 0 for 2000

    /** What the monitor sets at each start of the engine, or keeps for itself, with all that begins so. */
    private static final List<String> RESERVED = List.of(
            "offset.",
            "schema.history.internal",
            "snapshot.mode",
            "snapshot.delay.ms",
            "connector.class",
            "read.only",
            "event.deserialization.failure.handling.mode", // an older name of event.processing.failure.handling.mode
            "database.ssl.truststore",
            "exact.",
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
            Map.entry("database.ssl.mode", "mysql.ssl-mode"),
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
            "max.batch.size", String.valueOf(BATCH_ROWS),
            // of a table that is read again, held in memory beside what is in flight
            "incremental.snapshot.chunk.size", "256",
            // what the engine gathers before it hands it out waits as long
            "poll.interval.ms", "3");

    /** A name as Camel's endpoint has it; the connector would ignore it. */
    private static final Pattern CAMEL_NAME = Pattern.compile("[^.]*[A-Z-][^.]*");

    private static final Pattern CAMEL_WORD = Pattern.compile("-|(?=[A-Z])");

    private final Map<String, String> own;
    private final Map<String, String> given;

    /**
     * @param own what the monitor takes from its properties, by the connector's names; values that are empty are left out
     * @param given what the user gives, by the connector's names
     */
    public ConnectorSettings(Map<String, String> own, Map<String, String> given) {
        this.own = new TreeMap<>(own);
        this.own.values().removeIf(String::isEmpty);
        this.given = Map.copyOf(given);
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

    /**
     * The settings of the connector.
     *
     * @param route those that camel-debezium makes of the endpoint, its defaults included
     * @param parameters the parameters that the endpoint was given
     */
    Configuration over(Configuration route, Set<String> parameters) {
        Configuration.Builder settings = route.edit();
        DEFAULTS.forEach((name, value) -> {
            if (!parameters.contains(parameter(name))) {
                settings.with(name, value);
            }
        });
        given.forEach(settings::with);
        if (!given.containsKey("max.queue.size") && !parameters.contains("maxQueueSize")) {
            // The garbage collector copies what is read ahead again and again: much of it costs more than it saves.
            int batch = settings.build().getInteger("max.batch.size", BATCH_ROWS);
            settings.with("max.queue.size", Math.max(QUEUE_ROWS, BATCHES_READ_AHEAD * batch));
        }
        own.forEach(settings::with);
        FIXED.forEach(settings::with);
        return settings.build();
    }

    /** Without values, some of which are secret. */
    @Override
    public String toString() {
        return "settings of the connector of " + name();
    }
}

package io.mysqlmonitor;

import io.mysqlmonitor.capture.ConnectorSettings;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.change.SchemaChange;
import io.mysqlmonitor.change.TableTruncate;
import io.mysqlmonitor.publish.RoutingTemplate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** All options there are, and the check of what a user gives. */
final class Options {

    private static final String DEBEZIUM = "debezium.";
    private static final List<String> OTHER_PREFIXES = List.of(DEBEZIUM, "camel.", "routes.");

    static final Map<String, ChangeType> OPERATIONS =
            Map.of("insert", ChangeType.INSERT, "update", ChangeType.UPDATE, "delete", ChangeType.DELETE);

    private static final String BYTES_IN_FLIGHT = "64MB";
    static final long MIN_SERVER_ID = 1;
    static final long MAX_SERVER_ID = 4_294_967_295L;

    static final List<Option> ALL = List.of(
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
            Option.choice("monitor.on-unreadable", "stop", "stop", "gap"),
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

    private Options() {}

    /**
     * The values of all options and of what else is given.
     *
     * @param environment goes before the properties
     * @param source where the properties come from, for people
     * @throws ConfigurationException if a property is unknown, missing or has a value that is not allowed, or if two contradict each
     *     other
     */
    static Map<String, String> check(Map<String, String> properties, Map<String, String> environment, String source) {
        List<String> problems = new ArrayList<>();
        Map<String, String> values = new TreeMap<>(properties);
        Map<String, String> variables = ServiceVariables.removedFrom(environment);
        values.replaceAll(
                (name, value) -> name.startsWith("routes.") ? variables.getOrDefault(variable(name), value) : value);
        variables.forEach((name, value) -> {
            if (name.startsWith("DEBEZIUM_")) {
                values.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
            }
        });
        for (Option option : ALL) {
            String variable = variable(option.name());
            String value = variables.getOrDefault(variable, values.getOrDefault(option.name(), option.defaultValue()));
            if (value == null) {
                problems.add(option.name() + " is missing in " + source + "; set it there or in the environment as "
                        + variable);
                continue;
            }
            try {
                option.check().accept(value);
            } catch (IllegalArgumentException e) {
                String shown = isSecret(option.name()) || mayHoldSecret(value) ? "(not shown)" : "\"" + value + "\"";
                problems.add(option.name() + "=" + shown + " is not allowed; it takes " + option.allowed());
            }
            values.put(option.name(), value);
        }
        for (String name : values.keySet()) {
            Optional<String> refusal = name.startsWith(DEBEZIUM)
                    ? ConnectorSettings.refusal(name.substring(DEBEZIUM.length()))
                    : Optional.empty();
            if (refusal.isPresent()) {
                problems.add(name + " cannot be set: " + refusal.get());
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
        return values;
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
        for (String name : values.keySet()) {
            String own = name.startsWith(DEBEZIUM)
                    ? ConnectorSettings.propertyFor(name.substring(DEBEZIUM.length()))
                            .orElse("")
                    : "";
            if (!values.getOrDefault(own, "").isEmpty()) {
                problems.add(name + " cannot go with " + own + ", which is the same; remove one of them");
            }
        }
        return problems;
    }

    private static boolean isKnown(String name) {
        return OTHER_PREFIXES.stream().anyMatch(name::startsWith)
                || ALL.stream().anyMatch(option -> option.name().equals(name));
    }

    private static String suggestion(String unknown) {
        int best = Integer.MAX_VALUE;
        String nearest = "";
        for (Option option : ALL) {
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

    /** The name of a property in the environment. */
    private static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** The property that a variable of the environment sets. */
    static Optional<String> ofVariable(String variable) {
        return ALL.stream()
                .map(Option::name)
                .filter(name -> variable(name).equals(variable))
                .findFirst();
    }

    /** Whether it looks like a URI, or like a user with a password. */
    private static boolean mayHoldSecret(String value) {
        return value.contains("://") || value.matches("(?s).*:.*@.*");
    }

    /** Whether it is a property whose value may be shown. */
    static boolean isPublic(String name) {
        return !isSecret(name) && ALL.stream().anyMatch(option -> option.name().equals(name));
    }

    /** Whether the value is not to be shown. */
    static boolean isSecret(String name) {
        return name.endsWith("password") || name.endsWith("salt");
    }

    /** The default: what is in flight is held a second time, at worst, on its way in and out, and garbage needs its room. */
    static String bytesInFlight(long maxHeap) {
        return maxHeap / 4 < Option.toBytes(BYTES_IN_FLIGHT) ? String.valueOf(maxHeap / 4) : BYTES_IN_FLIGHT;
    }
}

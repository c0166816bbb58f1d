package io.mysqlmonitor.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What somebody meant who wrote a word that is none of those that can be written. */
final class NearestName {

    private static final int MAX_DISTANCE = 2;
    private static final int LETTERS_PER_CHANGE = 3;

    private static final String ADDRESSES = "use rabbitmq.addresses=host:port";

    /** Names that other programs have for the same, or for what the monitor does not do. */
    private static final Map<String, String> WELL_KNOWN = Map.ofEntries(
            Map.entry("mysql.hostname", "use mysql.host"),
            Map.entry("mysql.url", "use mysql.host and mysql.port"),
            Map.entry("mysql.username", "use mysql.user"),
            Map.entry("mysql.database", "use mysql.databases"),
            Map.entry("mysql.ssl", "use mysql.ssl-mode"),
            Map.entry("mysql.tls", "use mysql.ssl-mode"),
            Map.entry("rabbitmq.host", ADDRESSES),
            Map.entry("rabbitmq.hostname", ADDRESSES),
            Map.entry("rabbitmq.port", ADDRESSES),
            Map.entry("rabbitmq.url", "use rabbitmq.uri"),
            Map.entry("rabbitmq.username", "use rabbitmq.user"),
            Map.entry("rabbitmq.virtual-host", "use rabbitmq.vhost"),
            Map.entry("rabbitmq.tls", "use rabbitmq.ssl"),
            Map.entry(
                    "rabbitmq.queue",
                    "remove it: the monitor publishes to the exchange rabbitmq.exchange, and consumers declare their queues"),
            Map.entry("log.level", "use monitor.log.level"),
            Map.entry("log.format", "use monitor.log.format"),
            Map.entry("logging.level", "use monitor.log.level"),
            Map.entry("logging.format", "use monitor.log.format"));

    private NearestName() {}

    /** What to do about the name of a property that is unknown. */
    static String suggestion(String unknown) {
        String known = WELL_KNOWN.get(unknown);
        return known != null
                ? known
                : of(unknown, MonitorProperties.ALL.stream().map(Property::name).toList())
                        .map(name -> "did you mean " + name + "?")
                        .orElse("remove it; properties of your own routes start with \"routes.\" "
                                + "(mysql-monitor --help-config lists all properties)");
    }

    /** The word that is written almost like it, capitals or not; empty if there is none. */
    static Optional<String> of(String unknown, Collection<String> words) {
        int best = Math.min(MAX_DISTANCE, unknown.length() / LETTERS_PER_CHANGE) + 1;
        String nearest = null;
        for (String word : words) {
            int distance = distance(unknown.toLowerCase(Locale.ROOT), word.toLowerCase(Locale.ROOT));
            if (distance < best) {
                best = distance;
                nearest = word;
            }
        }
        return Optional.ofNullable(nearest);
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
}

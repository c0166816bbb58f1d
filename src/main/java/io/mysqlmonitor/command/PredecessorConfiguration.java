package io.mysqlmonitor.command;

import io.mysqlmonitor.config.ConfigurationException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The configuration of the predecessor, aventri/mysql-monitor: its {@code config.cfg}, read by the rules of Python 2's
 * {@code ConfigParser}, with the predecessor's own defaults for what it does not give.
 */
final class PredecessorConfiguration {

    private static final Pattern HEADER = Pattern.compile("\\[([^]]+)].*");
    private static final Pattern OPTION = Pattern.compile("([^:=\\s][^:=]*?)\\s*[:=]\\s*(.*)");
    private static final Pattern COMMENT = Pattern.compile("\\s*|[#;].*|[Rr][Ee][Mm](\\s.*)?");
    private static final Pattern INLINE_COMMENT = Pattern.compile("\\s;.*", Pattern.DOTALL);

    /** A section whose options hold for all others too. */
    private static final String FOR_ALL = "DEFAULT";

    private static final UnaryOperator<String> AS_IT_IS = value -> value;

    /**
     * An option that has a counterpart.
     *
     * @param fallback what the predecessor takes if it is missing; null if it does not start then
     */
    private record Counterpart(
            String section, String option, String fallback, String property, UnaryOperator<String> conversion) {

        String name() {
            return '[' + section + "] " + option;
        }
    }

    private static final List<Counterpart> COUNTERPARTS = List.of(
            new Counterpart("mysql", "host", "127.0.0.1", "mysql.host", AS_IT_IS),
            new Counterpart("mysql", "port", null, "mysql.port", AS_IT_IS),
            new Counterpart("mysql", "user", "admin", "mysql.user", AS_IT_IS),
            new Counterpart("mysql", "password", "admin", "mysql.password", AS_IT_IS),
            new Counterpart("mysql", "server_id", null, "mysql.server-id", AS_IT_IS),
            new Counterpart("mysql", "database", null, "mysql.databases", PredecessorConfiguration::name),
            new Counterpart("amqp", "user", "admin", "rabbitmq.user", AS_IT_IS),
            new Counterpart("amqp", "password", "admin", "rabbitmq.password", AS_IT_IS),
            new Counterpart("amqp", "vhost", "/", "rabbitmq.vhost", AS_IT_IS),
            new Counterpart("amqp", "ssl", "false", "rabbitmq.ssl", PredecessorConfiguration::flag),
            new Counterpart("amqp", "exchange", "mysql-monitor", "rabbitmq.exchange", AS_IT_IS),
            new Counterpart("amqp", "exchange_type", "fanout", "rabbitmq.exchange-type", AS_IT_IS),
            new Counterpart("amqp", "routing_key", "monitor", "rabbitmq.routing-key", AS_IT_IS),
            new Counterpart("monitor", "delay", "30", "monitor.dedupe.window", PredecessorConfiguration::seconds));

    /** These two are one property. */
    private static final Counterpart AMQP_HOST =
            new Counterpart("amqp", "host", "127.0.0.1", "rabbitmq.addresses", AS_IT_IS);

    private static final Counterpart AMQP_PORT = new Counterpart("amqp", "port", null, "rabbitmq.addresses", AS_IT_IS);

    private static final Map<String, String> WITHOUT_COUNTERPART = Map.of(
            "log_level", "the program logs what an operator needs; monitor.log.level=debug gives more",
            "delay_start", "the monitor waits for both servers by itself",
            "state_path", "name the file on the command line; the new one is checkpoint.json in monitor.data",
            "ca_certs", "set rabbitmq.ssl-ca to its file, or leave it to those that Java trusts");

    private final Map<String, String> properties;
    private final List<String> ignored;

    private PredecessorConfiguration(Map<String, String> properties, List<String> ignored) {
        this.properties = properties;
        this.ignored = ignored;
    }

    /**
     * @param text of the file
     * @throws ConfigurationException if it is not such a file, or lacks what the predecessor needs
     */
    static PredecessorConfiguration of(String text) {
        Map<String, Map<String, String>> sections = parse(text);
        List<String> problems = new ArrayList<>();
        Map<String, String> properties = new LinkedHashMap<>();
        String host = take(sections, AMQP_HOST, problems);
        String port = take(sections, AMQP_PORT, problems);
        for (Counterpart counterpart : COUNTERPARTS) {
            properties.put(counterpart.property(), take(sections, counterpart, problems));
            if (counterpart.property().equals("mysql.databases")) {
                properties.put(AMQP_HOST.property(), host + ':' + port); // where people look for it
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        List<String> ignored = new ArrayList<>();
        sections.forEach((section, options) -> options.keySet().stream()
                .filter(option -> !section.equals(FOR_ALL) || !hasCounterpart(option))
                .forEach(option -> ignored.add('[' + section + "] " + option + " has no counterpart: "
                        + WITHOUT_COUNTERPART.getOrDefault(option, "the predecessor does not know it either"))));
        return new PredecessorConfiguration(properties, ignored);
    }

    private static boolean hasCounterpart(String option) {
        return Stream.concat(COUNTERPARTS.stream(), Stream.of(AMQP_HOST, AMQP_PORT))
                .anyMatch(counterpart -> counterpart.option().equals(option));
    }

    /** Takes an option out of its section. */
    private static String take(
            Map<String, Map<String, String>> sections, Counterpart counterpart, List<String> problems) {
        Map<String, String> section = sections.getOrDefault(counterpart.section(), Map.of());
        String given = section.isEmpty() ? null : section.remove(counterpart.option());
        String value = given == null
                ? sections.getOrDefault(FOR_ALL, Map.of()).getOrDefault(counterpart.option(), counterpart.fallback())
                : given;
        if (value == null) {
            problems.add(counterpart.name() + " is missing; the predecessor does not start without it either");
            return "";
        }
        try {
            return counterpart.conversion().apply(value);
        } catch (IllegalArgumentException e) {
            problems.add(counterpart.name() + '=' + value + " is not valid; expected: " + e.getMessage());
            return "";
        }
    }

    private static Map<String, Map<String, String>> parse(String text) {
        Map<String, Map<String, String>> sections = new TreeMap<>();
        Map<String, String> section = null;
        String option = null;
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            Matcher header = HEADER.matcher(line);
            Matcher assignment = OPTION.matcher(line);
            if (COMMENT.matcher(line).matches()) {
                continue;
            }
            if (Character.isWhitespace(line.charAt(0)) && option != null) {
                section.merge(option, line.strip(), (value, more) -> value + '\n' + more);
            } else if (header.matches()) {
                section = sections.computeIfAbsent(header.group(1), name -> new LinkedHashMap<>());
                option = null;
            } else if (section != null && assignment.matches()) {
                option = assignment.group(1).strip().toLowerCase(Locale.ROOT);
                String value = INLINE_COMMENT
                        .matcher(assignment.group(2))
                        .replaceFirst("")
                        .strip();
                section.put(option, value.equals("\"\"") ? "" : value);
            } else {
                throw new ConfigurationException("line " + number + " is neither [section] nor option = value");
            }
        }
        return sections;
    }

    /** A name as a regular expression, which ours is. */
    private static String name(String database) {
        if (database.isEmpty()) {
            throw new IllegalArgumentException("the name of a database");
        }
        return database.replaceAll("[^\\w\\u0080-\\uffff-]", "\\\\$0");
    }

    private static String flag(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "1", "yes", "true", "on" -> "true";
            case "0", "no", "false", "off" -> "false";
            default -> throw new IllegalArgumentException("true or false");
        };
    }

    private static String seconds(String value) {
        if (value.isEmpty() || value.matches("-\\d+|0+")) {
            return "0";
        }
        if (!value.matches("\\d{1,9}")) {
            throw new IllegalArgumentException("a whole number of seconds");
        }
        return value + 's';
    }

    /** Our properties, in an order for people. */
    Map<String, String> properties() {
        return properties;
    }

    /** One line for each option that has no counterpart, without its value. */
    List<String> ignored() {
        return ignored;
    }
}

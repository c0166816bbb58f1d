package io.mysqlmonitor;

import io.mysqlmonitor.capture.Patterns;
import io.mysqlmonitor.change.MessageModule;
import io.mysqlmonitor.publish.RoutingTemplate;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.util.TimeUtils;

/**
 * A property of the monitor: its name, its default and what values it takes.
 *
 * @param name the property's name
 * @param defaultValue its default; empty for none, null if the property must be given
 * @param allowed what is allowed, for people
 * @param check throws an {@link IllegalArgumentException} for a value that is not allowed
 */
record Option(String name, String defaultValue, String allowed, Check check) {

    private static final int MAX_PORT = 65_535;
    private static final String GTIDS = "\\s*[0-9A-Fa-f-]{36}(:\\d+(-\\d+)?)+\\s*";
    private static final String COMMA =
            "within an expression a comma is written \\,, as in order_\\d{1\\,3} (in a properties file with two backslashes each)";
    private static final String PLACEHOLDERS = "{database}, {table}, {type}, {key}, {key.COLUMN} or {value.COLUMN}";

    @FunctionalInterface
    interface Check {
        void accept(String value);
    }

    static Option text(String name, String defaultValue) {
        return new Option(name, defaultValue, "text", value -> {});
    }

    static Option required(String name) {
        return new Option(name, null, "text, and must be given", value -> require(!value.isEmpty()));
    }

    static Option required(String name, String defaultValue) {
        return new Option(name, defaultValue, "text, not empty", value -> require(!value.isBlank()));
    }

    static Option name(String name, String defaultValue) {
        return new Option(
                name,
                defaultValue,
                "letters, digits, '-', '_' and '.'",
                value -> require(value.matches("[A-Za-z0-9._-]+")));
    }

    static Option choice(String name, String defaultValue, String... values) {
        List<String> choices = List.of(values);
        return new Option(
                name, defaultValue, "one of " + String.join(", ", choices), value -> require(choices.contains(value)));
    }

    static Option start(String name, String defaultValue) {
        return new Option(
                name,
                defaultValue,
                "latest, earliest, snapshot, <file>:<position> of the binary log, gtid:<set> or time:2026-01-31T12:00:00Z",
                value -> {
                    if (value.startsWith("time:")) {
                        requireInstant(value.substring("time:".length()));
                    } else {
                        require(value.matches(
                                "latest|earliest|snapshot|[^:/]+:\\d{1,18}|gtid:" + GTIDS + "(," + GTIDS + ")*"));
                    }
                });
    }

    private static void requireInstant(String value) {
        try {
            OffsetDateTime.parse(value);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static Option port(String name, String defaultValue) {
        return number(name, defaultValue, 1, MAX_PORT);
    }

    static Option number(String name, String defaultValue, long min, long max) {
        return new Option(name, defaultValue, "a whole number from " + min + " to " + max, value -> {
            if (!value.isEmpty() || defaultValue == null) {
                long number = Long.parseLong(value);
                require(number >= min && number <= max);
            }
        });
    }

    static Option duration(String name, String defaultValue, Duration min) {
        String allowed = "a duration such as 500ms, 2s or 1m"
                + (min.isZero() ? ", or 0" : ", at least " + min.toMillis() + "ms");
        return new Option(
                name, defaultValue, allowed, value -> require(toDuration(value).compareTo(min) >= 0));
    }

    static Option bytes(String name, String defaultValue) {
        return new Option(name, defaultValue, "a size such as 512KB or 64MB", value -> require(toBytes(value) > 0));
    }

    static Option certificates(String name) {
        return new Option(
                name,
                "",
                "a readable PEM file with one or more certificates",
                value -> require(value.isEmpty() || Certificates.isReadable(Path.of(value))));
    }

    static Option additions(String name) {
        return list(name, "", MessageModule.ADDITIONS);
    }

    /** Names out of a list; at least one if there is a default. */
    static Option list(String name, String defaultValue, Collection<String> choices) {
        return new Option(
                name,
                defaultValue,
                "a list out of " + String.join(", ", new TreeSet<>(choices)),
                value -> require(choices.containsAll(toSet(value))
                        && (defaultValue.isEmpty() || !toSet(value).isEmpty())));
    }

    /** Patterns, each with the length of text that is kept. */
    static Option lengths(String name) {
        return new Option(
                name,
                "",
                "a list of names or regular expressions, each with a colon and a number of characters: shop.article.body:100; "
                        + COMMA,
                Option::toLengths);
    }

    /** A predicate in Camel's simple language. */
    static Option predicate(String name) {
        return new Option(
                name,
                "",
                "a predicate in Camel's simple language, such as ${body.value('status')} == 'paid'",
                value -> {
                    if (!value.isEmpty()) {
                        try (DefaultCamelContext camel = new DefaultCamelContext()) {
                            camel.resolveLanguage("simple").createPredicate(value);
                        } catch (IOException | RuntimeException e) {
                            throw new IllegalArgumentException(e);
                        }
                    }
                });
    }

    static Option patterns(String name) {
        return new Option(
                name, "", "a list of names or regular expressions, with commas between; " + COMMA, Patterns::split);
    }

    static Option template(String name, String defaultValue) {
        return new Option(
                name, defaultValue, "text, with " + PLACEHOLDERS + " in it, of at most 255 bytes", RoutingTemplate::of);
    }

    static Option exchange(String name, String defaultValue) {
        return new Option(
                name,
                defaultValue,
                "the name of an exchange other than default, with " + PLACEHOLDERS + " in it, of at most 255 bytes",
                value -> {
                    RoutingTemplate.of(value);
                    require(!value.isBlank()
                            && !value.equalsIgnoreCase("default")); // Camel takes it for the one without a name
                });
    }

    static Option exchangeType(String name, String defaultValue) {
        return new Option(
                name,
                defaultValue,
                "one of fanout, topic, direct, headers, or a type of a broker's plugin such as x-consistent-hash",
                value -> require(value.matches("fanout|topic|direct|headers|x-[a-z0-9-]+")));
    }

    static Option arguments(String name) {
        return new Option(
                name,
                "",
                "a list of name=value with commas between, without alternate-exchange, which has a property of its own",
                value -> require(!toArguments(value).containsKey("alternate-exchange")));
    }

    static Option keyColumns(String name) {
        Pattern pattern = Pattern.compile("(\\s*[^\\s:;]+:[^\\s:;,]+(,[^\\s:;,]+)*\\s*(;|$))*");
        return new Option(name, "", "tables with their key columns, such as shop.audit:id,seq;shop.log:id", value -> {
            require(pattern.matcher(value).matches());
            List.of(value.split("[;:,]")).forEach(Pattern::compile);
        });
    }

    static Option addresses(String name, String defaultValue) {
        Pattern pattern = Pattern.compile("[^\\s,:@/]+:\\d{1,5}"); // no URI, no user, no password
        return new Option(name, defaultValue, "host:port, or several with commas between", value -> {
            require(!toSet(value).isEmpty());
            for (String address : toSet(value)) {
                require(pattern.matcher(address).matches());
                require(Integer.parseInt(address.substring(address.indexOf(':') + 1)) <= MAX_PORT);
            }
        });
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new IllegalArgumentException();
        }
    }

    static Duration toDuration(String value) {
        require(value.matches("\\d{1,9}(ms|s|m|h)?")); // Camel's parser takes much more, and fails in many ways
        return Duration.ofMillis(TimeUtils.toMilliSeconds(value));
    }

    static long toBytes(String value) {
        var matcher = Pattern.compile("(\\d{1,12})\\s*(|K|KB|M|MB|G|GB|B)", Pattern.CASE_INSENSITIVE)
                .matcher(value);
        require(matcher.matches());
        int shift = "BKMG"
                .indexOf(
                        matcher.group(2).isEmpty()
                                ? 'B'
                                : Character.toUpperCase(matcher.group(2).charAt(0)));
        return Long.parseLong(matcher.group(1)) << (10 * shift);
    }

    /** Whole numbers and {@code true} and {@code false} are sent as such, all else as text. */
    static Map<String, Object> toArguments(String value) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        for (String argument : toSet(value)) {
            int equals = argument.indexOf('=');
            require(equals > 0);
            String text = argument.substring(equals + 1).strip();
            Object typed = text.matches("-?\\d{1,18}")
                    ? Long.valueOf(text)
                    : text.matches("true|false") ? Boolean.valueOf(text) : text;
            arguments.put(argument.substring(0, equals).strip(), typed);
        }
        return arguments;
    }

    static Map<String, Integer> toLengths(String value) {
        Map<String, Integer> lengths = new TreeMap<>();
        for (String part : Patterns.split(value)) {
            int colon = part.lastIndexOf(':');
            require(colon > 0 && part.substring(colon + 1).matches("\\d{1,9}"));
            String pattern = part.substring(0, colon);
            Pattern.compile(pattern);
            lengths.put(pattern, Integer.valueOf(part.substring(colon + 1)));
        }
        return lengths;
    }

    static Set<String> toSet(String value) {
        Set<String> set = new TreeSet<>();
        Arrays.stream(value.split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .forEach(set::add);
        return set;
    }
}

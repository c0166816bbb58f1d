package io.mysqlmonitor.config;

import io.mysqlmonitor.publish.RoutingTemplate;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.camel.impl.DefaultCamelContext;

/**
 * A kind of value.
 *
 * @param javaName the class that stands for it in an IDE
 * @param allowed what is allowed, for people
 * @param choices the values that are allowed; empty if they cannot be listed
 * @param check throws an {@link IllegalArgumentException} for a value that is not allowed
 */
record PropertyType(String javaName, String allowed, List<String> choices, Check check) {

    private static final int MAX_PORT = 65_535;
    private static final String GTIDS = "\\s*[0-9A-Fa-f-]{36}(:\\d+(-\\d+)?)+\\s*";
    private static final String COMMA =
            "within an expression a comma is written \\,, as in order_\\d{1\\,3} (in a properties file with two backslashes each)";
    private static final String PLACEHOLDERS = "{database}, {table}, {type}, {key}, {key.COLUMN} or {value.COLUMN}";

    @FunctionalInterface
    interface Check {
        void accept(String value);
    }

    private static PropertyType of(Class<?> type, String allowed, Check check) {
        return new PropertyType(type.getCanonicalName(), allowed, List.of(), check);
    }

    static PropertyType text() {
        return of(String.class, "text", value -> {});
    }

    static PropertyType visibleText() {
        return of(String.class, "text, not empty", value -> require(!value.isBlank()));
    }

    static PropertyType name() {
        return of(
                String.class, "letters, digits, '-', '_' and '.'", value -> require(value.matches("[A-Za-z0-9._-]+")));
    }

    static PropertyType choice(String... values) {
        return choice(String.class, values);
    }

    static PropertyType flag() {
        return choice(Boolean.class, "true", "false");
    }

    private static PropertyType choice(Class<?> type, String... values) {
        List<String> choices = List.of(values);
        return new PropertyType(
                type.getName(),
                "one of " + String.join(", ", choices),
                choices,
                value -> require(choices.contains(value)));
    }

    /** A level of a logger, in capitals or not. */
    static PropertyType level(String... values) {
        List<String> levels = List.of(values);
        return new PropertyType(
                String.class.getName(),
                "one of " + String.join(", ", levels),
                levels,
                value -> require(levels.contains(value.toLowerCase(Locale.ROOT))));
    }

    static PropertyType start() {
        return of(
                String.class,
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

    static PropertyType port() {
        return number(1, MAX_PORT);
    }

    static PropertyType number(long min, long max) {
        return of(
                max > Integer.MAX_VALUE ? Long.class : Integer.class,
                "a whole number from " + min + " to " + max,
                value -> {
                    long number = Long.parseLong(value);
                    require(number >= min && number <= max);
                });
    }

    static PropertyType duration(Duration min) {
        String allowed = "a duration such as 500ms, 2s or 1m"
                + (min.isZero() ? ", or 0" : ", at least " + min.toMillis() + "ms");
        return of(
                Duration.class,
                allowed,
                value -> require(PropertyValues.toDuration(value).compareTo(min) >= 0));
    }

    static PropertyType bytes() {
        return new PropertyType(
                "org.springframework.util.unit.DataSize",
                "a size such as 512KB or 64MB",
                List.of(),
                value -> require(PropertyValues.toBytes(value) > 0));
    }

    static PropertyType certificates() {
        return of(
                String.class,
                "a readable PEM file with one or more certificates",
                value -> require(Certificates.isReadable(Path.of(value))));
    }

    static PropertyType privateKey() {
        return of(
                String.class,
                "a readable PEM file with a private key (PKCS#8, not encrypted)",
                explained(ClientCertificate::checkKey));
    }

    static PropertyType rabbitmqUri() {
        return of(
                String.class,
                "amqp://user:password@host:port/vhost, or amqps:// for TLS",
                explained(RabbitmqUri::parse));
    }

    /** A value is not allowed for a reason that says more than what is allowed. */
    static final class ExplainedException extends IllegalArgumentException {

        private static final long serialVersionUID = 1L;

        private ExplainedException(IllegalArgumentException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** A check that says why a value is not allowed. */
    private static Check explained(Check check) {
        return value -> {
            try {
                check.accept(value);
            } catch (IllegalArgumentException e) {
                throw new ExplainedException(e);
            }
        };
    }

    /** Names out of a list. */
    static PropertyType list(Collection<String> choices) {
        return of(
                String[].class,
                "a comma-separated list of " + String.join(", ", choices),
                value -> require(choices.containsAll(PropertyValues.toSet(value))
                        && !PropertyValues.toSet(value).isEmpty()));
    }

    /** Patterns, each with the length of text that is kept. */
    static PropertyType lengths() {
        return of(
                String[].class,
                "a list of names or regular expressions, each with a colon and a number of characters: shop.article.body:100; "
                        + COMMA,
                PropertyValues::toLengths);
    }

    /** A predicate in Camel's simple language. */
    static PropertyType predicate() {
        return of(
                String.class,
                "a predicate in Camel's simple language, such as ${body.value('status')} == 'paid'",
                value -> {
                    try (DefaultCamelContext camel = new DefaultCamelContext()) {
                        camel.resolveLanguage("simple").createPredicate(value);
                    } catch (IOException | RuntimeException e) {
                        throw new IllegalArgumentException(e);
                    }
                });
    }

    static PropertyType patterns() {
        return of(String[].class, "a comma-separated list of names or regular expressions; " + COMMA, Patterns::split);
    }

    static PropertyType template() {
        return of(String.class, "text, with " + PLACEHOLDERS + " in it, of at most 255 bytes", RoutingTemplate::of);
    }

    static PropertyType exchange() {
        return of(
                String.class,
                "the name of an exchange other than default, with " + PLACEHOLDERS + " in it, of at most 255 bytes",
                value -> {
                    RoutingTemplate.of(value);
                    require(!value.isBlank()
                            && !value.equalsIgnoreCase("default")); // Camel takes it for the one without a name
                });
    }

    static PropertyType exchangeType() {
        return of(
                String.class,
                "one of fanout, topic, direct, headers, or a type of a broker's plugin such as x-consistent-hash",
                value -> require(value.matches("fanout|topic|direct|headers|x-[a-z0-9-]+")));
    }

    static PropertyType arguments() {
        return of(
                String[].class,
                "a comma-separated list of name=value, without alternate-exchange, which has a property of its own",
                value -> require(!PropertyValues.toArguments(value).containsKey("alternate-exchange")));
    }

    static PropertyType keyColumns() {
        Pattern pattern = Pattern.compile("(\\s*[^\\s:;]+:[^\\s:;,]+(,[^\\s:;,]+)*\\s*(;|$))*");
        return of(String.class, "tables with their key columns, such as shop.audit:id,seq;shop.log:id", value -> {
            require(pattern.matcher(value).matches());
            List.of(value.split("[;:,]")).forEach(Pattern::compile);
        });
    }

    static PropertyType addresses() {
        Pattern pattern = Pattern.compile("[^\\s,:@/]+:\\d{1,5}"); // no URI, no user, no password
        return of(String[].class, "host:port, or a comma-separated list of them", value -> {
            require(!PropertyValues.toSet(value).isEmpty());
            for (String address : PropertyValues.toSet(value)) {
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
}

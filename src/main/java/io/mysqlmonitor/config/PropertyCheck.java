package io.mysqlmonitor.config;

import io.debezium.text.ParsingException;
import io.mysqlmonitor.capture.ConnectorSettings;
import io.mysqlmonitor.publish.RoutingTemplate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.PatternSyntaxException;
import org.apache.camel.language.simple.types.SimpleParserException;
import org.springframework.core.NestedExceptionUtils;

/** Makes the values of all properties of those that are given, and collects what is wrong with them. */
final class PropertyCheck {

    private static final String NOT_SHOWN = "(not shown)";

    private final Map<String, String> values;
    private final PropertySource source;
    private final List<String> problems = new ArrayList<>();

    /** Secrets whose value could not be found out. */
    private final Set<String> unread = new HashSet<>();

    private PropertyCheck(Map<String, String> given, PropertySource source) {
        this.values = new TreeMap<>(given);
        this.source = source;
    }

    /**
     * The values of all properties, their defaults and the contents of files with secrets included, and of what else is given.
     *
     * @throws ConfigurationException if a property is unknown, missing or has a value that is not allowed, or if two contradict each
     *     other
     */
    static Map<String, String> check(Map<String, String> given, PropertySource source) {
        PropertyCheck check = new PropertyCheck(given, source);
        Set<String> names = Set.copyOf(given.keySet());
        check.readSecrets();
        check.checkValues();
        check.checkNames();
        if (check.problems.isEmpty()) {
            check.problems.addAll(RabbitmqUri.replaceIn(check.values, names));
            check.checkContradictions();
        }
        check.checkSalt();
        if (!check.problems.isEmpty()) {
            throw new ConfigurationException(check.problems);
        }
        return check.values;
    }

    private void readSecrets() {
        for (Property secret : MonitorProperties.ALL) {
            String fileProperty = secret.file().map(Property::name).orElse("");
            String file = values.getOrDefault(fileProperty, "");
            if (file.isEmpty()) {
                continue;
            }
            if (!values.getOrDefault(secret.name(), "").isEmpty()) {
                problems.add(secret.name() + " and " + fileProperty + " are both given; remove one of them");
                unread.add(secret.name());
                continue;
            }
            try {
                values.put(secret.name(), SecretFile.read(file));
            } catch (IllegalArgumentException e) {
                problems.add(fileProperty + "=" + (isPath(file) ? shown(fileProperty, file) : NOT_SHOWN) + " "
                        + e.getMessage() + "; name a file that holds the value of " + secret.name()
                        + " and nothing else");
                unread.add(secret.name());
            }
        }
    }

    /** Somebody may have put the secret itself there. */
    private static boolean isPath(String file) {
        return file.contains("/") || file.contains("\\");
    }

    private void checkValues() {
        List<Property> missing = new ArrayList<>();
        for (Property property : MonitorProperties.ALL) {
            String name = property.name();
            if (unread.contains(name)) {
                continue;
            }
            String value = values.getOrDefault(name, property.defaultValue());
            if (value == null) {
                missing.add(property);
                continue;
            }
            if (property.isRequired() && value.isEmpty()) {
                problems.add(name + " is empty; set it" + PropertySource.orFile(property));
                continue;
            }
            try {
                property.check(value);
            } catch (PropertyType.ExplainedException e) {
                problems.add(name + (property.secret() ? "" : '=' + (isKey(value) ? NOT_SHOWN : value))
                        + " is not valid: " + e.getMessage());
            } catch (IllegalArgumentException e) {
                problems.add(refused(name, value, property.type(), e));
            }
            values.put(name, value);
        }
        problems.addAll(0, source.missing(missing));
    }

    private static String refused(String name, String value, PropertyType type, IllegalArgumentException refusal) {
        return name + "=" + shown(name, value) + " is not valid"
                + (isShown(name, value) ? reason(refusal) : "")
                + "; expected: " + type.allowed()
                + NearestName.of(value, type.choices())
                        .map(choice -> "; did you mean " + choice + "?")
                        .orElse("");
    }

    /** What a parser says about the value, in short; empty if none says anything. */
    private static String reason(IllegalArgumentException refusal) {
        Throwable cause = NestedExceptionUtils.getMostSpecificCause(refusal);
        if (cause instanceof PatternSyntaxException e) {
            return " (" + e.getDescription() + " in " + e.getPattern() + ")";
        }
        if (cause instanceof SimpleParserException e) {
            String text = firstLine(e).replace("symbol functionEnd", "}").replace("eol", "the end");
            return " (" + (text.contains("at location") ? text : text + " at location " + e.getIndex()) + ")";
        }
        return cause instanceof ParsingException ? " (" + firstLine(cause) + ")" : "";
    }

    private static String firstLine(Throwable cause) {
        return cause.getMessage().lines().findFirst().orElse("");
    }

    private static String shown(String name, String value) {
        return isShown(name, value) ? "\"" + value + "\"" : NOT_SHOWN;
    }

    private static boolean isShown(String name, String value) {
        return !MonitorProperties.isSecret(name) && !mayHoldSecret(value);
    }

    /** Whether it is a key in place of the name of its file. */
    private static boolean isKey(String value) {
        return value.contains("-----BEGIN");
    }

    /** Whether it looks like a URI, or like a user with a password. */
    private static boolean mayHoldSecret(String value) {
        return value.contains("://") || isKey(value) || value.matches("(?s).*:.*@.*");
    }

    private void checkNames() {
        values.forEach((name, value) -> {
            Optional<String> refusal = name.startsWith(MonitorProperties.DEBEZIUM)
                    ? ConnectorSettings.refusal(name.substring(MonitorProperties.DEBEZIUM.length()))
                    : Optional.empty();
            if (refusal.isPresent()) {
                problems.add(name + " cannot be set: " + refusal.get());
            } else if (!isKnown(name)) {
                problems.add("unknown property " + name + " in " + source + "; " + NearestName.suggestion(name));
            } else if (name.startsWith(MonitorProperties.LOGGING_LEVEL)) {
                try {
                    MonitorProperties.LOGGER_LEVEL.check().accept(value);
                } catch (IllegalArgumentException e) {
                    problems.add(refused(name, value, MonitorProperties.LOGGER_LEVEL, e));
                }
            }
        });
    }

    private static boolean isKnown(String name) {
        return MonitorProperties.find(name).isPresent()
                || MonitorProperties.PREFIXES.keySet().stream().anyMatch(name::startsWith);
    }

    /** What each is allowed by itself, and not together. */
    private void checkContradictions() {
        problems.addAll(ClientCertificate.problems(values, "mysql", "mysql.ssl-mode", "disabled"));
        problems.addAll(ClientCertificate.problems(values, "rabbitmq", "rabbitmq.ssl", "false"));
        checkAuthorities();
        String unroutable = "rabbitmq.unroutable=" + values.get("rabbitmq.unroutable");
        boolean drops = unroutable.endsWith("=drop");
        String alternate = values.get("rabbitmq.alternate-exchange");
        String arguments = values.get("rabbitmq.exchange-arguments");
        if (!drops && !alternate.isEmpty()) {
            problems.add("rabbitmq.alternate-exchange=" + alternate + " cannot be combined with " + unroutable
                    + ", which gives the exchange an alternate of its own; remove one of them");
        }
        if (values.get("rabbitmq.declare").equals("false") && !(drops && alternate.isEmpty() && arguments.isEmpty())) {
            problems.add(
                    "rabbitmq.declare=false cannot be combined with rabbitmq.unroutable, rabbitmq.alternate-exchange or "
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
            String own = name.startsWith(MonitorProperties.DEBEZIUM)
                    ? ConnectorSettings.propertyFor(name.substring(MonitorProperties.DEBEZIUM.length()))
                            .orElse("")
                    : "";
            if (!values.getOrDefault(own, "").isEmpty()) {
                problems.add(name + " duplicates " + own + "; remove one of them");
            }
        }
    }

    /** To MySQL there is TLS that verifies nothing. */
    private void checkAuthorities() {
        String mode = values.get("mysql.ssl-mode");
        if (!values.get("mysql.ssl-ca").isEmpty() && !mode.startsWith("verify_")) {
            problems.add("mysql.ssl-ca has no effect with mysql.ssl-mode=" + mode
                    + "; set verify_ca or verify_identity, or remove mysql.ssl-ca");
        }
        if (!values.get("rabbitmq.ssl-ca").isEmpty()
                && values.get("rabbitmq.ssl").equals("false")) {
            problems.add("rabbitmq.ssl-ca has no effect without TLS; switch it on by rabbitmq.ssl or amqps:// in "
                    + RabbitmqUri.PROPERTY + ", or remove it");
        }
    }

    private void checkSalt() {
        if (!values.getOrDefault("mysql.columns.hash", "").isEmpty()
                && !unread.contains("mysql.columns.hash.salt")
                && values.getOrDefault("mysql.columns.hash.salt", "").isEmpty()) {
            problems.add("mysql.columns.hash.salt is missing in " + source
                    + ": a hash without it can be guessed; set it to a long random text that you keep secret");
        }
    }
}

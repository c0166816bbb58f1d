package io.mysqlmonitor.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The properties in the variables of the environment, which take precedence over those of the file.
 *
 * <p>Kubernetes (and Docker's links) add variables for each service beside a container. Those of a service {@code mysql} look like
 * properties of the monitor, {@code MYSQL_PORT=tcp://10.43.7.2:3306}, and are not used.
 */
final class Environment {

    private static final Pattern SERVICE_NAME = Pattern.compile(
            ".*_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");
    private static final Pattern SERVICE_VALUE = Pattern.compile("(tcp|udp|sctp)://\\S+:\\d+");

    /** Properties of these are made of variables by name alone, whether the file has them or not. */
    private static final Set<String> OPEN = Set.of(MonitorProperties.DEBEZIUM, MonitorProperties.LOGGING_LEVEL);

    private final Map<String, String> variables = new TreeMap<>();
    private final List<String> remarks = new ArrayList<>();

    Environment(Map<String, String> environment) {
        environment.forEach((name, value) -> {
            if (name.endsWith("_PORT") && SERVICE_VALUE.matcher(value).matches()) {
                MonitorProperties.ofVariable(name)
                        .ifPresent(property -> remarks.add(name + "=" + value
                                + " in the environment describes a service of Kubernetes and is not used for "
                                + property.name()
                                + "; set that in the file, or enableServiceLinks: false for the pod"));
            } else if (!SERVICE_NAME.matcher(name).matches()) {
                variables.put(name, value);
            }
        });
    }

    /** What an operator should know of variables that are not used, one line each. */
    List<String> remarks() {
        return List.copyOf(remarks);
    }

    /** The properties of the file, with those of the environment in their place. */
    Map<String, String> over(Map<String, String> properties) {
        Map<String, String> given = new TreeMap<>(properties);
        given.replaceAll((name, value) -> name.startsWith(MonitorProperties.ROUTES)
                ? variables.getOrDefault(Property.variable(name), value)
                : value);
        for (String prefix : OPEN) {
            String variable = Property.variable(prefix);
            variables.forEach((name, value) -> {
                if (name.startsWith(variable)) {
                    given.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
                }
            });
        }
        for (Property property : MonitorProperties.ALL) {
            String value = variables.get(property.variable());
            if (value != null) {
                given.put(property.name(), value);
            }
        }
        return given;
    }
}

package io.mysqlmonitor.capture;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parameters of the {@code debezium-mysql} endpoint in the capture route that count: those that nothing else decides.
 *
 * @param byName each with its name and its value, as it stands in the route file
 */
record RouteParameters(Map<String, String> byName) {

    private static final Logger LOG = LoggerFactory.getLogger(RouteParameters.class);

    private static final Pattern PARAMETERS = Pattern.compile("(?<!\\{)\\?(.*)");
    /** A parameter that is a property of the monitor, as in the route files of its first versions. */
    private static final Pattern OWN_PROPERTY =
            Pattern.compile("[^=]*=\\{\\{\\??(mysql-monitor:\\??)?(mysql|rabbitmq|monitor)\\..*");

    /** Warns of those that a user may believe in and that do not count. */
    static RouteParameters of(String uri, ConnectorSettings settings) {
        Map<String, String> kept = new LinkedHashMap<>();
        Matcher all = PARAMETERS.matcher(uri);
        for (String parameter : all.find() ? all.group(1).split("&") : new String[0]) {
            String name = parameter.replaceFirst("=.*", "");
            String value = parameter.substring(Math.min(parameter.length(), name.length() + 1));
            if (settings.fixed(name).filter(fixed -> !fixed.equals(value)).isPresent()) {
                LOG.warn(
                        "The parameter {} of the capture route is not used: the monitor's guarantees rest on {}; remove it",
                        name,
                        settings.fixed(name).get());
            }
            if (settings.reserves(name)) {
                LOG.warn(
                        "The parameter {} of the capture route is not used: the monitor sets it itself; remove it",
                        name);
            } else if (!name.equals("exceptionHandler")
                    && !settings.decides(name)
                    && !OWN_PROPERTY.matcher(parameter).matches()) {
                kept.put(name, parameter);
            }
        }
        return new RouteParameters(kept);
    }

    Set<String> names() {
        return byName.keySet();
    }

    /** The endpoint's URI with these parameters alone. */
    String uri(String endpoint) {
        return byName.isEmpty() ? endpoint : endpoint + '?' + String.join("&", byName.values());
    }
}

package io.mysqlmonitor;

import io.mysqlmonitor.config.MonitorProperties;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.spi.PropertiesFunction;

/**
 * The properties of the monitor in its route files: <code>{{mysql-monitor:rabbitmq.exchange}}</code>, with a question mark before the name for
 * one that may be without a value.
 *
 * <p>Camel looks for other placeholders in the environment and the system properties first, so that {@code RABBITMQ_EXCHANGE} in a container's
 * environment would redirect messages; and what the monitor added to the application's properties, the application's own routes
 * would see.
 */
final class MonitorPlaceholders implements PropertiesFunction {

    private static final String NAME = "mysql-monitor";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\??)([a-z][\\w.-]*)(:[^{}]*)?}}");

    private volatile Map<String, String> values = Map.of();

    void set(Map<String, String> all) {
        values = Map.copyOf(all);
    }

    /** The text of a route file in which placeholders of the monitor's properties are those of this function. */
    String qualified(String text) {
        Set<String> names = values.keySet();
        return PLACEHOLDER.matcher(text).replaceAll(found -> {
            String name = found.group(2);
            boolean own = names.contains(name) || MonitorProperties.isPublic(name);
            String defaultValue = found.group(3) == null ? "" : found.group(3);
            return Matcher.quoteReplacement(
                    own ? "{{" + NAME + ":" + found.group(1) + name + defaultValue + "}}" : found.group());
        });
    }

    @Override
    public String getName() {
        return NAME;
    }

    @Override
    public String apply(String remainder) {
        String name = remainder.replaceFirst("^\\?", "");
        int colon = name.indexOf(':');
        return colon < 0 ? values.get(name) : values.getOrDefault(name.substring(0, colon), name.substring(colon + 1));
    }

    @Override
    public boolean optional(String remainder) {
        return remainder.startsWith("?");
    }
}

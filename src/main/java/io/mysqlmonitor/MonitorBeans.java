package io.mysqlmonitor;

import io.mysqlmonitor.config.ConfigurationException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.camel.spi.Registry;

/**
 * The beans that the monitor's routes name, in the registry of a context. They are found by their name and not by their type: components and
 * applications that look for the only bean of a type must not find the monitor's.
 *
 * <p>For one thread at a time.
 */
final class MonitorBeans {

    /** Beans that an application cannot put its own in place of: the order and the confirms of messages rest on them. */
    private static final Set<String> IRREPLACEABLE = Set.of(
            MonitorRoutes.CHECKPOINT,
            MonitorRoutes.WINDOW,
            MonitorRoutes.CONTROLLER,
            MonitorRoutes.PUBLISHER,
            "monitorRabbitmq");

    private final Registry registry;
    private final Map<String, Object> beans = new LinkedHashMap<>();

    MonitorBeans(Registry registry) {
        this.registry = registry;
    }

    /**
     * Binds a bean unless the context has one of that name, so that an application can put its own in place of a step.
     *
     * @throws ConfigurationException if it has, and the guarantee rests on the monitor's
     */
    void bind(String name, Object bean) {
        if (registry.lookupByName(name) == null) {
            beans.put(name, bean);
            register(name, bean);
        } else if (IRREPLACEABLE.contains(name)) {
            throw new ConfigurationException(
                    "the Camel context has a bean " + name
                            + " already, and the order and the confirms of messages rest on the monitor's own; give yours another name");
        }
    }

    /** Puts a bean in the place of an earlier one of the monitor. */
    void replace(String name, Object bean) {
        beans.put(name, bean);
    }

    /** Binds again what a context that was stopped has lost. */
    void bindAgain() {
        beans.forEach((name, bean) -> {
            if (registry.lookupByName(name) == null) {
                register(name, bean);
            }
        });
    }

    private void register(String name, Object bean) {
        try {
            registry.bind(name, Object.class, () -> bean);
        } catch (UnsupportedOperationException e) {
            registry.bind(name, bean); // Camel's SimpleRegistry binds no suppliers
        }
    }

    /** Takes the monitor's beans out, and no others. */
    void unbind() {
        beans.keySet().forEach(registry::unbind);
        beans.clear();
    }
}

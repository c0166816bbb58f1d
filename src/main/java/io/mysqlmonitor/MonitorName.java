package io.mysqlmonitor;

import io.mysqlmonitor.config.ConfigurationException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The name of a monitor, which one monitor of a process can have at a time: Debezium registers its figures (JMX) under it, and the
 * engine of a second monitor would try for a minute and a half to register its own, and then do without.
 *
 * <p>Thread-safe.
 */
final class MonitorName {

    private static final Set<String> TAKEN = ConcurrentHashMap.newKeySet();

    private final String name;
    private boolean mine; // guarded by this

    MonitorName(String name) {
        this.name = name;
    }

    /**
     * Takes the name until {@link #release}; does nothing if it is taken by this one.
     *
     * @throws ConfigurationException if another monitor of this process has it
     */
    synchronized void take() {
        if (!mine && !TAKEN.add(name)) {
            throw new ConfigurationException("monitor.name: another monitor of this process has the name " + name
                    + "; give each monitor its own monitor.name, monitor.data and mysql.server-id");
        }
        mine = true;
    }

    /** Gives the name back, if it was taken. */
    synchronized void release() {
        if (mine) {
            TAKEN.remove(name);
        }
        mine = false;
    }
}

package io.mysqlmonitor;

import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.DataFolderInUseException;
import io.mysqlmonitor.config.ConfigurationException;

/** The data folder and the name of a monitor, which no other monitor may have at the same time. */
final class Reservation {

    private final CheckpointKeeper keeper;
    private final MonitorName name;

    Reservation(CheckpointKeeper keeper, MonitorName name) {
        this.keeper = keeper;
        this.name = name;
    }

    /**
     * Takes both, or none; does nothing if it has them.
     *
     * @throws ConfigurationException if another monitor has one of them
     */
    void take() {
        try {
            keeper.acquire();
        } catch (DataFolderInUseException e) {
            throw new ConfigurationException("monitor.data: " + e.getMessage());
        }
        try {
            name.take();
        } catch (ConfigurationException e) {
            keeper.release();
            throw e;
        }
    }

    void release() {
        keeper.release();
        name.release();
    }
}

package io.mysqlmonitor.capture;

import io.debezium.spi.snapshot.Snapshotter;
import java.util.Map;

/**
 * Has Debezium read the rows of the tables, and then the binary log from the offset that the monitor stored before that.
 *
 * <p>Debezium's own modes go on from the place at which the snapshot was started, and have to lock the tables to know it.
 */
public final class TableSnapshotter implements Snapshotter {

    static final String NAME = "mysql-monitor";

    /** Called by Debezium. */
    public TableSnapshotter() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void configure(Map<String, ?> properties) {}

    @Override
    public boolean shouldSnapshotData(boolean offsetExists, boolean snapshotInProgress) {
        return true;
    }

    @Override
    public boolean shouldSnapshotSchema(boolean offsetExists, boolean snapshotInProgress) {
        return true;
    }

    @Override
    public boolean shouldStream() {
        return true;
    }

    @Override
    public boolean shouldSnapshotOnSchemaError() {
        return true;
    }

    @Override
    public boolean shouldSnapshotOnDataError() {
        return false;
    }

    @Override
    public boolean shouldStreamEventsStartingFromSnapshot() {
        return false;
    }
}

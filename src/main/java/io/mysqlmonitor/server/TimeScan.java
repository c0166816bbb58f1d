package io.mysqlmonitor.server;

import io.mysqlmonitor.change.BinlogPosition;
import java.time.Instant;

/** The first transaction with an event at a time or later. */
final class TimeScan extends BinlogScan {

    private final Instant wanted;
    private BinlogPosition found;

    TimeScan(String file, Instant wanted) {
        super(file);
        this.wanted = wanted;
    }

    @Override
    boolean look(long position, Instant time, boolean control) {
        if (control || time.isBefore(wanted)) {
            return false;
        }
        found = at(transaction() < 0 ? position : transaction());
        return true;
    }

    /** Null if there is none. */
    BinlogPosition found() {
        return found;
    }
}

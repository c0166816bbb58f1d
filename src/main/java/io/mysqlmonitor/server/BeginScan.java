package io.mysqlmonitor.server;

import java.time.Instant;

/** When a file begins. */
final class BeginScan extends BinlogScan {

    private Instant begin;

    BeginScan(String file) {
        super(file);
    }

    @Override
    boolean look(long position, Instant time, boolean control) {
        begin = time;
        return true;
    }

    /** Null if the file has no event. */
    Instant begin() {
        return begin;
    }
}

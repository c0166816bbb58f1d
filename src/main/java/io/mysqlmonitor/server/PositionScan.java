package io.mysqlmonitor.server;

import io.mysqlmonitor.change.BinlogPosition;
import java.time.Instant;

/** The place at a position, or the last one before it. */
final class PositionScan extends BinlogScan {

    private final String wantedFile;
    private final long wanted;
    private Instant last = Instant.EPOCH;
    private long boundary;
    private BinlogPosition found;

    PositionScan(String file, long wanted) {
        super(file);
        this.wantedFile = file;
        this.wanted = wanted;
    }

    @Override
    boolean look(long position, Instant time, boolean control) {
        if (!file().equals(wantedFile)) {
            found = end() == wanted ? at(position) : null;
            return true;
        }
        last = time;
        if (transaction() < 0 && position <= wanted) {
            boundary = position;
        }
        if (position < wanted) {
            return false;
        }
        found = position == wanted && transaction() < 0 ? at(position) : null;
        return true;
    }

    BinlogSearch.Found found() throws StartRefusedException {
        if (found == null && end() == wanted && transaction() < 0) {
            found = at(wanted); // the end of the log
        }
        if (found == null) {
            long begin = transaction() < 0 ? boundary : transaction();
            throw new StartRefusedException("it is not between two transactions; begin at " + wantedFile + ':' + begin);
        }
        return new BinlogSearch.Found(found, last);
    }
}

package io.mysqlmonitor.server;

import io.mysqlmonitor.change.BinlogPosition;
import java.time.Instant;

/** The place between two transactions that is nearest to a position between two events, and leaves no later row out. */
final class EventScan extends BinlogScan {

    private final String wantedFile;
    private final long wanted;
    private BinlogPosition begin; // of the transaction in which the position stands, once it is reached
    private BinlogPosition found;

    EventScan(String file, long wanted) {
        super(file);
        this.wantedFile = file;
        this.wanted = wanted;
    }

    @Override
    boolean look(long position, Instant time, boolean control) {
        boolean nextFile = !file().equals(wantedFile);
        if (begin != null || nextFile && end() == wanted) {
            found = transaction() < 0 ? at(position) : begin;
            return true;
        }
        if (nextFile || position > wanted) {
            return true; // there is no event that begins there
        }
        if (position == wanted && transaction() < 0) {
            found = at(position);
            return true;
        }
        if (position == wanted) {
            begin = at(transaction());
        }
        return false;
    }

    BinlogPosition found() throws StartRefusedException {
        if (found == null && transaction() < 0 && (begin != null || end() == wanted)) {
            found = at(end()); // the end of the log
        }
        if (found == null) {
            throw new StartRefusedException("no event of the file begins or ends there; is it of another server?");
        }
        return found;
    }
}

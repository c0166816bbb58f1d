package io.mysqlmonitor.checkpoint;

import io.mysqlmonitor.change.EventPosition;

/**
 * The stretch of the binary log whose changes may have been published before, or may be in rows that were read from the tables. Its
 * end is a position of the server's, asked for when that can be known.
 *
 * <p>For several threads, of which one at a time reads changes.
 */
final class Replay {

    private enum State {
        OVER,
        /** Rows of the tables are being read. */
        SNAPSHOT,
        /** They are read; up to where the binary log is in them is not known yet. */
        UNTIL_TOLD,
        UP_TO_END
    }

    private volatile State state = State.OVER;
    private volatile EventPosition end;

    void clear() {
        state = State.OVER;
    }

    void beginsWithSnapshot() {
        state = State.SNAPSHOT;
    }

    /** The engine reads no more rows of the tables, if it did. */
    void snapshotRead() {
        if (state == State.SNAPSHOT) {
            state = State.UNTIL_TOLD;
        }
    }

    /** Whether {@link #endsAt} has to be told. */
    boolean awaitsEnd() {
        return state == State.UNTIL_TOLD;
    }

    void endsAt(EventPosition position) {
        end = position;
        state = State.UP_TO_END;
    }

    /** Whether a change stands in it; it is over with the first that does not. */
    boolean covers(EventPosition position) {
        if (state == State.UP_TO_END && !position.isBefore(end)) {
            state = State.OVER;
        }
        return state != State.OVER;
    }

    /** Whether changes after a position may stand in it. */
    boolean goesBeyond(EventPosition position) {
        return state == State.UP_TO_END ? position.isBefore(end) : state != State.OVER;
    }
}

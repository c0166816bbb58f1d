package io.mysqlmonitor.binlog;

import java.io.EOFException;

/**
 * The engine reads by GTID and met the first GTID with a tag: it has to start again, by file and position.
 *
 * <p>It is an end of the stream to the binlog client, which would report any other exception and hand on the next event.
 */
final class TaggedGtidException extends EOFException {

    private static final long serialVersionUID = 1L;

    TaggedGtidException() {
        super("the first tagged GTID was read; continuing by file and position");
    }
}

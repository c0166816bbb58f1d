package io.mysqlmonitor.capture;

import io.mysqlmonitor.server.MysqlServer;
import java.time.Duration;

/**
 * What differs from one start of the engine to the next.
 *
 * @param reads what it reads before the binary log
 * @param delay how long it waits before that
 * @param mariadb whether it runs the connector for MariaDB: that for MySQL does not know MariaDB's transactions, and could begin nowhere within one
 * @param encrypted whether the server encrypts connections
 * @param gtids whether it asks the server for transactions by their GTIDs, of which none may have a tag then
 * @param taggedGtids whether the server has GTIDs with tags
 * @param tableSnapshot whether a table is to be read while the binary log is
 */
record EngineStart(
        Reads reads,
        Duration delay,
        boolean mariadb,
        boolean encrypted,
        boolean gtids,
        boolean taggedGtids,
        boolean tableSnapshot) {

    /** Goes on from the stored offset, on a server of which nothing is known. */
    static final EngineStart DEFAULT = new EngineStart(Reads.NOTHING, Duration.ZERO, false, false, false, false, false);

    /** What an engine reads before it goes on from the stored offset. */
    enum Reads {
        NOTHING("no_data"),
        /** The definitions of the tables. */
        SCHEMA("recovery"),
        /** The definitions of the tables and their rows; by a {@link TableSnapshotter}. */
        TABLES("custom");

        private final String mode;

        Reads(String mode) {
            this.mode = mode;
        }

        /** The connector's word for it. */
        String mode() {
            return mode;
        }
    }

    EngineStart on(MysqlServer.Status server, boolean withTableSnapshot) {
        return new EngineStart(
                reads,
                delay,
                server.mariadb(),
                server.encrypted(),
                server.gtids(),
                server.taggedGtids(),
                withTableSnapshot && server.gtids());
    }

    EngineStart reading(Reads what, Duration after) {
        return new EngineStart(what, after, mariadb, encrypted, gtids, taggedGtids, tableSnapshot);
    }
}

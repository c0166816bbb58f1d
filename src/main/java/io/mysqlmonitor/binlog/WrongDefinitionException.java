package io.mysqlmonitor.binlog;

import io.debezium.relational.TableId;

/** The connector's definition of a table is not that by which the binary log has its rows. */
public final class WrongDefinitionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    WrongDefinitionException(TableId table, String problem) {
        super("the definition of the table " + table + " is not that of its rows: " + problem);
    }
}

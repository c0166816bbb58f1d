package io.mysqlmonitor.checkpoint;

import io.mysqlmonitor.statement.TableStatement;

/** A statement changes the definition of a watched table in a way that the connector's parser does not know. */
public final class UnreadableStatementException extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int SHOWN = 200;

    UnreadableStatementException(TableStatement.Name table, String position, String sql) {
        super("the statement before " + position + " defines the watched table " + table
                + " with syntax that the connector's parser does not know: "
                + (sql.length() > SHOWN ? sql.substring(0, SHOWN) + "..." : sql));
    }
}

package io.mysqlmonitor.change;

import java.util.List;

/**
 * The identity of a row: its table and the values of its key. Two changes with equal keys change the same row.
 *
 * @param database name of the database
 * @param table name of the table
 * @param values values of the key columns, in the key's order
 */
public record RowKey(String database, String table, List<Object> values) {}

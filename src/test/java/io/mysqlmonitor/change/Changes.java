package io.mysqlmonitor.change;

import io.mysqlmonitor.statement.TableStatement;
import java.util.Arrays;
import java.util.List;

/** Row changes for tests, of a table {@code hr.employee} with the columns {@code fname}, {@code lname} and the key {@code id}. */
public final class Changes {

    public static final Table EMPLOYEE = new Table("hr", "employee", List.of("fname", "lname", "id"), List.of(2));
    public static final Table WITHOUT_KEY = new Table("hr", "log", List.of("line"), List.of());

    private static final long COMMITTED_AT = 1_539_710_709L;

    private Changes() {}

    public static List<Object> row(Object... values) {
        return Arrays.asList(values);
    }

    public static RowChange insert(Table table, int position, List<Object> after) {
        return change(ChangeType.INSERT, table, position, List.of(), after);
    }

    public static RowChange update(Table table, int position, List<Object> before, List<Object> after) {
        return change(ChangeType.UPDATE, table, position, before, after);
    }

    public static RowChange delete(Table table, int position, List<Object> before) {
        return change(ChangeType.DELETE, table, position, before, List.of());
    }

    public static RowChange snapshot(Table table, int number, List<Object> row) {
        return new RowChange(ChangeType.SNAPSHOT, table, List.of(), row, position(4711, number), COMMITTED_AT, null, 1);
    }

    public static TableTruncate truncate(Table table, int position) {
        return new TableTruncate(table.database(), table.name(), position(position, 0), COMMITTED_AT);
    }

    /** Of {@code employee}, which has the columns {@code id} and {@code fname} after it. */
    public static SchemaChange schemaChange(SchemaChange.Kind kind, String ddl, int position) {
        return new SchemaChange(
                kind,
                "hr",
                "employee",
                kind == SchemaChange.Kind.RENAME ? new TableStatement.Name("hr", "person") : null,
                ddl,
                List.of(
                        new SchemaChange.Column("id", "INT UNSIGNED", false),
                        new SchemaChange.Column("fname", "VARCHAR(50)", true)),
                List.of("id"),
                position(position, 0),
                COMMITTED_AT);
    }

    private static EventPosition position(int position, int row) {
        return new EventPosition("binlog.000007", position, row, "g:1");
    }

    private static RowChange change(
            ChangeType type, Table table, int position, List<Object> before, List<Object> after) {
        return new RowChange(type, table, before, after, position(position, 3), COMMITTED_AT, null, 1);
    }
}

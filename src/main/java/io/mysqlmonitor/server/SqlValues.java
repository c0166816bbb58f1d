package io.mysqlmonitor.server;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The values of one column of a query's result, as text. */
final class SqlValues {

    private SqlValues() {}

    static String value(Statement server, String query) throws SQLException {
        return value(server, query, 1);
    }

    static String value(Statement server, String query, int column) throws SQLException {
        return all(server, query, column).get(0);
    }

    static List<String> all(Statement server, String query) throws SQLException {
        return all(server, query, 1);
    }

    static List<String> all(Statement server, String query, int column) throws SQLException {
        List<String> values = new ArrayList<>();
        try (ResultSet rows = server.executeQuery(query)) {
            while (rows.next()) {
                values.add(rows.getString(column));
            }
        }
        return values;
    }
}

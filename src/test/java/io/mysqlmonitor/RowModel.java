package io.mysqlmonitor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tables as a consumer knows them that applies every message in the order of its queue: table, then keys, then the row.
 *
 * <p>Messages that come twice are applied twice. Columns are integers or text.
 */
final class RowModel {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Map<JsonNode, ObjectNode>> tables = new TreeMap<>();

    /**
     * Applies a message about a table with a key; another changes nothing.
     *
     * @return the message
     */
    synchronized JsonNode apply(String message) throws java.io.IOException {
        JsonNode body = JSON.readTree(message);
        JsonNode keys = body.path("keys");
        if (keys.isEmpty()) {
            return body;
        }
        Map<JsonNode, ObjectNode> rows = rows(body.get("table_name").asText());
        switch (body.get("type").asText()) {
            case "row_insert" -> rows.put(keys, (ObjectNode) body.get("values"));
            case "row_update" -> rows.computeIfAbsent(keys, absent -> JSON.createObjectNode())
                    .setAll((ObjectNode) body.get("after_values"));
            case "row_delete" -> rows.remove(keys);
            default -> throw new AssertionError("unexpected " + message);
        }
        return body;
    }

    private Map<JsonNode, ObjectNode> rows(String table) {
        return tables.computeIfAbsent(
                table, name -> new TreeMap<>((one, other) -> one.toString().compareTo(other.toString())));
    }

    /** Whether a row with this value of its one key column is there. */
    synchronized boolean has(String table, String keyColumn, JsonNode value) {
        return rows(table).containsKey(JSON.createObjectNode().set(keyColumn, value));
    }

    /** Whether a row has this value in a column. */
    synchronized boolean refers(String table, String column, JsonNode value) {
        return rows(table).values().stream().anyMatch(row -> value.equals(row.get(column)));
    }

    /** The rows of a table, one line each, sorted. */
    synchronized String describe(String table) {
        StringBuilder lines = new StringBuilder();
        rows(table).values().stream().map(RowModel::line).sorted().forEach(lines::append);
        return lines.toString();
    }

    /** The same as {@link #describe} out of the database. */
    static String describe(Connection database, String table) throws SQLException {
        StringBuilder lines = new StringBuilder();
        try (Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM " + table)) {
            ResultSetMetaData columns = rows.getMetaData();
            TreeMap<String, Integer> sorted = new TreeMap<>();
            while (rows.next()) {
                ObjectNode row = JSON.createObjectNode();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    row.putPOJO(columns.getColumnName(i), rows.getObject(i));
                }
                sorted.merge(line(row), 1, Integer::sum);
            }
            sorted.forEach((line, count) -> lines.append(line.repeat(count)));
        }
        return lines.toString();
    }

    private static String line(ObjectNode row) {
        TreeMap<String, String> columns = new TreeMap<>();
        row.properties()
                .forEach(column -> columns.put(
                        column.getKey(),
                        column.getValue().isNull() ? "NULL" : column.getValue().asText()));
        return columns + "\n";
    }
}

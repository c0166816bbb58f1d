package io.mysqlmonitor.fidelity;

import com.fasterxml.jackson.databind.JsonNode;
import io.mysqlmonitor.testing.SelectedTables;
import io.mysqlmonitor.testing.SelectedTables.Column;
import io.mysqlmonitor.testing.SelectedTables.Content;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * What a consumer knows that applies the messages in their order, those about tables too: the rows of each table by key. Of a table
 * without a key it knows the number of rows alone, since no message tells which of them it is about.
 */
final class TableModel {

    private final Map<String, Map<String, Map<String, JsonNode>>> tables = new HashMap<>();
    private long nameless;

    /** Puts the rows of a SELECT in place of what is known of the table. */
    void load(String table, Content content) {
        if (content == null) {
            tables.remove(table);
            return;
        }
        Map<String, Map<String, JsonNode>> rows = new LinkedHashMap<>();
        content.rows().forEach((key, row) -> rows.put(key, new LinkedHashMap<>(row)));
        tables.put(table, rows);
    }

    void clear(String table) {
        rows(table).clear();
    }

    void drop(String table) {
        tables.remove(table);
    }

    void rename(String former, String table) {
        Map<String, Map<String, JsonNode>> rows = tables.remove(former);
        if (rows != null) {
            tables.put(table, rows);
        }
    }

    /**
     * Applies a message about a row.
     *
     * @return why the message does not fit the rows; null if it does
     */
    String apply(JsonNode message) {
        Map<String, Map<String, JsonNode>> rows = rows(message.get("table_name").asText());
        String key = SelectedTables.key(message.get("keys"));
        boolean keyless = message.get("keys").isEmpty();
        switch (message.get("type").asText()) {
            case "row_insert" -> {
                boolean there = rows.containsKey(key);
                rows.put(keyless ? "#" + "new" + nameless++ : key, columns(message.get("values")));
                return there ? "the row is there already" : null;
            }
            case "row_update" -> {
                if (keyless) {
                    return rows.isEmpty() ? "the table is empty" : null;
                }
                Map<String, JsonNode> row = rows.get(key);
                if (row == null) {
                    return "the row is not there";
                }
                row.putAll(columns(message.get("after_values")));
                return null;
            }
            case "row_delete" -> {
                String gone = keyless ? rows.keySet().stream().findFirst().orElse(key) : key;
                return rows.remove(gone) == null ? "the row is not there" : null;
            }
            default -> throw new IllegalArgumentException(message.toString());
        }
    }

    private Map<String, Map<String, JsonNode>> rows(String table) {
        return tables.computeIfAbsent(table, name -> new LinkedHashMap<>());
    }

    private static Map<String, JsonNode> columns(JsonNode values) {
        Map<String, JsonNode> columns = new LinkedHashMap<>();
        values.properties().forEach(field -> columns.put(field.getKey(), field.getValue()));
        return columns;
    }

    /**
     * Compares what is known of a table with what a SELECT gives.
     *
     * @param content null if the table is not there
     * @return the first difference; null if there is none
     */
    String difference(String table, Content content) {
        Map<String, Map<String, JsonNode>> known = rows(table);
        if (content == null) {
            return known.isEmpty() ? null : "the table is gone, and the messages leave " + known.keySet();
        }
        Map<String, Map<String, JsonNode>> selected = content.rows();
        if (content.table().key().isEmpty()) {
            return known.size() == selected.size()
                    ? null
                    : "the messages leave " + known.size() + " rows, SELECT gives " + selected.size();
        }
        if (!known.keySet().equals(selected.keySet())) {
            return "the messages leave the rows " + new TreeSet<>(known.keySet()) + ", SELECT gives "
                    + new TreeSet<>(selected.keySet());
        }
        for (String key : selected.keySet()) {
            for (Column column : content.table().columns()) {
                JsonNode told = known.get(key).get(column.name());
                JsonNode value = selected.get(key).get(column.name());
                if (told == null || !column.comparable(told).equals(column.comparable(value))) {
                    return "row " + key + ", column " + column.name() + " " + column.type() + ": the messages leave "
                            + told + ", SELECT gives " + value;
                }
            }
            if (known.get(key).size() != content.table().columns().size()) {
                return "row " + key + ": the messages leave the columns "
                        + List.copyOf(known.get(key).keySet()) + ", SELECT gives "
                        + content.table().columns().stream().map(Column::name).toList();
            }
        }
        return null;
    }
}

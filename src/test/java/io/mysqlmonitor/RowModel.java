package io.mysqlmonitor;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a consumer knows of the database that applies the messages in their order: for each table its rows by key.
 *
 * <p>Messages may come again, beginning with any earlier one and going on in order from there, so each is applied whatever the
 * model holds: an insert, and a row of a snapshot, puts the row in place of one that is there, an update of a row that is not there makes one of the
 * changed columns, and the messages that follow set it right. What did not fit is told.
 */
final class RowModel {

    private static final String PARENT = "parent";
    private static final String CHILD = "child";
    private static final String FOREIGN_KEY = "parent_id";

    private final boolean movesChildren;
    private final Map<String, Map<Map<String, String>, Map<String, String>>> tables = new HashMap<>();

    /**
     * @param movesChildren whether a child that comes to another parent must find it there; one that was deleted and inserted
     *     again within a de-dupe window need not
     */
    RowModel(boolean movesChildren) {
        this.movesChildren = movesChildren;
    }

    /**
     * Applies the message.
     *
     * @return what a consumer that knows each row, and keeps the foreign key, would have to refuse; empty if nothing
     */
    List<String> apply(JsonNode message) {
        List<String> misfits = new ArrayList<>();
        String table = message.get("table_name").asText();
        Map<String, String> key = key(message);
        Map<Map<String, String>, Map<String, String>> rows = rows(table);
        Map<String, String> row = rows.get(key);
        switch (message.get("type").asText()) {
            case "row_insert" -> {
                if (row != null) {
                    misfits.add("the row is there already: " + row);
                }
                rows.put(key, columns(message.get("values")));
            }
            case "row_snapshot" -> rows.put(key, columns(message.get("values")));
            case "row_update" -> {
                Map<String, String> before = columns(message.get("before_values"));
                if (row == null || !row.entrySet().containsAll(before.entrySet())) {
                    misfits.add("the row is not as it was before: " + row);
                }
                Map<String, String> updated = new TreeMap<>(row == null ? key : row);
                updated.putAll(columns(message.get("after_values")));
                rows.put(key, updated);
            }
            case "row_delete" -> {
                if (rows.remove(key) == null) {
                    misfits.add("the row is not there");
                }
            }
            default -> throw new IllegalArgumentException(message.toString());
        }
        if (movesChildren || !message.get("type").asText().equals("row_update")) {
            checkForeignKey(table, key, misfits);
        }
        return misfits;
    }

    private void checkForeignKey(String table, Map<String, String> key, List<String> misfits) {
        if (table.equals(CHILD) && rows(CHILD).containsKey(key)) {
            String parent = rows(CHILD).get(key).get(FOREIGN_KEY);
            if (parent != null && !rows(PARENT).containsKey(Map.of("id", parent))) {
                misfits.add("its parent is not there");
            }
        }
        if (table.equals(PARENT)
                && !rows(PARENT).containsKey(key)
                && rows(CHILD).values().stream().anyMatch(child -> key.get("id").equals(child.get(FOREIGN_KEY)))) {
            misfits.add("its children are still there");
        }
    }

    /** The rows of a table, each under its key; values as text. */
    Map<Map<String, String>, Map<String, String>> rows(String table) {
        return tables.computeIfAbsent(table, name -> new HashMap<>());
    }

    /** The key of the row that the message is about. */
    static Map<String, String> key(JsonNode message) {
        return columns(message.get("keys"));
    }

    private static Map<String, String> columns(JsonNode values) {
        Map<String, String> columns = new TreeMap<>();
        values.properties()
                .forEach(field -> columns.put(
                        field.getKey(),
                        field.getValue().isNull() ? null : field.getValue().asText()));
        return columns;
    }
}

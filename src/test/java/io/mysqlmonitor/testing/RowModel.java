package io.mysqlmonitor.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.mysqlmonitor.testing.SelectedTables.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a consumer knows of the database that applies the messages in their order, those about tables too: for each table its rows by key.
 *
 * <p>Messages may come again, beginning with any earlier one and going on in order from there, so each is applied whatever the
 * model holds: an insert, and a row of a snapshot, puts the row in place of one that is there, an update of a row that is not there makes one of the
 * changed columns, and the messages that follow set it right. What did not fit is told.
 *
 * <p>A renaming must not be done twice, nor what came before it be done to the table that has the name now. So of messages about
 * a table only those count whose place in the binary log is behind that of the last truncation, renaming or dropping of it.
 */
public final class RowModel {

    private static final String PARENT = "parent";
    private static final String CHILD = "child";
    private static final String FOREIGN_KEY = "parent_id";

    private final boolean movesChildren;
    private final Map<String, Map<Map<String, String>, Map<String, String>>> tables = new HashMap<>();
    private final Map<String, Step> barriers = new HashMap<>();

    /**
     * @param movesChildren whether a child that comes to another parent must find it there; one that was deleted and inserted
     *     again within a de-dupe window need not
     */
    public RowModel(boolean movesChildren) {
        this.movesChildren = movesChildren;
    }

    /**
     * Applies a message about a row or a table, unless it is one that comes again from before a change of the table.
     *
     * @param id the message's id, which begins with its place
     * @return as {@link #apply(JsonNode)}
     */
    public List<String> apply(String id, JsonNode message) {
        String table = message.get("table_name").asText();
        Step step = step(id);
        Step barrier = barriers.get(table);
        if (barrier != null && step.compareTo(barrier) <= 0) {
            return List.of();
        }
        switch (message.get("type").asText()) {
            case "table_truncate" -> rows(table).clear();
            case "schema_change" -> applyStatement(table, step, message);
            default -> {
                return apply(message);
            }
        }
        barriers.merge(table, step, (one, other) -> one.compareTo(other) > 0 ? one : other);
        return List.of();
    }

    private void applyStatement(String table, Step step, JsonNode message) {
        switch (message.get("kind").asText()) {
            case "create", "drop" -> rows(table).clear();
            case "rename" -> {
                String former = message.get("former_name").asText();
                former = former.substring(former.indexOf('.') + 1);
                tables.put(table, rows(former));
                tables.remove(former);
                barriers.put(former, step);
            }
            case "alter" -> applyPartition(step, message.get("ddl").asText());
            default -> throw new IllegalArgumentException(message.toString());
        }
    }

    /** An exchange comes twice, once for each of the tables: the first does it. */
    private void applyPartition(Step step, String ddl) {
        Map<Map<String, String>, Map<String, String>> measures = rows("measure");
        Map<Map<String, String>, Map<String, String>> low = new HashMap<>(measures);
        low.keySet().removeIf(key -> Integer.parseInt(key.get("id")) >= Workload.HIGH);
        measures.keySet().removeAll(low.keySet());
        if (ddl.contains("EXCHANGE")) {
            measures.putAll(rows("archive"));
            tables.put("archive", low);
            Step both = new Step(step.place(), Long.MAX_VALUE);
            barriers.put("measure", both);
            barriers.put("archive", both);
        }
    }

    /**
     * @param number of the event or the table at that place
     */
    private record Step(Place place, long number) implements Comparable<Step> {
        @Override
        public int compareTo(Step other) {
            return Comparator.comparing(Step::place)
                    .thenComparingLong(Step::number)
                    .compare(this, other);
        }
    }

    /** {@code file:position:row}, or {@code file:position.event:row}. */
    private static Step step(String id) {
        String[] parts = id.split(":");
        String[] position = parts[1].split("\\.");
        return new Step(new Place(parts[0], Long.parseLong(position[0])), Long.parseLong(parts[2]));
    }

    /**
     * Applies the message about a row.
     *
     * @return what a consumer that knows each row, and keeps the foreign key, would have to refuse; empty if nothing
     */
    public List<String> apply(JsonNode message) {
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
    public Map<Map<String, String>, Map<String, String>> rows(String table) {
        return tables.computeIfAbsent(table, name -> new HashMap<>());
    }

    /** The key of the row that the message is about. */
    public static Map<String, String> key(JsonNode message) {
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

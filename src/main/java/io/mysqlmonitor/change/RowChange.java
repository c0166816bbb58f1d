package io.mysqlmonitor.change;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * One change of one row, ready to be published: the change as it stands in the binary log, or the net effect of several.
 *
 * <p>Column values are in the form of the JSON contract: {@code null}, {@link Boolean}, {@link Number}, {@link String},
 * {@link RawJson}, or a {@link List} or {@link java.util.Map} of these. They are compared with {@code equals}.
 *
 * @param type what happened
 * @param table the table, whose columns give the order of the values
 * @param before values before the change, empty for an insert and a snapshot
 * @param after values after the change, empty for a delete
 * @param position the change's place in the binary log; of several merged changes the last one's; of a row of a snapshot the place
 *     from which changes follow, and the number of the row
 * @param committedAt Unix second of the change in the binary log
 * @param keyChange id of the change of a key of which this is one half, the delete or the insert; null for other changes
 * @param merged number of changes of the binary log that this one stands for, at least 1
 */
public record RowChange(
        ChangeType type,
        Table table,
        List<Object> before,
        List<Object> after,
        EventPosition position,
        long committedAt,
        String keyChange,
        int merged)
        implements Change {

    public RowChange {
        Objects.requireNonNull(type);
        Objects.requireNonNull(table);
        Objects.requireNonNull(position);
        before = Collections.unmodifiableList(before);
        after = Collections.unmodifiableList(after);
    }

    @Override
    public String typeName() {
        return type.wireName();
    }

    @Override
    public String database() {
        return table.database();
    }

    @Override
    public String tableName() {
        return table.name();
    }

    /** The latest known values of the row: those after the change, or before it if the change deleted the row. */
    public List<Object> row() {
        return type == ChangeType.DELETE ? before : after;
    }

    /**
     * The latest known value of a column, as {@link #row} has it.
     *
     * @param column its name, in any case
     * @throws IllegalArgumentException if the table has no such column, or it is left out
     */
    public Object value(String column) {
        for (int i = 0; i < table.columns().size(); i++) {
            if (table.columns().get(i).equalsIgnoreCase(column)) {
                return row().get(i);
            }
        }
        throw new IllegalArgumentException("table " + table + " has no column " + column + ", but " + table.columns());
    }

    /** Values of the key columns; empty for a table without a key. */
    public List<Object> keyValues() {
        List<Object> row = row();
        List<Object> values = new ArrayList<>(table.keyColumns().size());
        for (int column : table.keyColumns()) {
            values.add(row.get(column));
        }
        return values;
    }

    /** The identity of the changed row. */
    public RowKey key() {
        return new RowKey(table.database(), table.name(), keyValues());
    }

    /** Whether column number {@code column} differs between before and after; only for an update. */
    public boolean isChanged(int column) {
        return !Objects.equals(before.get(column), after.get(column));
    }

    /**
     * The message id: {@code <binlog file>:<position>:<row>}, the same after a replay. The second half of a key change,
     * which shares its binary log row with the first, ends in {@code :insert}. For a row of a snapshot, which stands nowhere in the
     * binary log, {@code snapshot:<Unix second>:<number>}.
     */
    @Override
    public String id() {
        if (type == ChangeType.SNAPSHOT) {
            return "snapshot:" + committedAt + ':' + position.row();
        }
        String id = position.id();
        return type != ChangeType.DELETE && id.equals(keyChange) ? id + ":insert" : id;
    }

    /** Roughly the heap that the values take, in bytes; for text the most that it may take, 2 bytes per character. */
    @Override
    public long weight() {
        return 200 + weightOf(before) + weightOf(after);
    }

    private static long weightOf(List<Object> values) {
        long bytes = 0;
        for (Object value : values) {
            bytes += 24;
            if (value instanceof String text) {
                bytes += 24 + 2L * text.length();
            } else if (value instanceof RawJson json) {
                bytes += 40 + 2L * json.text().length();
            } else if (value instanceof List<?> list) {
                bytes += 24L * list.size();
            } else if (value instanceof java.util.Map<?, ?> map) {
                for (Object entry : map.values()) {
                    bytes += 80 + 2L * String.valueOf(entry).length();
                }
            }
        }
        return bytes;
    }

    @Override
    public String toString() {
        return type.wireName() + " of " + table + " at " + position;
    }
}

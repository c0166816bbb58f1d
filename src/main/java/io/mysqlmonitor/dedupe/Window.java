package io.mysqlmonitor.dedupe;

import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.change.RowKey;
import io.mysqlmonitor.change.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A contiguous stretch of the binary log, held as the net change of each row.
 *
 * <p>The rules for a second change of the same row within the window:
 *
 * <pre>
 * insert, update -> insert with the latest values
 * insert, delete -> nothing
 * update, update -> one update, first before, latest after; nothing if no column differs
 * update, delete -> delete
 * delete, insert -> update from the deleted values to the new ones; nothing if no column differs
 * </pre>
 *
 * <p>Rows stand in the order of their first change, deletes where the (first) delete stood, so that a parent's insert precedes its
 * child's and a child's delete its parent's. Rows of tables without a key, and changes across a snapshot of the row, are never merged.
 *
 * <p>A statement about a table can remove or replace its rows without a change of a row: those after one that stands in the window are not merged at
 * all. Nor are changes that do not follow one another, such as those of different rows with the same key (one that is not unique, or a
 * zero date), and whatever comes of that key after them: what adds up to nothing could hide what was published before.
 *
 * <p>One thread fills a window and another publishes it after that; {@link #rows()} and {@link #weight()} may be read by any.
 */
public final class Window {

    /** Instead of a place: changes of that key did not follow one another. */
    private static final Long BROKEN = -1L;

    private final boolean merging;

    // written by the thread that fills the window
    private final Map<Long, Change> net = new LinkedHashMap<>();
    private final Map<RowKey, Long> places = new HashMap<>();
    /** Where a row that was deleted came back: if it goes again, it went here. */
    private final Set<Long> placesOfDeletes = new HashSet<>();
    /** Those among them where the row came back as it was: nothing to publish, unless it changes again. */
    private final Set<Long> unchanged = new HashSet<>();

    private EventPosition begin;
    /** The table that was last found to be without a statement in this window. */
    private Table unchangedTable;

    private long nextPlace;
    private long captured;
    private volatile long committedAt = Long.MAX_VALUE;
    private volatile int rows;
    private volatile long weight;

    /**
     * @param merging false keeps every change as it is
     */
    public Window(boolean merging) {
        this.merging = merging;
    }

    /** Takes the next change of the binary log, and merges it with earlier ones of its row where that is allowed. */
    public void add(Change change) {
        if (!(change instanceof RowChange row)) {
            addAsItIs(change);
            separate(change);
        } else if (!merging || !row.table().hasKey() || isChanged(row.table())) {
            addAsItIs(row);
        } else if (row.type() == ChangeType.SNAPSHOT) {
            addAsItIs(row);
            // so that what comes after it is not merged with what came before it
            places.computeIfPresent(row.key(), (key, place) -> place.equals(BROKEN) ? BROKEN : null);
        } else {
            addRow(row);
        }
    }

    /** What comes after this change of a table is not merged with what came before it. */
    private void separate(Change change) {
        places.keySet()
                .removeIf(key -> change.database() == null
                        || key.database().equals(change.database())
                                && (change.tableName() == null || key.table().equals(change.tableName())));
    }

    /** Whether a statement about the table stands in this window. */
    private boolean isChanged(Table table) {
        if (table == unchangedTable) {
            return false;
        }
        if (begin != null && table.changedAt() != null && !table.changedAt().isBefore(begin)) {
            return true;
        }
        unchangedTable = table;
        return false;
    }

    private void addRow(RowChange change) {
        captured += change.merged();
        RowKey key = change.key();
        Long place = places.get(key);
        if (place == null) {
            places.put(key, append(change));
            return;
        }
        RowChange earlier = (RowChange) net.get(place); // none if the place is BROKEN
        if (earlier == null || !follows(earlier, change)) {
            append(change);
            places.put(key, BROKEN);
            return;
        }
        merge(key, place, earlier, change);
        rows = net.size() - unchanged.size();
    }

    /**
     * Takes the next change of the binary log, never to be merged: for changes that may have been published before. What a
     * consumer knows of their rows is not known, so that an insert and a delete, say, do not add up to nothing.
     */
    public void addAsItIs(Change change) {
        captured += change.merged();
        append(change);
    }

    private void merge(RowKey key, Long place, RowChange earlier, RowChange later) {
        unchanged.remove(place);
        ChangeType first = earlier.type();
        if (later.type() == ChangeType.DELETE && placesOfDeletes.contains(place)) {
            replace(place, earlier, net(ChangeType.DELETE, earlier, later, earlier.before(), List.of()));
        } else if (later.type() == ChangeType.DELETE) {
            remove(place, earlier);
            places.remove(key);
            if (first != ChangeType.INSERT) {
                List<Object> before = first == ChangeType.UPDATE ? earlier.before() : later.before();
                places.put(key, append(net(ChangeType.DELETE, earlier, later, before, List.of())));
            }
        } else if (first == ChangeType.INSERT) {
            replace(place, earlier, net(ChangeType.INSERT, earlier, later, List.of(), later.after()));
        } else {
            RowChange update = net(ChangeType.UPDATE, earlier, later, earlier.before(), later.after());
            boolean same = update.before().equals(update.after());
            if (first == ChangeType.DELETE) {
                placesOfDeletes.add(place);
            }
            if (!same) {
                replace(place, earlier, update);
            } else if (placesOfDeletes.contains(place)) {
                replace(place, earlier, update);
                unchanged.add(place);
            } else {
                remove(place, earlier);
                places.remove(key);
            }
        }
    }

    private static RowChange net(
            ChangeType type, RowChange earlier, RowChange later, List<Object> before, List<Object> after) {
        return new RowChange(
                type,
                later.table(),
                before,
                after,
                later.position(),
                later.committedAt(),
                keyChange(type, earlier, later),
                earlier.merged() + later.merged());
    }

    /** What came by a key change and stays, and what goes by one, remains half of it. */
    private static String keyChange(ChangeType type, RowChange earlier, RowChange later) {
        boolean stays = type != ChangeType.DELETE && earlier.type() != ChangeType.DELETE;
        return later.keyChange() == null && stays ? earlier.keyChange() : later.keyChange();
    }

    private Long append(Change change) {
        if (nextPlace == 0) {
            committedAt = change.committedAt();
            begin = change.position();
        }
        Long place = nextPlace++;
        net.put(place, change);
        rows = net.size() - unchanged.size();
        weigh(change.weight());
        return place;
    }

    private void replace(Long place, RowChange earlier, RowChange change) {
        net.put(place, change);
        weigh(change.weight() - earlier.weight());
    }

    private void remove(Long place, RowChange earlier) {
        net.remove(place);
        weigh(-earlier.weight());
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
    private void weigh(long bytes) {
        weight = weight + bytes;
    }

    private static boolean follows(RowChange earlier, RowChange later) {
        if (!sameTable(earlier.table(), later.table())) {
            return false;
        }
        return later.type() == ChangeType.INSERT
                ? earlier.type() == ChangeType.DELETE
                : earlier.type() != ChangeType.DELETE && earlier.after().equals(later.before());
    }

    private static boolean sameTable(Table one, Table other) {
        return one == other || one.equals(other);
    }

    /** The net changes, in the order in which they are to be published. */
    public List<Change> changes() {
        if (unchanged.isEmpty()) {
            return Collections.unmodifiableList(new ArrayList<>(net.values()));
        }
        List<Change> changes = new ArrayList<>(net.size());
        net.forEach((place, change) -> {
            if (!unchanged.contains(place)) {
                changes.add(change);
            }
        });
        return Collections.unmodifiableList(changes);
    }

    /** Number of net changes. */
    public int rows() {
        return rows;
    }

    /** Unix second of its first change in the binary log; far in the future before there is one. */
    public long committedAt() {
        return committedAt;
    }

    /** Roughly the heap that the net changes take, in bytes. */
    public long weight() {
        return weight;
    }

    /** Number of changes of the binary log that this window stands for, those merged away included. */
    public long captured() {
        return captured;
    }

    @Override
    public String toString() {
        return "window of " + captured + " changes, " + rows + " to publish";
    }
}

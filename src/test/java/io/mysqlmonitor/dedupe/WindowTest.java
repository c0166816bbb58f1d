package io.mysqlmonitor.dedupe;

import static io.mysqlmonitor.change.Changes.EMPLOYEE;
import static io.mysqlmonitor.change.Changes.WITHOUT_KEY;
import static io.mysqlmonitor.change.Changes.delete;
import static io.mysqlmonitor.change.Changes.insert;
import static io.mysqlmonitor.change.Changes.row;
import static io.mysqlmonitor.change.Changes.snapshot;
import static io.mysqlmonitor.change.Changes.truncate;
import static io.mysqlmonitor.change.Changes.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.change.Gap;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.change.SchemaChange;
import io.mysqlmonitor.change.Table;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowTest {

    private final Window window = new Window(true);

    @Test
    void shouldPublishInsertWithLatestValues() {
        window.add(insert(EMPLOYEE, 1, row("a", "b", 7)));
        window.add(update(EMPLOYEE, 2, row("a", "b", 7), row("c", "b", 7)));

        RowChange net = only();
        assertThat(net.type()).isEqualTo(ChangeType.INSERT);
        assertThat(net.after()).containsExactly("c", "b", 7);
        assertThat(net.position().position()).isEqualTo(2);
        assertThat(net.merged()).isEqualTo(2);
    }

    @Test
    void shouldPublishNothingForInsertAndDelete() {
        window.add(insert(EMPLOYEE, 1, row("a", "b", 7)));
        window.add(delete(EMPLOYEE, 2, row("a", "b", 7)));

        assertThat(window.changes()).isEmpty();
        assertThat(window.rows()).isZero();
        assertThat(window.weight()).isZero();
        assertThat(window.captured()).isEqualTo(2);
    }

    @Test
    void shouldPublishOneUpdateFromFirstToLatest() {
        window.add(update(EMPLOYEE, 1, row("a", "b", 7), row("c", "b", 7)));
        window.add(update(EMPLOYEE, 2, row("c", "b", 7), row("c", "d", 7)));

        RowChange net = only();
        assertThat(net.type()).isEqualTo(ChangeType.UPDATE);
        assertThat(net.before()).containsExactly("a", "b", 7);
        assertThat(net.after()).containsExactly("c", "d", 7);
    }

    @Test
    void shouldPublishNothingForUpdateThatIsTakenBack() {
        window.add(update(EMPLOYEE, 1, row("a", "b", 7), row("c", "b", 7)));
        window.add(update(EMPLOYEE, 2, row("c", "b", 7), row("a", "b", 7)));

        assertThat(window.changes()).isEmpty();
    }

    @Test
    void shouldPublishDeleteForUpdateAndDelete() {
        window.add(update(EMPLOYEE, 1, row("a", "b", 7), row("c", "b", 7)));
        window.add(delete(EMPLOYEE, 2, row("c", "b", 7)));

        RowChange net = only();
        assertThat(net.type()).isEqualTo(ChangeType.DELETE);
        assertThat(net.keyValues()).containsExactly(7);
    }

    @Test
    void shouldPublishUpdateForDeleteAndInsert() {
        window.add(delete(EMPLOYEE, 1, row("a", "b", 7)));
        window.add(insert(EMPLOYEE, 2, row("a", "c", 7)));

        RowChange net = only();
        assertThat(net.type()).isEqualTo(ChangeType.UPDATE);
        assertThat(net.isChanged(0)).isFalse();
        assertThat(net.isChanged(1)).isTrue();
    }

    @Test
    void shouldPublishNothingForRowDeletedAndInsertedAsItWas() {
        window.add(delete(EMPLOYEE, 1, row("a", "b", 7)));
        window.add(insert(EMPLOYEE, 2, row("a", "b", 7)));

        assertThat(window.changes()).isEmpty();
    }

    @Test
    void shouldGoBackToFirstValuesOverUpdateDeleteInsert() {
        window.add(update(EMPLOYEE, 1, row("a", "b", 7), row("x", "b", 7)));
        window.add(delete(EMPLOYEE, 2, row("x", "b", 7)));
        window.add(insert(EMPLOYEE, 3, row("a", "y", 7)));

        RowChange net = only();
        assertThat(net.before()).containsExactly("a", "b", 7);
        assertThat(net.after()).containsExactly("a", "y", 7);
        assertThat(net.merged()).isEqualTo(3);
    }

    @Test
    void shouldKeepOrderOfFirstChangeAndPlaceOfDelete() {
        window.add(insert(EMPLOYEE, 1, row("parent", "", 1)));
        window.add(update(EMPLOYEE, 2, row("old", "", 2), row("new", "", 2)));
        window.add(insert(EMPLOYEE, 3, row("child", "", 3)));
        window.add(update(EMPLOYEE, 4, row("parent", "", 1), row("parent!", "", 1)));
        window.add(delete(EMPLOYEE, 5, row("new", "", 2)));

        assertThat(rows(window)).extracting(change -> change.keyValues().get(0)).containsExactly(1, 3, 2);
    }

    @Test
    void shouldPublishTheDeleteOfARowThatCameBackWhereItWentFirst() {
        window.add(delete(EMPLOYEE, 1, row("child", "of 2", 1)));
        window.add(delete(EMPLOYEE, 2, row("parent", "", 2)));
        window.add(insert(EMPLOYEE, 3, row("child", "of 3", 1)));
        window.add(update(EMPLOYEE, 4, row("child", "of 3", 1), row("child!", "of 3", 1)));
        window.add(delete(EMPLOYEE, 5, row("child!", "of 3", 1)));

        assertThat(rows(window)).extracting(RowChange::type).containsOnly(ChangeType.DELETE);
        assertThat(rows(window)).extracting(change -> change.keyValues().get(0)).containsExactly(1, 2);
        assertThat(rows(window).get(0).before()).containsExactly("child", "of 2", 1);
        assertThat(window.changes().get(0).merged()).isEqualTo(4);
    }

    @Test
    void shouldPublishTheDeleteOfARowThatCameBackUnchangedWhereItWentFirst() {
        window.add(delete(EMPLOYEE, 1, row("child", "of 2", 1)));
        window.add(delete(EMPLOYEE, 2, row("parent", "", 2)));
        window.add(insert(EMPLOYEE, 3, row("parent!", "", 2)));
        window.add(insert(EMPLOYEE, 4, row("child", "of 2", 1)));
        assertThat(window.rows()).isEqualTo(1);
        assertThat(only().type()).isEqualTo(ChangeType.UPDATE);

        window.add(delete(EMPLOYEE, 5, row("child", "of 2", 1)));
        window.add(delete(EMPLOYEE, 6, row("parent!", "", 2)));

        assertThat(window.rows()).isEqualTo(2);
        assertThat(rows(window)).extracting(RowChange::type).containsOnly(ChangeType.DELETE);
        assertThat(rows(window)).extracting(change -> change.keyValues().get(0)).containsExactly(1, 2);
    }

    @Test
    void shouldNotMergeRowsWithoutKey() {
        window.add(insert(WITHOUT_KEY, 1, row("a")));
        window.add(delete(WITHOUT_KEY, 2, row("a")));

        assertThat(window.changes()).hasSize(2);
    }

    @Test
    void shouldNotMergeAcrossAlterationOfTable() {
        Table altered = new Table("hr", "employee", List.of("fname", "id"), List.of(1));
        window.add(insert(EMPLOYEE, 1, row("a", "b", 7)));
        window.add(update(altered, 2, row("a", 7), row("c", 7)));

        assertThat(rows(window)).extracting(RowChange::type).containsExactly(ChangeType.INSERT, ChangeType.UPDATE);
    }

    @Test
    void shouldNotMergeAcrossTruncationOfTheTableButOfAnother() {
        Table other = new Table("hr", "office", EMPLOYEE.columns(), EMPLOYEE.keyColumns());
        window.add(insert(EMPLOYEE, 1, row("a", "b", 7)));
        window.add(insert(other, 2, row("a", "b", 7)));
        window.add(truncate(EMPLOYEE, 3));
        window.add(insert(EMPLOYEE, 4, row("c", "d", 7)));
        window.add(update(EMPLOYEE, 5, row("c", "d", 7), row("e", "d", 7)));
        window.add(delete(other, 6, row("a", "b", 7)));

        assertThat(window.changes())
                .extracting(Change::typeName, Change::tableName)
                .containsExactly(
                        tuple("row_insert", "employee"),
                        tuple("table_truncate", "employee"),
                        tuple("row_insert", "employee"));
        assertThat(window.rows()).isEqualTo(3);
        assertThat(window.captured()).isEqualTo(6);
    }

    @Test
    void shouldNotMergeAcrossAGapThatMayBeOfTheTable() {
        BinlogPosition place = new BinlogPosition("binlog.000001", 3, "");
        window.add(insert(EMPLOYEE, 1, row("a", "b", 7)));
        window.add(new Gap(place, place, null, null, "a reason", 1));
        window.add(update(EMPLOYEE, 4, row("a", "b", 7), row("c", "b", 7)));
        window.add(new Gap(place, place, "hr", "office", "a reason", 1));
        window.add(update(EMPLOYEE, 5, row("c", "b", 7), row("d", "b", 7)));

        assertThat(window.changes())
                .extracting(Change::typeName)
                .containsExactly("row_insert", "gap", "row_update", "gap");
    }

    @Test
    void shouldMergeNothingAcrossASnapshotOfTheRowButOfAnother() {
        window.add(insert(EMPLOYEE, 1, row("a", "b", 7)));
        window.add(insert(EMPLOYEE, 2, row("a", "b", 8)));
        window.add(snapshot(EMPLOYEE, 0, row("a", "b", 7)));
        window.add(update(EMPLOYEE, 3, row("a", "b", 7), row("c", "b", 7)));
        window.add(delete(EMPLOYEE, 4, row("c", "b", 7)));
        window.add(delete(EMPLOYEE, 5, row("a", "b", 8)));

        assertThat(window.changes())
                .extracting(Change::typeName)
                .containsExactly("row_insert", "row_snapshot", "row_delete");
    }

    @Test
    void shouldMergeNoRowOfADatabaseAcrossItsAlteration() {
        window.add(update(EMPLOYEE, 1, row("a", "b", 7), row("c", "b", 7)));
        window.add(new SchemaChange(
                SchemaChange.Kind.DATABASE,
                "hr",
                null,
                null,
                "ALTER DATABASE hr COLLATE utf8mb4_bin",
                List.of(),
                List.of(),
                new EventPosition("binlog.000007", 2),
                1));
        window.add(update(EMPLOYEE, 3, row("c", "b", 7), row("a", "b", 7)));

        assertThat(window.changes())
                .extracting(Change::typeName)
                .containsExactly("row_update", "schema_change", "row_update");
    }

    @Test
    void shouldKeepRowsOfEqualKeysInDifferentTablesApart() {
        Table other = new Table("sales", "employee", EMPLOYEE.columns(), EMPLOYEE.keyColumns());
        window.add(insert(EMPLOYEE, 1, row("a", "b", 7)));
        window.add(insert(other, 2, row("a", "b", 7)));

        assertThat(window.changes()).hasSize(2);
    }

    @Test
    void shouldNotMergeChangesOfDifferentRowsWithTheSameKey() {
        window.add(insert(EMPLOYEE, 1, row("a", "b", 7)));
        window.add(insert(EMPLOYEE, 2, row("c", "d", 7)));
        window.add(update(EMPLOYEE, 3, row("a", "b", 7), row("x", "b", 7)));
        window.add(delete(EMPLOYEE, 4, row("c", "d", 7)));
        window.add(delete(EMPLOYEE, 5, row("x", "b", 7)));

        assertThat(rows(window))
                .extracting(RowChange::type)
                .containsExactly(
                        ChangeType.INSERT, ChangeType.INSERT, ChangeType.UPDATE, ChangeType.DELETE, ChangeType.DELETE);
    }

    @Test
    void shouldMergeNoMoreOfAKeyWhoseChangesDoNotFollowOneAnother() {
        window.add(insert(EMPLOYEE, 1, row("a", "b", 7)));
        window.add(insert(EMPLOYEE, 2, row("a", "b", 7))); // the table was emptied between
        window.add(delete(EMPLOYEE, 3, row("a", "b", 7)));
        window.add(update(EMPLOYEE, 4, row("1", "", 8), row("2", "", 8)));
        window.add(update(EMPLOYEE, 5, row("1", "", 8), row("3", "", 8))); // another table took its name
        window.add(update(EMPLOYEE, 6, row("3", "", 8), row("1", "", 8)));

        assertThat(rows(window))
                .extracting(RowChange::type, RowChange::row)
                .containsExactly(
                        tuple(ChangeType.INSERT, row("a", "b", 7)),
                        tuple(ChangeType.INSERT, row("a", "b", 7)),
                        tuple(ChangeType.DELETE, row("a", "b", 7)),
                        tuple(ChangeType.UPDATE, row("2", "", 8)),
                        tuple(ChangeType.UPDATE, row("3", "", 8)),
                        tuple(ChangeType.UPDATE, row("1", "", 8)));
    }

    @Test
    void shouldMergeNoMoreOfATableAfterAStatementInTheWindow() {
        Table other = new Table("hr", "office", EMPLOYEE.columns(), EMPLOYEE.keyColumns());
        Table changed = new Table(
                "hr", "employee", EMPLOYEE.columns(), EMPLOYEE.keyColumns(), new EventPosition("binlog.000007", 4));
        window.add(insert(other, 1, row("a", "b", 7)));
        window.add(update(EMPLOYEE, 2, row("a", "b", 7), row("c", "b", 7)));
        window.add(update(EMPLOYEE, 3, row("c", "b", 7), row("a", "b", 7)));
        window.add(update(changed, 5, row("x", "b", 7), row("y", "b", 7)));
        window.add(update(changed, 6, row("y", "b", 7), row("x", "b", 7)));
        window.add(insert(changed, 7, row("a", "b", 8)));
        window.add(delete(changed, 8, row("a", "b", 8)));
        window.add(delete(other, 9, row("a", "b", 7)));

        assertThat(window.changes())
                .extracting(Change::typeName, change -> change.position().position())
                .containsExactly(
                        tuple("row_update", 5L),
                        tuple("row_update", 6L),
                        tuple("row_insert", 7L),
                        tuple("row_delete", 8L));

        Window next = new Window(true);
        next.add(insert(changed, 10, row("a", "b", 8)));
        next.add(delete(changed, 11, row("a", "b", 8)));
        assertThat(next.changes()).isEmpty();
    }

    @Test
    void shouldKeepTheHalvesOfAKeyChangeRecognisable() {
        window.add(update(EMPLOYEE, 1, row("a", "b", 7), row("c", "b", 7)));
        window.add(halfOfKeyChange(delete(EMPLOYEE, 2, row("c", "b", 7))));
        window.add(halfOfKeyChange(insert(EMPLOYEE, 2, row("c", "b", 8))));
        window.add(update(EMPLOYEE, 3, row("c", "b", 8), row("d", "b", 8)));

        assertThat(rows(window))
                .extracting(RowChange::type, RowChange::keyChange, RowChange::id)
                .containsExactly(
                        tuple(ChangeType.DELETE, "binlog.000007:2:3", "binlog.000007:2:3"),
                        tuple(ChangeType.INSERT, "binlog.000007:2:3", "binlog.000007:3:3"));
    }

    @Test
    void shouldGiveTheHalvesOfAKeyChangeDifferentIds() {
        window.add(delete(EMPLOYEE, 1, row("a", "b", 8)));
        window.add(halfOfKeyChange(delete(EMPLOYEE, 2, row("a", "b", 7))));
        window.add(halfOfKeyChange(insert(EMPLOYEE, 2, row("c", "b", 8))));

        assertThat(rows(window))
                .extracting(RowChange::type, RowChange::id)
                .containsExactly(
                        tuple(ChangeType.UPDATE, "binlog.000007:2:3:insert"),
                        tuple(ChangeType.DELETE, "binlog.000007:2:3"));
    }

    private static RowChange halfOfKeyChange(RowChange change) {
        return new RowChange(
                change.type(),
                change.table(),
                change.before(),
                change.after(),
                change.position(),
                change.committedAt(),
                change.position().id(),
                change.merged());
    }

    /** For MySQL {@code abc} and {@code ABC} are one key, for the window two. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void shouldOrderChangesOfKeysThatDifferInCaseOnly(int seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 100; round++) {
            Map<String, List<Object>> table = new HashMap<>();
            Map<String, List<Object>> consumer = new HashMap<>();
            for (String key : List.of("a", "b")) {
                table.put(key, row(key, 0));
                consumer.put(key, row(key, 0));
            }
            Window changes = new Window(true);
            for (int i = 1; i <= 12; i++) {
                change(table, random, i, changes);
            }

            for (RowChange change : rows(changes)) {
                String key = ((String) change.row().get(0)).toLowerCase(Locale.ROOT);
                List<Object> before =
                        change.type() == ChangeType.DELETE ? consumer.remove(key) : consumer.put(key, change.after());
                assertThat(before == null ? List.of() : before).isEqualTo(change.before());
            }
            assertThat(consumer).isEqualTo(table);
        }
    }

    private static void change(Map<String, List<Object>> table, Random random, int position, Window changes) {
        Table words = new Table("hr", "word", List.of("id", "v"), List.of(0));
        String key = random.nextBoolean() ? "a" : "b";
        String written = random.nextBoolean() ? key : key.toUpperCase(Locale.ROOT);
        List<Object> before = table.get(key);
        List<Object> after = row(written, random.nextInt(3));
        if (before == null) {
            table.put(key, after);
            changes.add(insert(words, position, after));
        } else if (random.nextInt(3) == 0) {
            table.remove(key);
            changes.add(delete(words, position, before));
        } else {
            table.put(key, after);
            if (before.get(0).equals(written)) {
                changes.add(update(words, position, before, after));
            } else {
                changes.add(halfOfKeyChange(delete(words, position, before)));
                changes.add(halfOfKeyChange(insert(words, position, after)));
            }
        }
    }

    @Test
    void shouldKeepEveryChangeWhenNotMerging() {
        Window asItIs = new Window(false);
        asItIs.add(insert(EMPLOYEE, 1, row("a", "b", 7)));
        asItIs.add(update(EMPLOYEE, 2, row("a", "b", 7), row("c", "b", 7)));
        asItIs.add(delete(EMPLOYEE, 3, row("c", "b", 7)));

        assertThat(rows(asItIs))
                .extracting(RowChange::type)
                .containsExactly(ChangeType.INSERT, ChangeType.UPDATE, ChangeType.DELETE);
    }

    @Test
    void shouldNotMergeWithChangesThatMayHaveBeenPublishedBefore() {
        window.addAsItIs(insert(EMPLOYEE, 1, row("a", "b", 7)));
        window.addAsItIs(update(EMPLOYEE, 2, row("a", "b", 7), row("c", "b", 7)));
        window.add(delete(EMPLOYEE, 3, row("c", "b", 7)));

        assertThat(rows(window))
                .extracting(RowChange::type)
                .containsExactly(ChangeType.INSERT, ChangeType.UPDATE, ChangeType.DELETE);
        assertThat(window.captured()).isEqualTo(3);
    }

    @Test
    void shouldWeighNoMoreForManyUpdatesOfOneRow() {
        window.add(update(EMPLOYEE, 1, row("a", "b", 7), row("c", "b", 7)));
        long one = window.weight();
        for (int i = 2; i < 1_000; i++) {
            window.add(update(EMPLOYEE, i, row(i % 2 == 0 ? "c" : "d", "b", 7), row(i % 2 == 0 ? "d" : "c", "b", 7)));
        }

        assertThat(window.weight()).isEqualTo(one);
        assertThat(window.rows()).isEqualTo(1);
        assertThat(window.captured()).isEqualTo(999);
    }

    private static List<RowChange> rows(Window window) {
        return window.changes().stream().map(RowChange.class::cast).toList();
    }

    private RowChange only() {
        assertThat(window.changes()).hasSize(1);
        return (RowChange) window.changes().get(0);
    }
}

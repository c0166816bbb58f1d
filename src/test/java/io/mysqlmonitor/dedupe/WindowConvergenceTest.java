package io.mysqlmonitor.dedupe;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.change.Changes;
import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.change.SchemaChange;
import io.mysqlmonitor.change.Table;
import io.mysqlmonitor.change.TableTruncate;
import io.mysqlmonitor.statement.TableStatement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random changes of rows and random statements about their tables, through windows that close at random, to a consumer that applies what
 * it gets. It may be told of the statements or not, and may have seen a part of it before.
 */
class WindowConvergenceTest {

    private static final int ROUNDS = 400;
    private static final int STEPS = 40;
    private static final int KEYS = 3;
    private static final int VALUES = 3;
    private static final String FILE = "binlog.000001";

    private Random random;
    private boolean swaps;

    /** Rows by their keys, of two tables by their names. */
    private Map<String, Map<Integer, Integer>> tables;

    private Map<String, EventPosition> changedAt;
    /** The changes of each step. */
    private List<List<Change>> log;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void shouldEndWithTheTablesIfToldOfStatements(int seed) {
        swaps = true;
        for (int round = 0; round < ROUNDS; round++) {
            write(seed * ROUNDS + round);

            Map<String, Map<Integer, Integer>> consumer = empty();
            read(0, STEPS, 0, true, consumer);
            assertThat(consumer).isEqualTo(tables);
        }
    }

    /** If it is not told, rows that a statement has removed stay; but those that the tables have are right. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void shouldEndWithTheRowsOfTheTablesAlsoAfterACrash(int seed) {
        for (int round = 0; round < ROUNDS; round++) {
            write(seed * ROUNDS + round);
            boolean told = random.nextBoolean();
            int crash = random.nextInt(STEPS + 1);
            int checkpoint = random.nextInt(crash + 1);
            int endOfReplay = crash + random.nextInt(STEPS - crash + 1);

            Map<String, Map<Integer, Integer>> consumer = empty();
            read(0, crash, 0, told, consumer);
            read(checkpoint, STEPS, endOfReplay, told, consumer);
            tables.forEach((name, rows) -> assertThat(consumer.get(name)).containsAllEntriesOf(rows));
            if (told) {
                assertThat(consumer).isEqualTo(tables);
            }
        }
    }

    /** Rows of a table that took the name of another are not known to a consumer that is not told, until they change. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void shouldEndWithTheRowsThatChangedAfterAStatementInTheSameWindow(int seed) {
        swaps = true;
        for (int round = 0; round < ROUNDS; round++) {
            write(seed * ROUNDS + round);
            Map<String, Map<Integer, Integer>> consumer = empty();
            int opened = random.nextInt(STEPS);
            read(0, opened, 0, false, consumer);
            Window window = new Window(true);
            Map<String, Set<Integer>> changed = new HashMap<>(); // since the latest statement in the window
            for (Change change : changes(opened, STEPS)) {
                if (!(change instanceof RowChange row)) {
                    changed.put(change.tableName(), new HashSet<>());
                    continue;
                }
                window.add(row);
                if (changed.containsKey(row.tableName())) {
                    changed.get(row.tableName()).add((Integer) row.row().get(0));
                }
            }
            apply(window, consumer);

            if (log.get(opened).get(0) instanceof RowChange) { // which opens the window
                changed.forEach((name, keys) ->
                        keys.forEach(key -> assertThat(consumer.get(name).get(key))
                                .isEqualTo(tables.get(name).get(key))));
            }
        }
    }

    private static Map<String, Map<Integer, Integer>> empty() {
        return new HashMap<>(Map.of("a", new HashMap<>(), "b", new HashMap<>()));
    }

    private List<Change> changes(int from, int to) {
        return log.subList(from, to).stream().flatMap(List::stream).toList();
    }

    /** From one step to another, in windows that close at random. */
    private void read(int from, int to, int endOfReplay, boolean told, Map<String, Map<Integer, Integer>> consumer) {
        Window window = new Window(true);
        for (int step = from; step < to; step++) {
            for (Change change : log.get(step)) {
                if (!told && !(change instanceof RowChange)) {
                    continue;
                }
                if (step < endOfReplay) {
                    window.addAsItIs(change);
                } else {
                    window.add(change);
                }
            }
            if (random.nextInt(6) == 0) {
                apply(window, consumer);
                window = new Window(true);
            }
        }
        apply(window, consumer);
    }

    private static void apply(Window window, Map<String, Map<Integer, Integer>> consumer) {
        for (Change change : window.changes()) {
            if (change instanceof RowChange row) {
                Map<Integer, Integer> rows = consumer.get(row.tableName());
                Integer key = (Integer) row.row().get(0);
                if (row.type() == ChangeType.DELETE) {
                    rows.remove(key);
                } else {
                    rows.put(key, (Integer) row.row().get(1));
                }
            } else if (change instanceof SchemaChange statement && statement.kind() == SchemaChange.Kind.RENAME) {
                consumer.put(
                        statement.tableName(),
                        consumer.remove(statement.formerName().table()));
            } else {
                consumer.put(change.tableName(), new HashMap<>());
            }
        }
    }

    private void write(int seed) {
        random = new Random(seed);
        tables = empty();
        changedAt = new HashMap<>();
        log = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            String name = random.nextBoolean() ? "a" : "b";
            log.add(random.nextInt(8) == 0 ? statement(name, step) : List.of(rowChange(name, step)));
        }
    }

    private List<Change> statement(String name, int place) {
        if (swaps && random.nextBoolean()) {
            tables = new HashMap<>(Map.of("a", tables.get("b"), "b", tables.get("a")));
            return List.of(renamed("a", "c", place, 0), renamed("b", "a", place, 1), renamed("c", "b", place, 2));
        }
        tables.put(name, new HashMap<>());
        if (random.nextBoolean()) {
            changedAt.put(name, new EventPosition(FILE, place));
            return List.of(new TableTruncate("hr", name, new EventPosition(FILE, place), 1));
        }
        return List.of(schemaChange(SchemaChange.Kind.CREATE, name, null, place, 0)); // OR REPLACE
    }

    private SchemaChange renamed(String former, String name, int place, int number) {
        return schemaChange(SchemaChange.Kind.RENAME, name, new TableStatement.Name("hr", former), place, number);
    }

    private SchemaChange schemaChange(
            SchemaChange.Kind kind, String name, TableStatement.Name former, int place, int number) {
        EventPosition position = new EventPosition(FILE, place, number, null);
        changedAt.put(name, position);
        return new SchemaChange(kind, "hr", name, former, "", List.of(), List.of(), position, 1);
    }

    private RowChange rowChange(String name, int place) {
        Table table = new Table("hr", name, List.of("id", "v"), List.of(0), changedAt.get(name));
        Map<Integer, Integer> rows = tables.get(name);
        int key = random.nextInt(KEYS);
        int value = random.nextInt(VALUES);
        Integer before = rows.get(key);
        if (before == null) {
            rows.put(key, value);
            return change(ChangeType.INSERT, table, place, List.of(), Changes.row(key, value));
        }
        if (before == value || random.nextInt(3) == 0) {
            rows.remove(key);
            return change(ChangeType.DELETE, table, place, Changes.row(key, before), List.of());
        }
        rows.put(key, value);
        return change(ChangeType.UPDATE, table, place, Changes.row(key, before), Changes.row(key, value));
    }

    private static RowChange change(ChangeType type, Table table, int place, List<Object> before, List<Object> after) {
        return new RowChange(type, table, before, after, new EventPosition(FILE, place), 1, null, 1);
    }
}

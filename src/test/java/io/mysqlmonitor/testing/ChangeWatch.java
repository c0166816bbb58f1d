package io.mysqlmonitor.testing;

import static io.mysqlmonitor.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mysqlmonitor.servers.Servers;
import io.mysqlmonitor.testing.BinlogRows.Rows;
import io.mysqlmonitor.testing.Scene.Received;
import io.mysqlmonitor.testing.SelectedTables.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Holds the changes of rows that the server's own binary log has against what came of them: for each table published, merged,
 * dead-lettered, named by a gap message or left out must be as many as were changed. So nothing is passed over in silence in any test.
 *
 * <p>A test in which that cannot be counted says so ({@link #expectUncounted}), and the reason is printed. Where changes are merged, the messages stand
 * for at least as many changes as there were, since a change that comes again may have come within another message before.
 */
final class ChangeWatch {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern COMMA = Pattern.compile("(?<!\\\\),");

    private final String database;
    private final List<Map<String, String>> configurations = new ArrayList<>();
    private final Set<String> uncounted = new TreeSet<>();
    private final Map<String, Integer> leftOut = new TreeMap<>();
    private final Queue<Received> received = new ConcurrentLinkedQueue<>();
    private volatile Place begin;
    private String before = "";

    /** A stretch of the binary log that a gap message names. */
    private record Stretch(Place from, Place to) {

        boolean holds(Place place) {
            return from.compareTo(place) <= 0 && place.compareTo(to) < 0;
        }
    }

    ChangeWatch(String database) {
        this.database = database;
    }

    /** A configuration of a monitor in this test; what is put into it later counts, too. */
    void add(Map<String, String> configuration) {
        configurations.add(configuration);
    }

    /** A message or a dead letter that came. */
    void add(Received message) {
        received.add(message);
    }

    /**
     * Where capture begins; the first time counts.
     *
     * @param gtids what capture leaves out, wherever it stands: after a start by GTIDs the place may be the start of the file
     */
    synchronized void begin(Place place, String gtids) {
        if (begin == null) {
            before = gtids;
            begin = place;
        }
    }

    boolean hasBegun() {
        return begin != null;
    }

    /** The changes cannot be counted, for this reason. */
    void expectUncounted(String why) {
        uncounted.add(why);
    }

    /** So many changes of a table make no message, for this reason. */
    void expectLeftOut(String table, int changes, String why) {
        leftOut.merge(table, changes, Integer::sum);
        System.err.println("Changes of " + database + '.' + table + " without a message: " + changes + ", " + why);
    }

    /**
     * @param end up to where all is published; null if no place is stored
     * @throws AssertionError if a change is missing
     */
    void check(Servers.Mysql server, Place end) {
        if (!uncounted.isEmpty()) {
            System.err.println("Changes of " + database + " were not counted: " + String.join("; ", uncounted));
            return;
        }
        if (begin == null && received.stream().noneMatch(message -> isChange(message))) {
            System.err.println(
                    "Changes of " + database + " were not counted: no place was stored before the test ended");
            return;
        }
        try {
            assertThat(begin)
                    .as("where capture began: call scene.awaitCheckpoint(), or scene.expectUncounted(why)")
                    .isNotNull();
            assertThat(end)
                    .as("a place that is stored; if there is none, call scene.expectUncounted(why)")
                    .isNotNull();
            assertNothingIsMissing(rows(server, end), end);
        } catch (AssertionError e) {
            if (Boolean.parseBoolean(System.getProperty("scene.strict", "true"))) {
                throw e;
            }
            System.err.println("SILENCE in " + database + ": " + e.getMessage());
        }
    }

    private List<Rows> rows(Servers.Mysql server, Place end) {
        try {
            return BinlogRows.read(server, database, begin, before, end);
        } catch (IOException e) {
            throw new AssertionError(
                    "the binary log of " + server + " from " + begin + " to " + end
                            + " cannot be read; if it was removed, call scene.expectUncounted(why)",
                    e);
        }
    }

    private void assertNothingIsMissing(List<Rows> rows, Place end) {
        boolean merging = configurations.isEmpty()
                || configurations.stream().anyMatch(each -> !"0".equals(each.get("monitor.dedupe.window")));
        try {
            await().until(() -> differences(rows, end, merging).isEmpty());
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("changes of " + database + " from " + begin + " to " + end
                    + " of which nobody was told, or which did not happen: "
                    + String.join("; ", differences(rows, end, merging)));
        }
    }

    private List<String> differences(List<Rows> rows, Place end, boolean merging) {
        Map<String, Integer> changed = changed(rows);
        Map<String, Integer> told = told(end);
        Set<String> tables = new TreeSet<>(changed.keySet());
        tables.addAll(told.keySet());
        List<String> differences = new ArrayList<>();
        for (String table : tables) {
            int expected = changed.getOrDefault(table, 0);
            int actual = told.getOrDefault(table, 0) + leftOut.getOrDefault(table, 0);
            if (merging ? actual < expected : actual != expected) {
                differences.add(table + ": changed " + expected + ", told " + actual);
            }
        }
        return differences;
    }

    /** Number of changes of which something must come, by table. */
    private Map<String, Integer> changed(List<Rows> rows) {
        List<Stretch> gaps = gaps();
        Map<String, Integer> changed = new TreeMap<>();
        rows.stream()
                .filter(each -> isWatched(each.table()))
                .filter(each -> configurations.stream().allMatch(properties -> properties
                        .getOrDefault("monitor.operations", each.operation())
                        .contains(each.operation())))
                .filter(each -> gaps.stream().noneMatch(gap -> gap.holds(each.place())))
                .forEach(each -> changed.merge(each.table(), each.count(), Integer::sum));
        return changed;
    }

    /** Number of changes for which messages and dead letters came, by table. */
    private Map<String, Integer> told(Place end) {
        List<Stretch> gaps =
                gaps(); // in which some may be told of, too: rows of a compressed transaction have its place
        Map<String, Map<String, Integer>> merged = new TreeMap<>();
        for (Received message : received) {
            Map<String, Object> headers = message.properties().getHeaders();
            if (!isChange(message) || !database.equals(text(headers, "database"))) {
                continue;
            }
            Place place =
                    new Place(text(headers, "binlog_file"), ((Number) headers.get("binlog_position")).longValue());
            boolean counts = place.compareTo(begin) >= 0
                    && place.compareTo(end) < 0
                    && gaps.stream().noneMatch(gap -> gap.holds(place));
            if (counts && isWatched(text(headers, "table"))) {
                String change = message.properties().getMessageId().replaceFirst(":insert$", ""); // of one key change
                merged.computeIfAbsent(text(headers, "table"), table -> new HashMap<>())
                        .merge(change, ((Number) headers.get("merged")).intValue(), Math::max);
            }
        }
        Map<String, Integer> told = new TreeMap<>();
        merged.forEach((table, changes) -> told.put(
                table, changes.values().stream().mapToInt(Integer::intValue).sum()));
        return told;
    }

    private static boolean isChange(Received message) {
        return String.valueOf(message.type()).matches("row_(insert|update|delete)|dead_letter");
    }

    private static String text(Map<String, Object> headers, String name) {
        return String.valueOf(headers.get(name));
    }

    /** Whether each monitor watches the table. */
    private boolean isWatched(String table) {
        return configurations.stream()
                .allMatch(properties -> isIn(properties.get("mysql.tables"), table, true)
                        && !isIn(properties.get("mysql.tables.exclude"), table, false)
                        && !isIn(properties.get("mysql.databases.exclude"), null, false));
    }

    private boolean isIn(String list, String table, boolean withoutList) {
        if (list == null || list.isBlank()) {
            return withoutList;
        }
        String name = table == null ? database : database + '.' + table;
        return COMMA.splitAsStream(list)
                .map(pattern -> pattern.strip().replace("\\,", ","))
                .anyMatch(pattern -> Pattern.compile(pattern, Pattern.CASE_INSENSITIVE)
                        .matcher(name)
                        .matches());
    }

    private List<Stretch> gaps() {
        List<Stretch> gaps = new ArrayList<>();
        for (Received message : received) {
            if ("gap".equals(message.type())) {
                try {
                    JsonNode gap = JSON.readTree(message.body());
                    gaps.add(new Stretch(place(gap.get("from")), place(gap.get("to"))));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return gaps;
    }

    private static Place place(JsonNode coordinates) {
        return new Place(
                coordinates.get("file").asText(), coordinates.get("position").asLong());
    }
}

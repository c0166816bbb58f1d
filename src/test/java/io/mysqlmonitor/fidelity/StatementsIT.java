package io.mysqlmonitor.fidelity;

import static io.mysqlmonitor.testing.Patience.await;
import static io.mysqlmonitor.testing.ServerContainer.assumeContainers;

import com.fasterxml.jackson.databind.JsonNode;
import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.fidelity.RandomStatements.Client;
import io.mysqlmonitor.fidelity.RandomStatements.Feature;
import io.mysqlmonitor.fidelity.RandomStatements.Step;
import io.mysqlmonitor.servers.DatabaseServer;
import io.mysqlmonitor.servers.Servers;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.servers.TlsCertificates;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import io.mysqlmonitor.testing.SelectedTables;
import io.mysqlmonitor.testing.SelectedTables.Content;
import io.mysqlmonitor.testing.SelectedTables.Place;
import io.mysqlmonitor.testing.SelectedTables.Table;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever statements come from whatever sessions: whoever applies the messages ends with what a SELECT gives, or capture has
 * stopped and says why. There is no third outcome.
 *
 * <p>Seeds run from {@code -Dstatements.seed}, as many as {@code -Dstatements.seeds} says; eight by default, which have all features between them. They run on MySQL,
 * or on what {@code -Dstatements.server} says: {@code mysql56} or {@code mariadb}. A seed fixes the de-dupe window and all statements.
 * {@code -Dstatements.features} names the {@linkplain Feature features} to use instead of those that a seed takes. The statements of a seed that fails are cut
 * down to few that still fail, within {@code -Dstatements.reduce} seconds (default 90). {@code -Dstatements.show=true} prints the statements of
 * every seed, {@code -Dstatements.refused=true} those that the server refuses.
 *
 * <p>The consumer does what {@code docs/schema-changes.md} tells it: it empties a table at a {@code table_truncate} or when it is created, drops and
 * renames it, and reads it again when it was altered. The statements run one at a time, so that what it reads then is what the table held right after
 * that statement. What it knew of the table just before must be what the table held just before.
 */
class StatementsIT {

    private static final long SCATTER = 0x9E3779B97F4A7C15L;
    private static final int MOVES_BEFORE = 8;
    private static final int MOVES = 45;
    private static final int RESTART = 0;
    /** After this time without the last row and without a stop something is wrong. */
    private static final Duration SILENCE = Duration.ofSeconds(100);

    private static final Pattern POSITION = Pattern.compile("([\\w.-]+\\.\\d{6}):(\\d+)");
    private static final Map<Feature, String> SETTINGS = Map.of(
            Feature.PARTIAL_JSON, "binlog_row_value_options",
            Feature.STATEMENT_FORMAT, "binlog_format",
            Feature.MINIMAL_IMAGE, "binlog_row_image");

    /** How often capture ended how. */
    private static final Map<String, Integer> ENDS = new TreeMap<>();

    private static final Map<Kind, DatabaseServer> STARTED = new EnumMap<>(Kind.class);

    @TempDir
    private static Path certificates;

    @TempDir
    private Path folder;

    private int runs;

    /** A server to run on. */
    private enum Kind {
        MYSQL,
        MYSQL56,
        MARIADB
    }

    /** What a seed fixes before the first statement. */
    private record Plan(long seed, Kind kind, String window, Set<Feature> features, List<Client> clients) {

        @Override
        public String toString() {
            return "window " + window + ", clients " + clients + ", " + features;
        }
    }

    /** Statements that belong together: a transaction, say. */
    private record Move(List<Step> steps) {

        /** Whether it is about the table, or about none: a setting, say. */
        boolean concerns(String table) {
            return steps.stream()
                    .anyMatch(step ->
                            step.sql().contains(table) || step.sql().startsWith("SET ") || step.session() == RESTART);
        }

        static Move restart() {
            return new Move(List.of(new Step(RESTART, "")));
        }
    }

    /**
     * A statement that was executed.
     *
     * @param from where the binary log ended before it
     * @param to where it ended after it
     * @param before the tables before it
     * @param after the tables after it
     */
    private record Executed(Step step, Place from, Place to, Map<String, Content> before, Map<String, Content> after) {

        boolean holds(Place place) {
            return from.compareTo(place) <= 0 && place.compareTo(to) < 0;
        }
    }

    /** How a run ended. */
    private record Outcome(
            String database, String failure, String stop, List<Move> early, List<Move> moves, String figures) {

        /** The table that the failure is about, as it stands in statements; a text that is everywhere if there is none. */
        String table() {
            Matcher matcher = Pattern.compile("\\btable (.+?), ").matcher(failure);
            return matcher.find() ? matcher.group(1).replace("`", "``") : " ";
        }

        /** Converged, failed, or the reason of a stop without places and names. */
        String end() {
            if (failure != null) {
                return "failed";
            }
            return stop == null
                    ? "converged"
                    : stop.replaceFirst("(?s)\\. (Nothing is lost|Capture stops).*", "")
                            .replaceFirst("(?s).*? that cannot be read: ", "unreadable event: ")
                            .replaceFirst("(?s)the statement before .*", "unreadable statement")
                            .replaceFirst("(?s) for '.*", "")
                            .replaceFirst("(?s) in .*, internal schema size.*", " of another number of columns");
        }

        /** What kind of failure it is: one that another run may share. */
        String kind() {
            return failure.replaceFirst(":.*", "").replaceFirst("(?s)\\n.*", "");
        }
    }

    /** Where the moves come from. */
    private interface Source {
        /** The next one, given the tables as they are; null after the last. */
        Move next(Map<String, Table> tables);
    }

    static LongStream seeds() {
        long first = Long.getLong("statements.seed", 970);
        return LongStream.range(first, first + Long.getLong("statements.seeds", 8));
    }

    @AfterAll
    static void stopServers() {
        System.err.println("Statements: how the seeds ended: " + ENDS);
        STARTED.values().forEach(DatabaseServer::close);
        STARTED.clear();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void shouldEndWithWhatSelectGivesOrStop(long seed) throws Exception {
        assumeContainers(); // a server of each kind
        Random random = new Random(seed * SCATTER);
        Kind kind = kind();
        Servers servers = servers(kind);
        Plan plan = plan(seed, kind, random);
        long begin = System.nanoTime();

        Outcome outcome = run(plan, servers, random);

        String line = "seed " + seed + " on " + servers.describe() + ", " + plan + ", " + outcome.figures();
        long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
        ENDS.merge(outcome.end(), 1, Integer::sum);
        if (outcome.failure() == null) {
            System.err.println("Statements: " + line + ", "
                    + (outcome.stop() == null ? "converged" : "stopped: " + outcome.stop()) + ", " + millis + " ms"
                    + (Boolean.getBoolean("statements.show") ? "\n" + script(outcome, plan) : ""));
            return;
        }
        System.err.println("Statements: " + line + ", FAILED: " + outcome.failure());
        Outcome reduced = reduce(plan, servers, outcome);
        String script = script(reduced, plan);
        System.err.println("Statements: seed " + seed + " fails by these: " + reduced.failure() + "\n" + script);
        throw new AssertionError("again with -Dstatements.seeds=1 -Dstatements.seed=" + seed + "; " + line + ":\n"
                + reduced.failure() + "\nStatements that suffice:\n" + script);
    }

    private static Kind kind() {
        String forced = System.getProperty("statements.server");
        if (forced != null) {
            return Kind.valueOf(forced.toUpperCase(Locale.ROOT));
        }
        return Kind.MYSQL;
    }

    private static Servers servers(Kind kind) {
        if (kind == Kind.MYSQL) {
            return TestServers.get();
        }
        return STARTED.computeIfAbsent(
                        kind,
                        started -> started == Kind.MYSQL56
                                ? DatabaseServer.mysql56("--log-bin=mysql-bin", "--binlog-format=ROW")
                                : DatabaseServer.mariadb(
                                        TlsCertificates.create(certificates),
                                        "--log-bin=mariadb-bin",
                                        "--binlog-format=ROW"))
                .withBroker();
    }

    private static Plan plan(long seed, Kind kind, Random random) {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        String asked = System.getProperty("statements.features", "");
        if (!asked.isEmpty()) {
            Stream.of(asked.split(",")).map(Feature::valueOf).forEach(features::add);
        } else {
            for (Feature feature : Feature.values()) {
                if (random.nextInt(100) < percent(feature)) {
                    features.add(feature);
                }
            }
        }
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(
                    features.contains(Feature.CLIENT_CHARSETS) && i > 0
                            ? Client.values()[random.nextInt(Client.values().length)]
                            : Client.UTF8);
        }
        return new Plan(seed, kind, features.contains(Feature.WINDOW) ? "200ms" : "0", features, clients);
    }

    /** In how many of a hundred seeds. */
    private static int percent(Feature feature) {
        return switch (feature) {
            case PARTIAL_JSON, STATEMENT_FORMAT, MINIMAL_IMAGE -> 4;
            case SELDOM_SYNTAX -> 5;
            case RESTART -> 20;
            default -> 60;
        };
    }

    /** Runs the random statements of a plan. */
    private Outcome run(Plan plan, Servers servers, Random random) throws Exception {
        Run run = new Run(plan, servers);
        RandomStatements statements = new RandomStatements(
                random, plan.features(), plan.clients(), run.scene.isMariadb(), run.version(), run.scene.database());
        List<Step> settings = new ArrayList<>(statements.settings());
        int[] count = {0};
        Source early = tables -> !settings.isEmpty()
                ? new Move(List.of(settings.remove(0)))
                : count[0]++ < MOVES_BEFORE ? new Move(statements.next(tables)) : null;
        int[] later = {0};
        Source late = tables -> {
            int number = later[0]++;
            boolean restart = number == MOVES / 2 && plan.features().contains(Feature.RESTART);
            return restart ? Move.restart() : number < MOVES ? new Move(statements.next(tables)) : null;
        };
        return run.play(early, late);
    }

    /** Runs given statements, in a database of another name; null if the failure does not come again. */
    private Outcome replay(Plan plan, Servers servers, Outcome failed, List<Move> early, List<Move> moves)
            throws Exception {
        Run run = new Run(plan, servers);
        String database = run.scene.database();
        Outcome outcome = run.play(from(early, failed.database(), database), from(moves, failed.database(), database));
        return outcome.failure() != null && outcome.kind().equals(failed.kind()) ? outcome : null;
    }

    private static Source from(List<Move> moves, String database, String other) {
        List<Move> left = new ArrayList<>(moves);
        return tables -> left.isEmpty()
                ? null
                : new Move(left.remove(0).steps().stream()
                        .map(step -> new Step(step.session(), step.sql().replace(database, other)))
                        .toList());
    }

    /** Leaves out statements as long as the failure stays: first those about other tables, then halves, quarters and so on. */
    private Outcome reduce(Plan plan, Servers servers, Outcome failed) throws Exception {
        long deadline = System.nanoTime()
                + Duration.ofSeconds(Long.getLong("statements.reduce", 90)).toNanos();
        Outcome best = failed;
        Outcome shorter = keeping(plan, servers, best, move -> move.concerns(failed.table()));
        best = shorter == null ? best : shorter;
        for (int chunk = size(best); chunk > 0; chunk /= 2) {
            boolean removed = true;
            while (removed) {
                removed = false;
                for (int from = size(best) - 1; from >= 0; from -= chunk) {
                    if (System.nanoTime() > deadline) {
                        return best;
                    }
                    Outcome smaller = without(plan, servers, best, Math.max(0, from - chunk + 1), from + 1);
                    if (smaller != null) {
                        best = smaller;
                        removed = chunk == 1;
                    }
                }
            }
        }
        return best;
    }

    private static int size(Outcome outcome) {
        return outcome.early().size() + outcome.moves().size();
    }

    private Outcome keeping(Plan plan, Servers servers, Outcome failed, Predicate<Move> kept) throws Exception {
        return replay(
                plan,
                servers,
                failed,
                failed.early().stream().filter(kept).toList(),
                failed.moves().stream().filter(kept).toList());
    }

    private Outcome without(Plan plan, Servers servers, Outcome failed, int from, int to) throws Exception {
        int early = failed.early().size();
        List<Move> before = IntStream.range(0, early)
                .filter(i -> i < from || i >= to)
                .mapToObj(failed.early()::get)
                .toList();
        List<Move> after = IntStream.range(early, early + failed.moves().size())
                .filter(i -> i < from || i >= to)
                .mapToObj(i -> failed.moves().get(i - early))
                .toList();
        return replay(plan, servers, failed, before, after);
    }

    private static String script(Outcome outcome, Plan plan) {
        List<String> lines = new ArrayList<>();
        outcome.early().forEach(move -> addLines(lines, move, plan));
        lines.add("-- start of the monitor");
        outcome.moves().forEach(move -> addLines(lines, move, plan));
        return String.join("\n", lines);
    }

    private static void addLines(List<String> lines, Move move, Plan plan) {
        for (Step step : move.steps()) {
            lines.add(
                    step.session() == RESTART
                            ? "-- restart of the monitor"
                            : "/* " + step.session() + " " + plan.clients().get(step.session() - 1) + " */ "
                                    + step.sql() + "\n;");
        }
    }

    /** One database, one monitor, and statements. */
    private final class Run {

        private final Plan plan;
        private final Servers servers;
        private final Path directory;
        private final Scene scene;
        private final SelectedTables selected;
        private final Map<Integer, Connection> connections = new HashMap<>();
        private final List<Executed> executed = new ArrayList<>();
        private final Map<Integer, Integer> refused = new TreeMap<>();
        private final List<Move> early = new ArrayList<>();
        private final List<Move> moves = new ArrayList<>();
        private final RunningMonitor monitor;
        private Map<String, Content> content;

        Run(Plan plan, Servers servers) throws Exception {
            this.plan = plan;
            this.servers = servers;
            this.directory = Files.createDirectories(folder.resolve("run" + runs++));
            this.scene = new Scene(directory, servers);
            scene.expectUncounted("the tables are compared");
            this.selected = new SelectedTables(servers.mysql().connect(), scene.database());
            scene.sql("CREATE TABLE marker (id INT PRIMARY KEY)");
            this.content = selected.content();
            this.monitor = new RunningMonitor(
                    scene,
                    "monitor.dedupe.window",
                    plan.window(),
                    "monitor.message.types",
                    "table_truncate,schema_change");
        }

        int version() throws SQLException {
            try (Connection connection = servers.mysql().connect()) {
                return connection.getMetaData().getDatabaseMajorVersion() * 100
                        + connection.getMetaData().getDatabaseMinorVersion();
            }
        }

        Outcome play(Source before, Source after) throws Exception {
            try {
                playAll(before, early);
                Map<String, Content> beginning = content;
                monitor.start();
                playAll(after, moves);
                return finish(beginning);
            } finally {
                monitor.stop();
                for (Connection connection : connections.values()) {
                    connection.close();
                }
                selected.close();
                scene.close();
            }
        }

        private void playAll(Source source, List<Move> played) throws Exception {
            for (Move move = source.next(definitions()); move != null; move = source.next(definitions())) {
                played.add(move);
                for (Step step : move.steps()) {
                    if (step.session() == RESTART) {
                        monitor.stop();
                        monitor.start();
                    } else {
                        execute(step);
                    }
                }
            }
        }

        private Map<String, Table> definitions() {
            return content.values().stream().map(Content::table).collect(Collectors.toMap(Table::name, table -> table));
        }

        private void execute(Step step) throws SQLException {
            Place from = selected.place();
            try (Statement statement = connection(step.session()).createStatement()) {
                statement.setEscapeProcessing(false);
                statement.execute(step.sql());
            } catch (SQLException e) {
                if (Boolean.getBoolean("statements.refused")) {
                    System.err.println("Refused: " + step.sql() + ": " + e.getMessage());
                }
                refused.merge(e.getErrorCode(), 1, Integer::sum);
            }
            Place to = selected.place();
            Map<String, Content> before = content;
            if (!to.equals(from)) {
                content = selected.content();
            }
            executed.add(new Executed(step, from, to, before, content));
        }

        private Connection connection(int session) throws SQLException {
            Connection connection = connections.get(session);
            if (connection == null) {
                Servers.Mysql mysql = servers.mysql();
                connection = DriverManager.getConnection(
                        "jdbc:mysql://" + mysql.host() + ":" + mysql.port() + "/" + scene.database()
                                + "?sslMode=PREFERRED&allowPublicKeyRetrieval=true&characterEncoding="
                                + plan.clients().get(session - 1).encoding(),
                        mysql.user(),
                        mysql.password());
                try (Statement statement = connection.createStatement()) {
                    statement.execute("SET SESSION lock_wait_timeout = 2");
                }
                connections.put(session, connection);
            }
            return connection;
        }

        private Outcome finish(Map<String, Content> beginning) throws Exception {
            scene.sql("INSERT INTO marker VALUES (1)");
            long deadline = System.nanoTime() + SILENCE.toNanos();
            await("the last row")
                    .pollInterval(Duration.ofMillis(10))
                    .atMost(SILENCE.multipliedBy(2))
                    .until(() -> monitor.halted().isPresent() || hasMarker() || System.nanoTime() > deadline);
            String stop = monitor.halted().orElse(null);
            String failure = stop == null && !hasMarker()
                    ? "silence: neither the last row nor a stop in " + SILENCE.toSeconds() + " s"
                    : check(beginning, stop);
            String figures = executed.size() + " statements, refused by error " + refused + ", "
                    + scene.changes().size() + " messages";
            return new Outcome(scene.database(), failure, stop, early, moves, figures);
        }

        private boolean hasMarker() {
            return scene.changes().stream()
                    .anyMatch(message ->
                            "marker".equals(table(message)) && message.type().startsWith("row_"));
        }

        private String check(Map<String, Content> beginning, String stop) throws Exception {
            TableModel model = new TableModel();
            beginning.forEach(model::load);
            Executed last = stop == null ? null : stoppedAt(stop);
            if (stop != null) {
                String reason = checkReason(stop, last);
                if (reason != null) {
                    return reason;
                }
            }
            Set<String> ids = new HashSet<>();
            for (Received message : scene.changes()) {
                Place place = place(message);
                if (!ids.add(message.properties().getMessageId()) || "marker".equals(table(message))) {
                    continue;
                }
                if (last != null && place.compareTo(last.from()) >= 0) {
                    continue;
                }
                String misfit = apply(model, message, place);
                if (misfit != null) {
                    return misfit + "\n" + message.body() + "\nof " + at(place);
                }
            }
            Map<String, Content> expected = last == null ? content : last.before();
            Set<String> tables = new TreeSet<>(expected.keySet());
            tables.addAll(beginning.keySet());
            executed.forEach(each -> tables.addAll(each.after().keySet()));
            tables.remove("marker");
            for (String table : tables) {
                String difference = model.difference(table, expected.get(table));
                if (difference != null) {
                    return "difference at the " + (last == null ? "end" : "stop") + ": table " + table + ", "
                            + difference;
                }
            }
            return null;
        }

        private String apply(TableModel model, Received message, Place place) throws Exception {
            JsonNode body = SelectedTables.JSON.readTree(message.body());
            String table = table(message);
            switch (message.type()) {
                case "row_insert", "row_update", "row_delete" -> {
                    String misfit = model.apply(body);
                    return misfit == null ? null : "misfit: " + misfit;
                }
                case "table_truncate" -> model.clear(table);
                case "schema_change" -> {
                    return applySchemaChange(model, body, table, place);
                }
                default -> {
                    return "unexpected message";
                }
            }
            return null;
        }

        private String applySchemaChange(TableModel model, JsonNode body, String table, Place place) {
            Executed statement = executed.stream()
                    .filter(each -> each.holds(place))
                    .findFirst()
                    .orElse(null);
            if (statement == null) {
                return "no statement: none was executed at the position of the message";
            }
            switch (body.get("kind").asText()) {
                case "create" -> model.clear(table);
                case "drop" -> model.drop(table);
                case "rename" -> {
                    String former = body.get("former_name").asText();
                    model.rename(former.substring(former.indexOf('.') + 1), table);
                    if (body.get("ddl").asText().matches("(?is).*\\bALTER\\b.*")) {
                        model.load(table, statement.after().get(table));
                    }
                }
                case "alter" -> {
                    String difference =
                            model.difference(table, statement.before().get(table));
                    if (difference != null) {
                        return "difference before a statement: table " + table + ", " + difference;
                    }
                    model.load(table, statement.after().get(table));
                }
                case "database" -> {
                    // says nothing of rows: tables are not dropped by it here
                }
                default -> {
                    return "unknown kind";
                }
            }
            return null;
        }

        private String at(Place place) {
            return executed.stream()
                    .filter(each -> each.holds(place))
                    .map(each -> each.step().toString())
                    .findFirst()
                    .orElse(place.toString());
        }

        /** The first statement that capture has not read, as it says. */
        private Executed stoppedAt(String stop) {
            Matcher matcher = POSITION.matcher(stop);
            Executed earliest = null;
            while (matcher.find()) {
                Place place = new Place(matcher.group(1), Long.parseLong(matcher.group(2)));
                Executed at = executed.stream()
                        .filter(each -> each.holds(place))
                        .findFirst()
                        .orElse(null);
                if (at != null && (earliest == null || at.from().compareTo(earliest.from()) < 0)) {
                    earliest = at;
                }
            }
            return earliest;
        }

        private String checkReason(String stop, Executed last) {
            if (last == null) {
                return "no place: capture stopped and does not say where: " + stop;
            }
            boolean definition = last.step().sql().matches("(?is).*\\b(CREATE|ALTER|DROP|RENAME|TRUNCATE)\\b.*")
                    || stop.contains("default value for"); // which names the checkpoint, and no place of its own
            List<String> settings = plan.features().stream()
                    .filter(SETTINGS::containsKey)
                    .map(SETTINGS::get)
                    .toList();
            if (!definition && !settings.isEmpty() && settings.stream().noneMatch(stop::contains)) {
                return "untrue reason: capture stopped at " + last.step() + ", and says: " + stop;
            }
            return null;
        }
    }

    private static String table(Received message) {
        Object table = message.properties().getHeaders().get("table");
        return table == null ? null : table.toString();
    }

    private static Place place(Received message) {
        Map<String, Object> headers = message.properties().getHeaders();
        return new Place(headers.get("binlog_file").toString(), ((Number) headers.get("binlog_position")).longValue());
    }
}

package io.mysqlmonitor.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.change.BinlogOrigin;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.Gap;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.Pending;
import io.mysqlmonitor.server.BinlogSearch;
import io.mysqlmonitor.server.MysqlServer;
import io.mysqlmonitor.server.StartRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is stored before the first engine starts, by what a server would say. */
class StartingPointTest {

    private static final BinlogPosition BEGIN = place("binlog.000001", 4);
    private static final BinlogPosition STORED = place("binlog.000003", 700);
    private static final BinlogPosition END = place("binlog.000005", 900);
    private static final BinlogOrigin ORIGIN = new BinlogOrigin("server", "binlog.000003", Instant.EPOCH);

    @TempDir
    private Path data;

    private CheckpointKeeper keeper;
    private EngineEnd engineEnd;
    private final Server server = new Server();
    private final List<Gap> gaps = new ArrayList<>();

    @BeforeEach
    void setUp() {
        Clock clock = Clock.systemUTC();
        keeper = new CheckpointKeeper(
                "monitor",
                data.resolve("checkpoint.json"),
                data.resolve("schema-history.jsonl"),
                10,
                1_000,
                clock,
                clock);
        engineEnd = new EngineEnd(keeper, false, false);
    }

    @AfterEach
    void tearDown() {
        keeper.release();
    }

    @Test
    void shouldStartWithoutACheckpointWhereItWasTold() throws Exception {
        assertThat(choose("latest", "stop", status(true))).isEmpty();

        assertThat(keeper.place()).contains(END);
        assertThat(keeper.pending()).isEqualTo(Pending.SCHEMA);
        assertThat(keeper.origin()).contains(ORIGIN);
    }

    @Test
    void shouldReadAllTablesFirstWhenToldTo() throws Exception {
        assertThat(choose("snapshot", "stop", status(true))).isEmpty();

        assertThat(keeper.place()).contains(END);
        assertThat(keeper.pending()).isEqualTo(Pending.SNAPSHOT);
    }

    @Test
    void shouldSayWhyAStartIsNotPossible() throws Exception {
        server.refusal = "there is no such file";

        assertThat(choose("binlog.000009:4", "stop", status(true)).orElseThrow())
                .contains("monitor.start=binlog.000009:4", "there is no such file");
        assertThat(keeper.place()).isEmpty();
    }

    @Test
    void shouldGoOnFromTheCheckpoint() throws Exception {
        stored();

        assertThat(choose("earliest", "stop", status(true))).isEmpty();

        assertThat(keeper.place()).contains(STORED);
        assertThat(keeper.pending()).isEqualTo(Pending.NOTHING);
        assertThat(gaps).isEmpty();
    }

    @Test
    void shouldNotStartWhereTheServerNoLongerHasWhatFollows() throws Exception {
        stored();

        assertThat(choose("latest", "stop", status(false)).orElseThrow())
                .contains(STORED.toString(), "monitor.on-gap=earliest", "mysql.host");

        assertThat(keeper.place()).contains(STORED);
        assertThat(gaps).isEmpty();
    }

    @Test
    void shouldPublishAGapBeforeItGoesOnElsewhere() throws Exception {
        stored();

        assertThat(choose("latest", "latest", status(false))).isEmpty();

        assertThat(gaps).containsExactly(new Gap(STORED, END));
        assertThat(keeper.place()).contains(END);
        assertThat(keeper.pending()).isEqualTo(Pending.SCHEMA);
    }

    @Test
    void shouldGoOnFromTheEarliestAfterAGap() throws Exception {
        stored();

        assertThat(choose("latest", "earliest", status(false))).isEmpty();

        assertThat(gaps).containsExactly(new Gap(STORED, BEGIN));
        assertThat(keeper.place()).contains(BEGIN);
    }

    @Test
    void shouldTakeAnotherServerForAGap() throws Exception {
        stored();
        keeper.belongsTo(ORIGIN);
        server.contradiction = "it is of the server a, and this one is b";

        assertThat(choose("latest", "stop", status(true)).orElseThrow()).contains("it is of the server a");
    }

    @Test
    void shouldTakeAPlaceWithoutAnEventForAGap() throws Exception {
        stored();
        Throwable refused = new IOException("bogus data in log event");
        engineEnd.refusal(refused);
        engineEnd.refusal(refused);

        assertThat(choose("latest", "stop", status(true))).isPresent();
    }

    @Test
    void shouldNotGuessLostDefinitions() throws Exception {
        stored();
        Files.delete(data.resolve("schema-history.jsonl"));

        assertThat(choose("latest", "stop", status(true)).orElseThrow())
                .contains("schema-history.jsonl is lost", "monitor.on-schema-loss=rebuild");

        assertThat(keeper.pending()).isEqualTo(Pending.NOTHING);
    }

    @Test
    void shouldRebuildLostDefinitionsWhenToldTo() throws Exception {
        stored();
        Files.delete(data.resolve("schema-history.jsonl"));
        StartingPoint start = new StartingPoint(keeper, server, "latest", "stop", true, engineEnd);

        assertThat(start.choose(status(true), gaps::add)).isEmpty();

        assertThat(keeper.pending()).isEqualTo(Pending.SCHEMA);
        assertThat(keeper.place()).contains(STORED);
    }

    private void stored() throws IOException {
        keeper.beginAt(STORED, Pending.NOTHING);
        Files.writeString(data.resolve("schema-history.jsonl"), "{}\n");
    }

    private Optional<String> choose(String start, String onGap, MysqlServer.Status status)
            throws IOException, SQLException {
        return new StartingPoint(keeper, server, start, onGap, false, engineEnd).choose(status, gaps::add);
    }

    private static MysqlServer.Status status(boolean available) {
        return new MysqlServer.Status(
                "MySQL 9.7.4", false, false, false, false, List.of(), BEGIN, END, available, "server", true);
    }

    private static BinlogPosition place(String file, long position) {
        return new BinlogPosition(file, position, "");
    }

    /** What a server answers. */
    private static final class Server implements Places {

        private String refusal;
        private String contradiction;

        @Override
        public BinlogSearch.Found find(String start, MysqlServer.Status status) throws StartRefusedException {
            if (refusal != null) {
                throw new StartRefusedException(refusal);
            }
            return new BinlogSearch.Found(END, null);
        }

        @Override
        public List<String> tablesDefinedSince(Instant time) {
            return List.of();
        }

        @Override
        public BinlogOrigin origin(MysqlServer.Status status) {
            return ORIGIN;
        }

        @Override
        public Optional<String> contradiction(
                BinlogOrigin origin, BinlogPosition checkpoint, MysqlServer.Status status) {
            return Optional.ofNullable(contradiction);
        }
    }
}

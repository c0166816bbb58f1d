package io.mysqlmonitor.supervise;

import io.mysqlmonitor.change.BinlogOrigin;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.Gap;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.Pending;
import io.mysqlmonitor.checkpoint.SchemaHistoryDamagedException;
import io.mysqlmonitor.server.BinlogSearch;
import io.mysqlmonitor.server.MysqlServer;
import io.mysqlmonitor.server.StartRefusedException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides where capture begins, and stores that as the checkpoint: where the last checkpoint is, or, if there is none,
 * where {@code monitor.start} says.
 *
 * <p>If the server no longer has what follows the checkpoint ({@code monitor.on-gap}), or the table definitions that belong to it
 * are lost ({@code monitor.on-schema-loss}), it begins nowhere unless it was told what to do: it never begins somewhere else in
 * silence.
 */
final class StartingPoint {

    private static final Logger LOG = LoggerFactory.getLogger(StartingPoint.class);

    private static final String SNAPSHOT = "snapshot";

    private final CheckpointKeeper keeper;
    private final Places search;
    private final String start;
    private final String onGap;
    private final boolean rebuildsSchema;
    private final EngineEnd engineEnd;

    /**
     * @param search finds the start in the binary log
     * @param start {@code monitor.start}
     * @param onGap {@code stop}, {@code latest} or {@code earliest}
     * @param rebuildsSchema whether lost table definitions are made again from the tables as they are now
     * @param engineEnd knows where the server found no event
     */
    StartingPoint(
            CheckpointKeeper keeper,
            Places search,
            String start,
            String onGap,
            boolean rebuildsSchema,
            EngineEnd engineEnd) {
        this.keeper = keeper;
        this.search = search;
        this.start = start;
        this.onGap = onGap;
        this.rebuildsSchema = rebuildsSchema;
        this.engineEnd = engineEnd;
    }

    /**
     * @param server what the server says of itself
     * @param publish publishes a gap message and returns when it is confirmed
     * @return why capture cannot begin, and what to do about it; empty if it can
     * @throws IOException if the checkpoint cannot be written
     * @throws SQLException if the start cannot be looked for
     */
    Optional<String> choose(MysqlServer.Status server, Consumer<Gap> publish) throws IOException, SQLException {
        Optional<BinlogPosition> checkpoint = keeper.place();
        if (keeper.isSnapshotPending()) {
            LOG.warn("The snapshot was not finished and starts again; rows already published are published again");
            warnOfDefinitions(search.tablesDefinedSince(keeper.storedAt().orElseThrow()));
        }
        if (checkpoint.isEmpty()) {
            try {
                begin(search.find(start.equals(SNAPSHOT) ? "latest" : start, server));
            } catch (StartRefusedException e) {
                return Optional.of("monitor.start=" + start + " is not possible: " + e.getMessage());
            }
        }
        Optional<String> why = checkpoint.isEmpty() ? Optional.empty() : gap(checkpoint.get(), server);
        if (why.isPresent()) {
            if (onGap.equals("stop")) {
                return why;
            }
            boolean latest = onGap.equals("latest");
            BinlogPosition to = latest ? server.end() : server.begin();
            LOG.warn("{} monitor.on-gap={}: continuing from {}", why.get(), onGap, to);
            publish.accept(new Gap(checkpoint.get(), to));
            warnOfDefinitions(
                    latest
                            ? List.of()
                            : search.tablesDefinedSince(keeper.storedAt().orElseThrow()));
            keeper.beginAgainAt(to, Pending.SCHEMA); // what was missed may have altered tables
        }
        if (server.gtids()
                && server.begin().gtids().isEmpty()
                && keeper.place().orElseThrow().gtids().isEmpty()) {
            // Debezium's binlog client cannot ask for all GTIDs if it knows the name of a file.
            if (why.isPresent()) {
                keeper.beginAgainAt(BinlogPosition.BEGIN, Pending.SCHEMA);
            } else {
                keeper.beginAt(BinlogPosition.BEGIN, Pending.SCHEMA);
            }
        }
        Optional<String> refusal = chooseSchema();
        if (refusal.isEmpty()) {
            BinlogOrigin origin = search.origin(server);
            if (checkpoint.isPresent() && keeper.origin().isEmpty() && why.isEmpty()) {
                LOG.info("The checkpoint does not name its server; assuming it belongs to {}", origin.server());
            }
            keeper.belongsTo(origin);
        }
        return refusal;
    }

    private void begin(BinlogSearch.Found found) throws IOException, SQLException {
        if (start.equals(SNAPSHOT)) {
            keeper.beginAt(found.place(), Pending.SNAPSHOT);
            LOG.info(
                    "monitor.start=snapshot: publishing the rows of all tables, then the changes from {} on",
                    found.place());
            return;
        }
        keeper.beginAt(found.place(), Pending.SCHEMA);
        if (!start.equals("latest")) {
            LOG.info("monitor.start={}: starting at {}", start, found.place());
            warnOfDefinitions(found.time() == null ? List.of() : search.tablesDefinedSince(found.time()));
        }
    }

    private static void warnOfDefinitions(List<String> tables) {
        if (!tables.isEmpty()) {
            LOG.warn(
                    "Current table definitions are used. Created or altered since the start position: {}. Older changes of "
                            + "these tables may get wrong columns or stop capture.",
                    String.join(", ", tables));
        }
    }

    /** Why the changes after the checkpoint are not those that the server would send. */
    private Optional<String> gap(BinlogPosition checkpoint, MysqlServer.Status server) throws SQLException {
        String because = "";
        if (engineEnd.isWithoutEvent(checkpoint)) {
            because = ": no event starts there";
        } else if (keeper.origin().isPresent()) {
            because = search.contradiction(keeper.origin().get(), checkpoint, server)
                    .map(contradiction -> ": " + contradiction)
                    .orElse("");
        }
        if (server.available() && because.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                "the checkpoint " + checkpoint + " of " + keeper.storedAt().orElseThrow()
                        + " is no longer in the server's binary log, which covers " + server.begin() + " to "
                        + server.end()
                        + because
                        + (checkpoint.gtids().isEmpty() ? "" : "; GTID set of the checkpoint: " + checkpoint.gtids())
                        + ". Changes were missed: set monitor.on-gap=earliest to continue from the oldest available change, or latest to "
                        + "continue from the end, and reload your consumers' copies; if it is the wrong server, correct mysql.host.");
    }

    private Optional<String> chooseSchema() throws IOException {
        String loss;
        try {
            if (keeper.prepareSchemaHistory() || keeper.pending() != Pending.NOTHING) {
                return Optional.empty();
            }
            loss = "schema history " + keeper.schemaHistoryFile() + " is lost";
        } catch (SchemaHistoryDamagedException e) {
            loss = e.getMessage();
        }
        if (!rebuildsSchema) {
            return Optional.of(loss + ". Restore it from a backup; or, if no table was altered since "
                    + keeper.storedAt().orElseThrow()
                    + ", set monitor.on-schema-loss=rebuild to rebuild it from the "
                    + "current tables.");
        }
        LOG.warn("{}. monitor.on-schema-loss=rebuild: rebuilding the definitions from the current tables", loss);
        keeper.rebuildSchema();
        keeper.prepareSchemaHistory();
        return Optional.empty();
    }
}

package io.mysqlmonitor;

import io.mysqlmonitor.capture.BinlogSearch;
import io.mysqlmonitor.capture.MysqlServer;
import io.mysqlmonitor.capture.StartRefusedException;
import io.mysqlmonitor.capture.UnreadableEventException;
import io.mysqlmonitor.capture.WrongDefinitionException;
import io.mysqlmonitor.change.BinlogCoordinates;
import io.mysqlmonitor.change.BinlogOrigin;
import io.mysqlmonitor.change.Gap;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.Pending;
import io.mysqlmonitor.checkpoint.SchemaHistoryDamagedException;
import io.mysqlmonitor.checkpoint.UnreadableStatementException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.camel.util.ObjectHelper;
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
    private final BinlogSearch search;
    private final String start;
    private final String onGap;
    private final boolean rebuildsSchema;
    private final boolean passesUnreadable;

    // touched by the supervisor's thread alone
    private String rebuiltFor;
    private String refusedAt; // where the server last found no event
    private String unreadable; // where it did so twice
    private String heapFullAt; // where an engine last ran out of memory

    /**
     * @param search finds the start in the binary log
     * @param start {@code monitor.start}
     * @param onGap {@code stop}, {@code latest} or {@code earliest}
     * @param rebuildsSchema whether lost table definitions are made anew from the tables as they are now
     * @param passesUnreadable whether events that cannot be read are passed over, with a gap message in their place
     */
    StartingPoint(
            CheckpointKeeper keeper,
            BinlogSearch search,
            String start,
            String onGap,
            boolean rebuildsSchema,
            boolean passesUnreadable) {
        this.keeper = keeper;
        this.search = search;
        this.start = start;
        this.onGap = onGap;
        this.rebuildsSchema = rebuildsSchema;
        this.passesUnreadable = passesUnreadable;
    }

    /**
     * @param server what the server says of itself
     * @param publish publishes a gap message and returns when it is confirmed
     * @return why capture cannot begin, and what to do about it; empty if it can
     * @throws IOException if the checkpoint cannot be written
     * @throws SQLException if the start cannot be looked for
     */
    Optional<String> choose(MysqlServer.Status server, Consumer<Gap> publish) throws IOException, SQLException {
        Optional<BinlogCoordinates> checkpoint = keeper.coordinates();
        if (keeper.isSnapshotPending()) {
            LOG.warn("The snapshot was not finished, and begins anew; rows that were published come again");
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
            BinlogCoordinates to = latest ? server.end() : server.begin();
            LOG.warn("{} monitor.on-gap={}: going on from {}", why.get(), onGap, to);
            publish.accept(new Gap(checkpoint.get(), to));
            warnOfDefinitions(
                    latest
                            ? List.of()
                            : search.tablesDefinedSince(keeper.storedAt().orElseThrow()));
            keeper.beginAgainAt(to, Pending.SCHEMA); // what was missed may have altered tables
        }
        if (server.gtids()
                && server.begin().gtids().isEmpty()
                && keeper.coordinates().orElseThrow().gtids().isEmpty()) {
            // Debezium's binlog client cannot ask for all GTIDs if it knows the name of a file.
            if (why.isPresent()) {
                keeper.beginAgainAt(BinlogCoordinates.BEGIN, Pending.SCHEMA);
            } else {
                keeper.beginAt(BinlogCoordinates.BEGIN, Pending.SCHEMA);
            }
        }
        Optional<String> refusal = chooseSchema();
        if (refusal.isEmpty()) {
            BinlogOrigin origin = search.origin(server);
            if (checkpoint.isPresent() && keeper.origin().isEmpty() && why.isEmpty()) {
                LOG.info(
                        "The checkpoint does not say of which server it is: it is taken for one of {}",
                        origin.server());
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
            LOG.info("monitor.start={}: beginning at {}", start, found.place());
            warnOfDefinitions(found.time() == null ? List.of() : search.tablesDefinedSince(found.time()));
        }
    }

    private static void warnOfDefinitions(List<String> tables) {
        if (!tables.isEmpty()) {
            LOG.warn(
                    "Tables are read as they are defined now. Created or altered since the start: {}. Changes from before an "
                            + "alteration may get wrong columns, or stop capture.",
                    String.join(", ", tables));
        }
    }

    /** Why the changes after the checkpoint are not those that the server would send. */
    private Optional<String> gap(BinlogCoordinates checkpoint, MysqlServer.Status server) throws SQLException {
        String because = "";
        if (checkpoint.toString().equals(unreadable)) {
            because = ": no event begins there";
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
                        + " is not in the server's binary log (any more), which reaches from " + server.begin() + " to "
                        + server.end()
                        + because
                        + (checkpoint.gtids().isEmpty() ? "" : "; GTID set of the checkpoint: " + checkpoint.gtids())
                        + ". Changes were missed: set monitor.on-gap=earliest to go on from the first that is there or latest to go on "
                        + "from the end, and reload what your consumers hold; if it is the wrong server, correct mysql.host.");
    }

    /** Whether events that may hold changes and cannot be read are passed over, with a gap message in their place. */
    boolean passesUnreadable() {
        return passesUnreadable;
    }

    /**
     * Decides what to do when the engine ended because it met an event that cannot be read, or does not know how a table is defined.
     *
     * @param cause why the engine ended
     * @return why capture cannot go on, and what to do about it; empty if it can, by definitions to be read anew if need be
     * @throws IOException if the checkpoint cannot be written
     */
    Optional<String> afterEnd(Throwable cause) throws IOException {
        UnreadableEventException unreadableEvent = ObjectHelper.getException(UnreadableEventException.class, cause);
        if (unreadableEvent != null) {
            return Optional.of(unreadableEvent.getMessage()
                    + ". Nothing is lost, and nothing after it is read: have the server and each session log whole rows, and set "
                    + "monitor.on-unreadable=gap to go on with a gap message in its place; consumers then have to load again what they "
                    + "hold of these tables.");
        }
        if (ObjectHelper.getException(OutOfMemoryError.class, cause) != null) {
            // Once may be an accident, and confirms make room.
            boolean again = keeper.position().equals(heapFullAt);
            heapFullAt = keeper.position();
            return again
                    ? Optional.of(
                            "a change after " + heapFullAt + " does not fit into memory: " + MysqlServer.OUT_OF_MEMORY
                                    + ", about ten times the size of the row, or leave the table or the column out with mysql.tables.exclude or "
                                    + "mysql.columns.exclude. Nothing is lost, and nothing after it is read.")
                    : Optional.empty();
        }
        if (isPositionRefused(cause)) {
            // Once may be an accident. The next start takes it for a gap.
            unreadable = keeper.position().equals(refusedAt) ? refusedAt : unreadable;
            refusedAt = keeper.position();
            return Optional.empty();
        }
        Optional<String> problem = definitionProblem(cause);
        if (problem.isEmpty()) {
            return problem;
        }
        String what = problem.get();
        if (!rebuildsSchema) {
            return Optional.of(what
                    + ". Nothing is lost, and nothing after it is read: set monitor.on-schema-loss=rebuild to go on "
                    + "by the definitions of the tables as they are now, which is right if no other watched table was altered since "
                    + keeper.position() + "; or leave the table out with mysql.tables.exclude.");
        }
        String problemAtPlace = what + keeper.position();
        if (problemAtPlace.equals(rebuiltFor)) {
            return Optional.of(what
                    + ". The definitions were read anew from the tables, and that did not help. Nothing is lost: leave "
                    + "the table out with mysql.tables.exclude.");
        }
        LOG.warn("{}. monitor.on-schema-loss=rebuild: definitions are read anew from the tables as they are now", what);
        keeper.rebuildSchema();
        rebuiltFor = problemAtPlace;
        return Optional.empty();
    }

    /** Whether the server finds no event where it was told to begin, as in the middle of one. */
    private static boolean isPositionRefused(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            String message = String.valueOf(each.getMessage());
            if (message.contains("log event entry exceeded max_allowed_packet")
                    || message.contains("bogus data in log event")
                    || message.contains("binlog truncated in the middle of event")
                    || message.contains("event read from binlog did not pass c")) {
                return true;
            }
        }
        return false;
    }

    /** Debezium has no exceptions of their own for these. */
    private static Optional<String> definitionProblem(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            String message = String.valueOf(each.getMessage());
            if (each instanceof UnreadableStatementException
                    || each instanceof WrongDefinitionException
                    || message.startsWith("Error processing row in ") && message.contains("internal schema size")
                    || message.startsWith("Unexpected value for JDBC type ")
                    || message.startsWith("Failed to properly convert d") // a default value or a data value
                    || message.endsWith("whose schema isn't known to this connector")) {
                return Optional.of(message.replace(", restart connector with schema recovery mode.", ""));
            }
        }
        return Optional.empty();
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
            return Optional.of(loss + ". Put a backup in its place; or, if no table was altered since "
                    + keeper.storedAt().orElseThrow()
                    + ", set monitor.on-schema-loss=rebuild to make it anew from the tables "
                    + "as they are now.");
        }
        LOG.warn("{}. monitor.on-schema-loss=rebuild: it is made anew from the tables as they are now", loss);
        keeper.rebuildSchema();
        keeper.prepareSchemaHistory();
        return Optional.empty();
    }
}

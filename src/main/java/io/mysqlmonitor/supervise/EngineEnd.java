package io.mysqlmonitor.supervise;

import io.mysqlmonitor.binlog.UnreadableEventException;
import io.mysqlmonitor.binlog.WrongDefinitionException;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.UnreadableStatementException;
import io.mysqlmonitor.server.MysqlServer;
import java.io.IOException;
import java.util.Optional;
import org.apache.camel.util.ObjectHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of capture when its engine has ended: most ends are tried again, but an event that cannot be read, a definition that is
 * wrong or a row that does not fit into memory would end the next engine at the same place.
 *
 * <p>For the supervisor's thread.
 */
final class EngineEnd {

    private static final Logger LOG = LoggerFactory.getLogger(EngineEnd.class);

    private final CheckpointKeeper keeper;
    private final boolean rebuildsSchema;
    private final boolean passesUnreadable;

    private String rebuiltFor;
    private String refusedAt; // where the server last found no event
    private String withoutEvent; // where it did so twice
    private String heapFullAt; // where an engine last ran out of memory

    /**
     * @param rebuildsSchema whether lost table definitions are made again from the tables as they are now
     * @param passesUnreadable whether events that cannot be read are passed over, with a gap message in their place
     */
    EngineEnd(CheckpointKeeper keeper, boolean rebuildsSchema, boolean passesUnreadable) {
        this.keeper = keeper;
        this.rebuildsSchema = rebuildsSchema;
        this.passesUnreadable = passesUnreadable;
    }

    /** Whether events that may hold changes and cannot be read are passed over, with a gap message in their place. */
    boolean passesUnreadable() {
        return passesUnreadable;
    }

    /** Whether the server found no event at a place, twice. */
    boolean isWithoutEvent(BinlogPosition place) {
        return place.toString().equals(withoutEvent);
    }

    /**
     * Why capture cannot go on after an engine ended.
     *
     * @param cause why the engine ended
     * @return the reason, and what to do about it; empty if the next engine may succeed, by definitions to be read again if need be
     * @throws IOException if the checkpoint cannot be written
     */
    Optional<String> refusal(Throwable cause) throws IOException {
        UnreadableEventException unreadableEvent = ObjectHelper.getException(UnreadableEventException.class, cause);
        if (unreadableEvent != null) {
            return Optional.of(unreadableEvent.getMessage()
                    + ". Nothing is lost; capture stopped before it. Make the server and every session log complete rows, and set "
                    + "monitor.on-unreadable=gap to publish a gap message instead and continue; consumers must then reload "
                    + "these tables.");
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
            withoutEvent = keeper.position().equals(refusedAt) ? refusedAt : withoutEvent;
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
                    + ". Nothing is lost, and nothing after it is read: set monitor.on-schema-loss=rebuild to continue "
                    + "with the current table definitions, which is right if no other watched table was altered since "
                    + keeper.position() + "; or leave the table out with mysql.tables.exclude.");
        }
        String problemAtPlace = what + keeper.position();
        if (problemAtPlace.equals(rebuiltFor)) {
            return Optional.of(what
                    + ". The definitions were read again from the tables, without success. Nothing is lost: leave "
                    + "the table out with mysql.tables.exclude.");
        }
        LOG.warn("{}. monitor.on-schema-loss=rebuild: rebuilding the definitions from the current tables", what);
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
}

package io.mysqlmonitor.supervise;

import io.mysqlmonitor.capture.CaptureEndpoint;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Snapshots of tables while changes go on. The engine takes a request at its start without a race: its signals are read on a thread
 * beside that of the binary log, and a row could come older than a change before it.
 *
 * <p>For the supervisor's thread.
 */
final class TableSnapshots {

    private static final Logger LOG = LoggerFactory.getLogger(CaptureSupervisor.class);

    private final SnapshotRequests requests;
    private final CheckpointKeeper keeper;
    private final Database database;
    private final CaptureRoute route;

    TableSnapshots(SnapshotRequests requests, CheckpointKeeper keeper, Database database, CaptureRoute route) {
        this.requests = requests;
        this.keeper = keeper;
        this.database = database;
        this.route = route;
    }

    /** Whether one is asked for and can begin. */
    boolean areRequested() {
        return requests.exist() && !keeper.isSnapshotPending();
    }

    /** Puts what is asked for into the checkpoint, for the next engine. */
    void begin() throws IOException, SQLException {
        if (!areRequested()) {
            return;
        }
        for (SnapshotRequests.Taken taken : requests.take()) {
            SnapshotRequests.Request request = taken.request();
            Optional<String> problem = database.tableSnapshotProblem(request.table(), request.where());
            if (problem.isEmpty() && !isWatched(request.table())) {
                problem = Optional.of("the monitor does not watch that table");
            }
            if (problem.isPresent()) {
                requests.reject(taken, problem.get());
                continue;
            }
            LOG.info(
                    "Snapshot of {}{} started; changes continue to flow",
                    request.table(),
                    request.where().isEmpty() ? "" : " where " + request.where());
            keeper.snapshot().begin(database.estimatedRows());
            keeper.snapshotTable(request.table(), request.where());
        }
        requests.done();
    }

    private boolean isWatched(String table) {
        int dot = table.indexOf('.');
        Optional<CaptureEndpoint> capture = route.endpoint();
        return capture.isEmpty() || capture.get().isWatched(table.substring(0, dot), table.substring(dot + 1));
    }
}

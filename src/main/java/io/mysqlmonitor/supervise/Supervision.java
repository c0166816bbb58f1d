package io.mysqlmonitor.supervise;

import io.mysqlmonitor.checkpoint.CaptureProgress;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.publish.Broker;
import io.mysqlmonitor.server.BinlogSearch;
import io.mysqlmonitor.server.MysqlServer;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;

/**
 * What a {@link CaptureSupervisor} supervises.
 *
 * @param captureRoute the id of the capture route
 * @param flow the ids of the routes that what is captured needs
 */
public record Supervision(
        CamelContext context,
        String captureRoute,
        List<String> flow,
        MysqlServer mysql,
        BinlogSearch search,
        Broker broker,
        CheckpointKeeper keeper,
        CaptureProgress progress,
        Windows windows,
        SnapshotRequests snapshotRequests) {

    /**
     * What is to be done where a person may choose.
     *
     * @param start {@code monitor.start}
     * @param onGap {@code stop}, {@code latest} or {@code earliest}
     * @param rebuildsSchema whether lost table definitions are made again from the tables as they are now
     * @param passesUnreadable whether events that cannot be read are passed over, with a gap message in their place
     */
    public record Choices(String start, String onGap, boolean rebuildsSchema, boolean passesUnreadable) {}

    /**
     * Makes the supervisor; it is to be started.
     *
     * @param halt told, once, why capture does not run and will not
     * @param timeOfDay the system's clock, which may be set
     * @param clock gives durations, and is not set back
     */
    public CaptureSupervisor supervisor(Choices choices, Consumer<String> halt, Clock timeOfDay, Clock clock) {
        CaptureRoute route = new CamelCaptureRoute(context, captureRoute, flow);
        Database database = Database.of(mysql);
        EngineEnd engineEnd = new EngineEnd(keeper, choices.rebuildsSchema(), choices.passesUnreadable());
        TableSnapshots snapshots = new TableSnapshots(snapshotRequests, keeper, database, route);
        SlowSteps steps = new SlowSteps(clock);
        CaptureStart start = new CaptureStart(
                route,
                database,
                Destination.of(broker),
                progress,
                keeper,
                new StartingPoint(
                        keeper,
                        Places.of(search),
                        choices.start(),
                        choices.onGap(),
                        choices.rebuildsSchema(),
                        engineEnd),
                engineEnd,
                new GapPublisher(context)::publish,
                snapshots,
                windows::close,
                steps);
        CaptureWatch watch = new CaptureWatch(progress, snapshots::areRequested, BackOff.LONGEST, clock);
        return new CaptureSupervisor(
                context,
                new CaptureControl(
                        route, database, progress, keeper, start, watch, engineEnd, windows, halt, steps, timeOfDay,
                        clock),
                steps);
    }
}

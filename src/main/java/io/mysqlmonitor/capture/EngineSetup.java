package io.mysqlmonitor.capture;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import io.debezium.bean.StandardBeanNames;
import io.debezium.config.CommonConnectorConfig;
import io.debezium.config.Configuration;
import io.debezium.connector.binlog.BinlogStreamingChangeEventSource;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import io.debezium.pipeline.EventDispatcher;
import io.debezium.pipeline.signal.actions.SignalAction;
import io.debezium.pipeline.signal.actions.SignalActionProvider;
import io.debezium.pipeline.source.spi.DataChangeEventListener;
import io.debezium.pipeline.source.spi.StreamingChangeEventSource;
import io.debezium.pipeline.spi.Partition;
import io.debezium.relational.HistorizedRelationalDatabaseSchema;
import io.debezium.spi.schema.DataCollectionId;
import io.mysqlmonitor.binlog.BinlogEventDeserializer;
import io.mysqlmonitor.binlog.LoggedTables;
import io.mysqlmonitor.binlog.UnreadableEvent;
import io.mysqlmonitor.binlog.UnreadableEventException;
import java.util.Map;

/**
 * Sets up the engines of {@link CaptureEndpoint}, and no others, right before they read the first event of the binary log: takes
 * the metrics of rows away, has the events read by a {@link BinlogEventDeserializer}, and hears of {@link ReaderErrors}.
 *
 * <p>For a JMX attribute, which the connectors of binary logs replace by another, Debezium writes each row as text, with a JSON mapper made for
 * each: a third of the work of the thread that reads the binary log. There is no option against it, and none for the deserializer. A provider of signal
 * actions, which this is in name only, is asked after Debezium has set its listener and made its client, and before the client connects.
 */
public final class EngineSetup implements SignalActionProvider {

    /** Property of the engines that are set up, with the name under which their {@link EngineHooks} are found. */
    static final String PROPERTY = "mysql-monitor.setup";

    @Override
    public <P extends Partition> Map<String, SignalAction<P>> createActions(
            EventDispatcher<P, ? extends DataCollectionId> dispatcher,
            ChangeEventSourceCoordinator<P, ?> coordinator,
            CommonConnectorConfig connector) {
        Configuration settings =
                connector.getBeanRegistry().lookupByName(StandardBeanNames.CONFIGURATION, Configuration.class);
        EngineHooks hooks = EngineHooks.of(settings.getString(PROPERTY));
        if (hooks != null) {
            dispatcher.setEventListener(DataChangeEventListener.NO_OP());
            BinlogStreamingChangeEventSource<?, ?> source = (BinlogStreamingChangeEventSource<?, ?>)
                    coordinator.getStreamingSource().orElseThrow();
            HistorizedRelationalDatabaseSchema schema = connector
                    .getBeanRegistry()
                    .lookupByName(StandardBeanNames.DATABASE_SCHEMA, HistorizedRelationalDatabaseSchema.class);
            hooks.onBegin().accept(schema);
            BinaryLogClient client = source.getBinaryLogClient();
            client.setEventDeserializer(new BinlogEventDeserializer(
                    hooks.watched(),
                    event -> {
                        hooks.unreadable().met(event);
                        publishGap(dispatcher, connector, source, event);
                    },
                    hooks.byGtid(),
                    connector.getEventProcessingFailureHandlingMode(),
                    () -> coordinator.getErrorHandler().getProducerThrowable() != null,
                    new LoggedTables(schema, source.getOffsetContext().eventsToSkipUponRestart() > 0)::met));
            client.registerLifecycleListener(new ReaderErrors(hooks.failed()));
        }
        return Map.of();
    }

    /** As a record among those of the rows around it. */
    private static void publishGap(
            EventDispatcher<?, ?> dispatcher,
            CommonConnectorConfig connector,
            StreamingChangeEventSource<?, ?> source,
            UnreadableEvent event)
            throws UnreadableEventException {
        try {
            dispatcher.enqueueNotification(GapRecord.of(
                    event, connector.getLogicalName(), source.getOffsetContext().getOffset()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreadableEventException(event); // which has no message yet
        }
    }
}

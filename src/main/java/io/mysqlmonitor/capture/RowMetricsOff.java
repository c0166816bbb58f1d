package io.mysqlmonitor.capture;

import io.debezium.bean.StandardBeanNames;
import io.debezium.config.CommonConnectorConfig;
import io.debezium.config.Configuration;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import io.debezium.pipeline.EventDispatcher;
import io.debezium.pipeline.signal.actions.SignalAction;
import io.debezium.pipeline.signal.actions.SignalActionProvider;
import io.debezium.pipeline.source.spi.DataChangeEventListener;
import io.debezium.pipeline.spi.Partition;
import io.debezium.spi.schema.DataCollectionId;
import java.util.Map;

/**
 * Takes the metrics of rows away from the engines of {@link CaptureEndpoint}, and from no others.
 *
 * <p>For a JMX attribute, which the connectors of binary logs replace by another, Debezium writes each row as text, with a JSON mapper made for
 * each: a third of the work of the thread that reads the binary log. There is no option against it. A provider of signal
 * actions, which this is in name only, is asked after Debezium has set its listener and before the first event is read.
 */
public final class RowMetricsOff implements SignalActionProvider {

    /** Property of the engines that go without. */
    static final String PROPERTY = "mysql-monitor.row-metrics.off";

    @Override
    public <P extends Partition> Map<String, SignalAction<P>> createActions(
            EventDispatcher<P, ? extends DataCollectionId> dispatcher,
            ChangeEventSourceCoordinator<P, ?> coordinator,
            CommonConnectorConfig connector) {
        Configuration settings =
                connector.getBeanRegistry().lookupByName(StandardBeanNames.CONFIGURATION, Configuration.class);
        if (settings.getBoolean(PROPERTY, false)) {
            dispatcher.setEventListener(DataChangeEventListener.NO_OP());
        }
        return Map.of();
    }
}

package io.mysqlmonitor.config;

import io.mysqlmonitor.capture.ConnectorSettings;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.checkpoint.CheckpointOffsetStore;
import io.mysqlmonitor.checkpoint.CheckpointSchemaHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the settings of the Debezium connector are made of. */
final class ConnectorMapping {

    private ConnectorMapping() {}

    static ConnectorSettings of(MonitorConfiguration configuration) {
        Map<String, String> own = configuration.below("");
        for (String list : List.of("mysql.databases", "mysql.tables")) {
            String include = own.get(list);
            String exclude = own.get(list + ".exclude");
            if (!include.isEmpty() && !exclude.isEmpty()) { // the connector takes one of the two
                own.put(list, without(include, exclude));
                own.remove(list + ".exclude");
            }
        }
        if (configuration.mysql().trustStore() != null) {
            own.put("mysql.ssl-ca", configuration.mysql().trustStore().toString());
        }
        if (configuration.mysql().keyStore() != null) {
            own.put("mysql.ssl-cert", configuration.mysql().keyStore().toString());
        }
        own.put("monitor.decimal", own.get("monitor.decimal").equals("string") ? "string" : "precise");
        own.put("monitor.operations", skipped(configuration.unwantedOperations()));
        own.put("monitor.in-flight.bytes", String.valueOf(configuration.bytesPerWindow()));
        return new ConnectorSettings(
                own,
                new ConnectorSettings.Storage(
                        CheckpointOffsetStore.class,
                        configuration.checkpointFile(),
                        CheckpointSchemaHistory.class,
                        configuration.schemaHistoryFile()),
                configuration.below(MonitorProperties.DEBEZIUM));
    }

    /** A list of regular expressions that match what one of {@code include} does and none of {@code exclude}. */
    private static String without(String include, String exclude) {
        String none = "(?!(?:" + String.join("|", Patterns.split(exclude)) + ")$)";
        return Patterns.join(Patterns.split(include).stream()
                .map(pattern -> none + "(?:" + pattern + ")")
                .toList());
    }

    /** What the connector need not even read; an update can become an insert or a delete, and so is always read. */
    private static String skipped(Set<ChangeType> unwanted) {
        List<String> skipped = new ArrayList<>();
        if (unwanted.contains(ChangeType.INSERT)) {
            skipped.add("c");
        }
        if (unwanted.contains(ChangeType.DELETE)) {
            skipped.add("d");
        }
        return skipped.isEmpty() ? "none" : String.join(",", skipped);
    }
}

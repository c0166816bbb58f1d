package io.mysqlmonitor.capture;

import io.debezium.config.Configuration;
import io.debezium.connector.mysql.MySqlConnectorConfig;
import io.debezium.relational.RelationalTableFilters;
import io.debezium.relational.TableId;
import java.util.Map;
import java.util.function.Supplier;

/** The tables that the connector captures, by the connector's own filters; for any thread. */
final class WatchedTables {

    private final Supplier<Map<String, String>> settings;
    private RelationalTableFilters filters; // guarded by this

    /**
     * @param settings the connector's, asked for once
     */
    WatchedTables(Supplier<Map<String, String>> settings) {
        this.settings = settings;
    }

    /**
     * @param table null asks for the database
     */
    synchronized boolean contain(String database, String table) {
        if (filters == null) {
            filters = new MySqlConnectorConfig(Configuration.from(settings.get())).getTableFilters();
        }
        return table == null
                ? filters.databaseFilter().test(database)
                : filters.dataCollectionFilter().isIncluded(new TableId(database, null, table));
    }
}

package io.mysqlmonitor.capture;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import io.debezium.relational.RelationalDatabaseSchema;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Holds the connector's definition of a table against what the binary log says of the table before its rows: the definition comes from
 * statements, of which the connector's parser may have made another thing than the server.
 *
 * <p>For the thread that reads the binary log.
 */
final class LoggedTables {

    private static final int KEPT = 1_000;

    private final RelationalDatabaseSchema schema;
    /** Definitions that fit, by the number that the binary log has for the table. */
    private final Map<Long, Table> fitting = new HashMap<>();

    LoggedTables(RelationalDatabaseSchema schema) {
        this.schema = schema;
    }

    /**
     * To be called before the connector looks the table up. Corrects character sets.
     *
     * @throws WrongDefinitionException if columns are of other types
     */
    void met(TableMapEventData event, boolean mariadb) {
        TableId id = new TableId(event.getDatabase(), null, event.getTable());
        if (schema.schemaFor(id) == null) {
            return;
        }
        Table table = schema.tableFor(id);
        if (table == null || table == fitting.get(event.getTableId())) {
            return;
        }
        Optional<String> problem = ColumnTypes.problem(table, event);
        if (problem.isPresent()) {
            throw new WrongDefinitionException(id, problem.get());
        }
        ColumnCharsets.corrected(table, event, mariadb).ifPresent(schema::refresh);
        if (fitting.size() >= KEPT) {
            fitting.clear();
        }
        fitting.put(event.getTableId(), schema.tableFor(id));
    }
}

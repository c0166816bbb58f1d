package io.mysqlmonitor.binlog;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.XidEventData;
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
public final class LoggedTables {

    private static final int KEPT = 1_000;

    private final RelationalDatabaseSchema schema;
    /**
     * Whether the connector began within a transaction, which has not ended yet: it is sent whole, the connector passes over the rows that it
     * has handed over before, and the definition known may be younger than these.
     */
    private boolean resumes;
    /** Definitions that fit, by the number that the binary log has for the table. */
    private final Map<Long, Table> fitting = new HashMap<>();

    /**
     * @param resumes whether the connector begins within a transaction
     */
    public LoggedTables(RelationalDatabaseSchema schema, boolean resumes) {
        this.schema = schema;
        this.resumes = resumes;
    }

    /**
     * To be called with each event before the connector has it. Corrects character sets.
     *
     * @throws WrongDefinitionException if columns are of other types
     */
    public void met(Event event, boolean mariadb) {
        EventData data = event.getData();
        if (data instanceof TableMapEventData table) {
            met(table, mariadb);
        } else if (data instanceof XidEventData
                || data instanceof QueryEventData statement
                        && !statement.getSql().equalsIgnoreCase("BEGIN")) {
            resumes = false;
        }
    }

    private void met(TableMapEventData event, boolean mariadb) {
        TableId id = new TableId(event.getDatabase(), null, event.getTable());
        if (schema.schemaFor(id) == null) {
            return;
        }
        Table table = schema.tableFor(id);
        if (table == null || table == fitting.get(event.getTableId())) {
            return;
        }
        Optional<String> problem = ColumnTypes.problem(table, event);
        if (problem.isPresent() && resumes) {
            return;
        }
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

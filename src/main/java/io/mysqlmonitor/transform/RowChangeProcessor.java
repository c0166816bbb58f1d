package io.mysqlmonitor.transform;

import static org.apache.camel.component.debezium.DebeziumConstants.HEADER_BEFORE;
import static org.apache.camel.component.debezium.DebeziumConstants.HEADER_IDENTIFIER;
import static org.apache.camel.component.debezium.DebeziumConstants.HEADER_KEY;
import static org.apache.camel.component.debezium.DebeziumConstants.HEADER_OPERATION;
import static org.apache.camel.component.debezium.DebeziumConstants.HEADER_SOURCE_METADATA;

import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.change.Gap;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.change.Table;
import io.mysqlmonitor.change.Unconvertible;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transform step: turns an exchange of the Debezium endpoint into one whose body is a {@link Change} and that has no
 * headers. Whatever is none (the connector's heartbeats, statements about what is not watched) ends its way here. A statement about a
 * table comes as a change already, and goes on if messages about it are wanted; rows after it say that there was one.
 *
 * <p>For the one thread of the capture route.
 */
public final class RowChangeProcessor implements Processor {

    /** Header of the exchanges with the two halves of a key change, the delete and the insert that Debezium makes of it. */
    public static final String KEY_CHANGE = "MysqlMonitorKeyChange";

    /**
     * Exchange property with the number of the event within its transaction, if it has the transaction's position instead of one of
     * its own: the events of a compressed transaction, and those of MariaDB from 11.4 on (unless {@code binlog_legacy_event_pos} is on).
     */
    public static final String EVENT_NUMBER = "MysqlMonitorEventNumber";

    private static final Logger LOG = LoggerFactory.getLogger(RowChangeProcessor.class);

    private final Map<String, Columns> columnsByTopic = new HashMap<>();
    private final LatestStatements statements = new LatestStatements();
    private final ColumnMasks masks;
    private final Set<String> tableMessages;
    private int snapshotRows;

    /** Publishes every column as it is, and nothing about tables. */
    public RowChangeProcessor() {
        this(ColumnMasks.NONE);
    }

    /**
     * Publishes nothing about tables.
     *
     * @param masks what is done to the values of columns
     */
    public RowChangeProcessor(ColumnMasks masks) {
        this(masks, Set.of());
    }

    /**
     * @param masks what is done to the values of columns
     * @param tableMessages types of messages about tables that are wanted
     */
    public RowChangeProcessor(ColumnMasks masks, Set<String> tableMessages) {
        this.masks = masks;
        this.tableMessages = Set.copyOf(tableMessages);
    }

    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        if (message.getBody() instanceof Gap) {
            return;
        }
        if (message.getBody() instanceof Change statement) {
            statements.add(statement);
            // so that they are made again with the statement, and nothing is kept of tables that are no more
            columnsByTopic.values().removeIf(columns -> statement
                    .position()
                    .equals(statements.latest(columns.table.database(), columns.table.name())));
            exchange.setRouteStop(!tableMessages.contains(statement.typeName()));
            return;
        }
        ChangeType type = typeOf(message.getHeader(HEADER_OPERATION, String.class));
        if (type == null) {
            exchange.setRouteStop(true);
            return;
        }
        Struct before = (Struct) message.getHeader(HEADER_BEFORE);
        Struct after = (Struct) message.getBody();
        Struct row = type == ChangeType.DELETE ? before : after;
        Map<?, ?> source = (Map<?, ?>) message.getHeader(HEADER_SOURCE_METADATA);
        Columns columns = columns(message, row.schema(), source);

        EventPosition position = new EventPosition(
                (String) source.get("file"),
                ((Number) source.get("pos")).longValue(),
                exchange.getProperty(EVENT_NUMBER, 0L, Long.class),
                type == ChangeType.SNAPSHOT ? snapshotRows++ : ((Number) source.get("row")).intValue(),
                (String) source.get("gtid"));
        String keyChange = message.getHeader(KEY_CHANGE) == null ? null : position.id();

        message.removeHeaders("*");
        message.setBody(new RowChange(
                type,
                columns.table,
                before == null ? List.of() : columns.values(before),
                type == ChangeType.DELETE ? List.of() : columns.values(after),
                position,
                ((Number) source.get("ts_ms")).longValue() / 1000,
                keyChange,
                1));
    }

    private static ChangeType typeOf(String operation) {
        if (operation == null) {
            return null;
        }
        return switch (operation) {
            case "c" -> ChangeType.INSERT;
            case "u" -> ChangeType.UPDATE;
            case "d" -> ChangeType.DELETE;
            case "r" -> ChangeType.SNAPSHOT;
            default -> null;
        };
    }

    private Columns columns(Message message, Schema schema, Map<?, ?> source) {
        String topic = message.getHeader(HEADER_IDENTIFIER, String.class);
        Columns columns = columnsByTopic.get(topic);
        if (columns == null || columns.schema != schema) {
            Struct key = (Struct) message.getHeader(HEADER_KEY);
            String database = (String) source.get("db");
            String table = (String) source.get("table");
            columns = new Columns(database, table, schema, key, masks, statements.latest(database, table));
            columnsByTopic.put(topic, columns);
        }
        return columns;
    }

    /** How the rows of one table, under one of its schemas, become values of the message contract. */
    private static final class Columns {

        private final Schema schema;
        private final Table table;
        private final Field[] fields;
        private final ColumnConverter[] converters;

        Columns(String database, String name, Schema schema, Struct key, ColumnMasks masks, EventPosition changedAt) {
            this.schema = schema;
            this.fields = schema.fields().toArray(Field[]::new);
            this.converters = new ColumnConverter[fields.length];
            List<String> names = new ArrayList<>(fields.length);
            for (int i = 0; i < fields.length; i++) {
                names.add(fields[i].name());
                converters[i] = masks.over(
                        ColumnConverter.of(fields[i].schema()), String.join(".", database, name, fields[i].name()));
            }
            this.table = new Table(database, name, names, keyColumns(database, name, key, masks), changedAt);
        }

        /** None if the columns of the key are not all there, or do not tell rows apart any more. */
        private List<Integer> keyColumns(String database, String name, Struct key, ColumnMasks masks) {
            List<Integer> keyColumns = new ArrayList<>();
            for (Field column : key == null ? List.<Field>of() : key.schema().fields()) {
                Field field = schema.field(column.name());
                if (field == null || masks.blur(String.join(".", database, name, column.name()))) {
                    LOG.warn(
                            "Column {} of the key of {}.{} is left out, masked or truncated: rows of that table have no keys and "
                                    + "are not merged. Use mysql.columns.hash to keep the key.",
                            column.name(),
                            database,
                            name);
                    return List.of();
                }
                keyColumns.add(field.index());
            }
            return keyColumns;
        }

        List<Object> values(Struct row) {
            List<Object> values = new ArrayList<>(fields.length);
            for (int i = 0; i < fields.length; i++) {
                values.add(convert(converters[i], row.getWithoutDefault(fields[i].name())));
            }
            return values;
        }

        private static Object convert(ColumnConverter converter, Object value) {
            try {
                return value == null ? null : converter.convert(value);
            } catch (RuntimeException e) {
                return new Unconvertible(e.getClass().getSimpleName() + ": " + e.getMessage());
            }
        }
    }
}

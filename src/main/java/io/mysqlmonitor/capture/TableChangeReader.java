package io.mysqlmonitor.capture;

import static org.apache.camel.component.debezium.DebeziumConstants.HEADER_OPERATION;
import static org.apache.camel.component.debezium.DebeziumConstants.HEADER_SOURCE_METADATA;

import io.debezium.relational.TableId;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.SchemaChange;
import io.mysqlmonitor.change.TableStatement;
import io.mysqlmonitor.change.TableTruncate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.camel.Message;
import org.apache.kafka.connect.data.Struct;

/**
 * Makes a {@link TableTruncate} or a {@link SchemaChange} of a message of the Debezium endpoint that is about one.
 *
 * <p>The engine sends one record for each table of a statement, all with the same position.
 */
final class TableChangeReader {

    private static final String TRUNCATE = "t";
    private static final String NO_SNAPSHOT = "false";
    private static final Pattern DATABASE_STATEMENT = Pattern.compile(
            "\\s*(?:CREATE|ALTER|DROP)\\s+(?:DATABASE|SCHEMA)\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private BinlogPosition last;

    /** Empty if the message is about something else: no table, and no database, or one that is not watched. */
    Optional<Change> read(Message message) {
        Map<?, ?> source = (Map<?, ?>) message.getHeader(HEADER_SOURCE_METADATA);
        if (TRUNCATE.equals(message.getHeader(HEADER_OPERATION))) {
            return Optional.of(new TableTruncate(
                    (String) source.get("db"), (String) source.get("table"), position(source), committedAt(source)));
        }
        if (!(message.getBody() instanceof Struct record)
                || !CaptureEndpoint.isSchemaChange(record.schema())
                || !NO_SNAPSHOT.equals(source.get("snapshot"))) { // definitions that the engine reads at its start
            return Optional.empty();
        }
        List<Struct> tableChanges = record.getArray("tableChanges");
        Optional<SchemaChange> change = tableChanges.isEmpty()
                ? databaseChange(record, source)
                : Optional.of(tableChange(record, tableChanges.get(0), source));
        return change.filter(found -> isWatched(message, found)).map(Change.class::cast);
    }

    private static boolean isWatched(Message message, SchemaChange change) {
        TableStatement.Name former = change.formerName();
        return !(message.getExchange().getFromEndpoint() instanceof CaptureEndpoint capture)
                || capture.isWatched(change.database(), change.tableName())
                || former != null && capture.isWatched(former.database(), former.table());
    }

    /** The engine takes all that changes no table for a change of the database: views, users and their passwords too. */
    private Optional<SchemaChange> databaseChange(Struct record, Map<?, ?> source) {
        String ddl = record.getString("ddl");
        if (!DATABASE_STATEMENT.matcher(ddl).matches()) {
            return Optional.empty();
        }
        return Optional.of(new SchemaChange(
                SchemaChange.Kind.DATABASE,
                record.getString("databaseName"),
                null,
                null,
                ddl,
                List.of(),
                List.of(),
                position(source),
                committedAt(source)));
    }

    private SchemaChange tableChange(Struct record, Struct change, Map<?, ?> source) {
        String database = record.getString("databaseName");
        String ddl = record.getString("ddl");
        String table = TableId.parse(change.getString("id")).table();
        SchemaChange.Kind kind = SchemaChange.Kind.valueOf(change.getString("type"));
        // The engine knows the former name, but leaves it out of the record.
        TableStatement.Name formerName = kind == SchemaChange.Kind.ALTER
                ? TableStatement.of(ddl, database)
                        .map(statement -> statement.tables().get(0))
                        .filter(name -> !name.toString().equalsIgnoreCase(database + '.' + table))
                        .orElse(null)
                : null;
        Struct definition = change.getStruct("table");
        return new SchemaChange(
                formerName == null ? kind : SchemaChange.Kind.RENAME,
                database,
                table,
                formerName,
                ddl,
                definition == null ? List.of() : columns(definition),
                definition == null ? List.of() : definition.getArray("primaryKeyColumnNames"),
                position(source),
                committedAt(source));
    }

    private static List<SchemaChange.Column> columns(Struct definition) {
        return definition.<Struct>getArray("columns").stream()
                .map(column ->
                        new SchemaChange.Column(column.getString("name"), type(column), column.getBoolean("optional")))
                .toList();
    }

    /** {@code VARCHAR(50)}, {@code DECIMAL(65,30)}, {@code INT UNSIGNED}. */
    private static String type(Struct column) {
        String name = column.getString("typeName");
        Integer length = column.getInt32("length");
        if (length == null) {
            return name;
        }
        Integer scale = column.getInt32("scale");
        String size = "(" + length + (scale == null ? "" : "," + scale) + ")";
        int modifiers = name.indexOf(' ');
        return modifiers < 0 ? name + size : name.substring(0, modifiers) + size + name.substring(modifiers);
    }

    private BinlogPosition position(Map<?, ?> source) {
        String file = (String) source.get("file");
        long position = ((Number) source.get("pos")).longValue();
        boolean sameStatement = last != null && last.file().equals(file) && last.position() == position;
        last = new BinlogPosition(file, position, sameStatement ? last.row() + 1 : 0, (String) source.get("gtid"));
        return last;
    }

    private static long committedAt(Map<?, ?> source) {
        return ((Number) source.get("ts_ms")).longValue() / 1000;
    }
}

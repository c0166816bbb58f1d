package io.mysqlmonitor.transform;

import io.debezium.data.Envelope;
import io.debezium.relational.TableId;
import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.change.SchemaChange;
import io.mysqlmonitor.change.TableTruncate;
import io.mysqlmonitor.statement.TableStatement;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Makes a {@link TableTruncate} or {@link SchemaChange}s of a record of the engine that is about a statement.
 *
 * <p>The engine sends one record for each table that a statement defines, all with the same position. It does not say which other table a
 * statement exchanges a partition with, and nothing of tables whose statement its parser does not know: these are named by the text.
 *
 * <p>One for each start of the engine, which may read the same statement again; for the engine's thread.
 */
public final class TableChangeReader {

    private static final String NO_SNAPSHOT = "false";
    private static final Set<String> OF_SEVERAL_TABLES = Set.of("DROP", "RENAME");
    private static final Pattern DATABASE_STATEMENT = Pattern.compile(
            "\\s*(?:CREATE|ALTER|DROP)\\s+(?:DATABASE|SCHEMA)\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    /** Does nothing if there is such a table, and the engine has no definition for it if there is one. */
    private static final Pattern CREATE_IF_MISSING =
            Pattern.compile("\\bTABLE\\s+IF\\s+NOT\\s+EXISTS\\b", Pattern.CASE_INSENSITIVE);

    private static final String NAME = "(?:`(?:[^`]|``)+`|\"[^\"]+\"|[\\w$\\u0080-\\uffff]+)";
    private static final Pattern OTHER_TABLE = Pattern.compile(
            "\\b(EXCHANGE\\s+PARTITION\\s+" + NAME + "\\s+WITH|CONVERT\\s+PARTITION\\s+" + NAME + "\\s+TO|CONVERT)"
                    + "\\s+TABLE\\s+(" + NAME + "(?:\\s*\\.\\s*" + NAME + ")?)",
            Pattern.CASE_INSENSITIVE);

    private final BiPredicate<String, String> watched;
    private EventPosition last;

    /**
     * @param watched tells whether a table is, by the names of its database and its own; if the latter is null, whether a database is
     */
    public TableChangeReader(BiPredicate<String, String> watched) {
        this.watched = watched;
    }

    /** Empty if the record is about something else: no table, and no database, or one that is not watched. */
    public List<Change> read(SourceRecord record) {
        if (!(record.value() instanceof Struct value)) {
            return List.of();
        }
        if (isSchemaChange(record.valueSchema())) {
            Struct source = value.getStruct(Envelope.FieldName.SOURCE);
            return NO_SNAPSHOT.equals(source.get("snapshot")) // or definitions that the engine reads at its start
                    ? schemaChanges(value, source)
                    : List.of();
        }
        if (value.schema().field(Envelope.FieldName.OPERATION) == null
                || !Envelope.Operation.TRUNCATE.code().equals(value.getString(Envelope.FieldName.OPERATION))) {
            return List.of();
        }
        Struct source = value.getStruct(Envelope.FieldName.SOURCE);
        return List.of(new TableTruncate(
                source.getString("db"), source.getString("table"), position(source), committedAt(source)));
    }

    /**
     * Whether a record may be one of several of a statement such as {@code DROP TABLE a, b}. Its text names one table, and without GTIDs the
     * offset of the first one is the end of the statement already.
     */
    public static boolean isOneOfSeveral(SourceRecord record) {
        return record.value() instanceof Struct value
                && isSchemaChange(record.valueSchema())
                && TableStatement.of(value.getString("ddl"), value.getString("databaseName"))
                        .filter(statement -> OF_SEVERAL_TABLES.contains(statement.verb()))
                        .isPresent();
    }

    /** Whether a record of that schema is about a statement. */
    public static boolean isSchemaChange(Schema schema) {
        return schema != null && schema.type() == Schema.Type.STRUCT && schema.field("tableChanges") != null;
    }

    private List<Change> schemaChanges(Struct record, Struct source) {
        List<Struct> tableChanges = record.getArray("tableChanges");
        List<SchemaChange> changes = new ArrayList<>();
        if (!tableChanges.isEmpty()) {
            changes.add(tableChange(record, tableChanges.get(0), source));
        } else if (DATABASE_STATEMENT.matcher(record.getString("ddl")).matches()) {
            changes.add(change(
                    SchemaChange.Kind.DATABASE, record.getString("databaseName"), null, null, record, null, source));
        } else {
            changes.addAll(changesByText(record, source));
        }
        if (!changes.isEmpty()) {
            otherTable(record, source, changes.get(0)).ifPresent(changes::add);
        }
        changes.removeIf(change -> !isWatched(change));
        return List.copyOf(changes);
    }

    private boolean isWatched(SchemaChange change) {
        TableStatement.Name former = change.formerName();
        return watched.test(change.database(), change.tableName())
                || former != null && watched.test(former.database(), former.table());
    }

    /**
     * The engine takes all that changes no table that it knows for a change of the database: views, users and their passwords too, and
     * tables whose statement its parser does not know, or that have one name in the middle of a renaming, as in a swap, and another after it.
     */
    private List<SchemaChange> changesByText(Struct record, Struct source) {
        String ddl = record.getString("ddl");
        if (CREATE_IF_MISSING.matcher(ddl).find()) {
            return List.of();
        }
        TableStatement statement =
                TableStatement.of(ddl, record.getString("databaseName")).orElse(null);
        if (statement == null) {
            return List.of();
        }
        List<SchemaChange> changes = new ArrayList<>();
        Iterator<TableStatement.Name> tables = statement.tables().iterator();
        while (tables.hasNext()) {
            TableStatement.Name table = tables.next();
            boolean renamed = statement.verb().equals("RENAME") && tables.hasNext();
            TableStatement.Name former = renamed ? table : null;
            TableStatement.Name now = renamed ? tables.next() : table;
            changes.add(change(
                    renamed ? SchemaChange.Kind.RENAME : SchemaChange.Kind.ALTER,
                    now.database(),
                    now.table(),
                    former,
                    record,
                    null,
                    source));
        }
        return changes;
    }

    /** The table that a partition was exchanged with, was made of, or became. */
    private Optional<SchemaChange> otherTable(Struct record, Struct source, SchemaChange first) {
        Matcher other = OTHER_TABLE.matcher(record.getString("ddl"));
        if (first.kind() != SchemaChange.Kind.ALTER || !other.find()) {
            return Optional.empty();
        }
        String how = other.group(1).toUpperCase(Locale.ROOT);
        SchemaChange.Kind kind = how.startsWith("EXCHANGE")
                ? SchemaChange.Kind.ALTER
                : how.equals("CONVERT") ? SchemaChange.Kind.DROP : SchemaChange.Kind.CREATE;
        TableStatement.Name table = TableStatement.of("ALTER TABLE " + other.group(2), first.database())
                .orElseThrow()
                .tables()
                .get(0);
        boolean sameDefinition = kind != SchemaChange.Kind.DROP;
        return Optional.of(new SchemaChange(
                kind,
                table.database(),
                table.table(),
                null,
                first.ddl(),
                sameDefinition ? first.columns() : List.of(),
                sameDefinition ? first.keyColumns() : List.of(),
                position(source),
                first.committedAt()));
    }

    private SchemaChange tableChange(Struct record, Struct change, Struct source) {
        String database = record.getString("databaseName");
        String table = TableId.parse(change.getString("id")).table();
        SchemaChange.Kind kind = SchemaChange.Kind.valueOf(change.getString("type"));
        // The engine knows the former name, but leaves it out of the record.
        TableStatement.Name formerName = kind == SchemaChange.Kind.ALTER
                ? TableStatement.of(record.getString("ddl"), database)
                        .map(TableStatement::tables)
                        .filter(names -> names.size() > 1 && !names.get(0).equals(names.get(names.size() - 1)))
                        .map(names -> names.get(0))
                        .orElse(null)
                : null;
        return change(
                formerName == null ? kind : SchemaChange.Kind.RENAME,
                database,
                table,
                formerName,
                record,
                change.getStruct("table"),
                source);
    }

    private SchemaChange change(
            SchemaChange.Kind kind,
            String database,
            String table,
            TableStatement.Name formerName,
            Struct record,
            Struct definition,
            Struct source) {
        return new SchemaChange(
                kind,
                database,
                table,
                formerName,
                record.getString("ddl"),
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

    private EventPosition position(Struct source) {
        String file = source.getString("file");
        long position = source.getInt64("pos");
        boolean sameStatement = last != null && last.file().equals(file) && last.position() == position;
        last = new EventPosition(file, position, sameStatement ? last.row() + 1 : 0, source.getString("gtid"));
        return last;
    }

    private static long committedAt(Struct source) {
        return source.getInt64("ts_ms") / 1000;
    }
}

package io.mysqlmonitor.checkpoint;

import io.debezium.config.Configuration;
import io.debezium.connector.AbstractSourceInfo;
import io.debezium.connector.binlog.BinlogOffsetContext;
import io.debezium.connector.binlog.BinlogSourceInfo;
import io.debezium.connector.mysql.antlr.MySqlAntlrDdlParser;
import io.debezium.document.Array;
import io.debezium.document.Document;
import io.debezium.relational.Column;
import io.debezium.relational.HistorizedRelationalDatabaseSchema;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import io.debezium.relational.Tables;
import io.debezium.relational.ddl.DdlParser;
import io.debezium.relational.history.HistoryRecord;
import io.debezium.relational.history.HistoryRecordComparator;
import io.debezium.relational.history.JsonTableChangeSerializer;
import io.debezium.relational.history.SchemaHistoryException;
import io.debezium.relational.history.SchemaHistoryListener;
import io.debezium.relational.history.TableChanges;
import io.debezium.storage.file.history.FileSchemaHistory;
import io.debezium.text.MultipleParsingExceptions;
import io.debezium.text.ParsingException;
import io.mysqlmonitor.change.AlteredColumns;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.CharsetClauses;
import io.mysqlmonitor.change.TableStatement;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Debezium's schema history in a file, which ends the engine rather than let it read rows by a wrong definition.
 *
 * <p>{@link FileSchemaHistory} only logs it when a definition cannot be appended, so that after a full disk and a restart rows
 * would be read by the definition before the last one. It keeps all records in memory, more than half of what many tables take. And Debezium either dies of any statement that its parser does not know,
 * or passes over it; here it passes over those that define no watched table.
 */
public final class CheckpointSchemaHistory extends FileSchemaHistory {

    private static final Logger LOG = LoggerFactory.getLogger(CheckpointSchemaHistory.class);

    private final MySqlAntlrDdlParser parser = new MySqlAntlrDdlParser();
    private final JsonTableChangeSerializer tableChanges = new JsonTableChangeSerializer();
    private Consumer<Table> refresh = table -> {};
    private boolean byCatalog;
    private Path path;
    private CheckpointRoutePolicy policy;
    /** The definitions before the statement that comes next. */
    private Tables known = new Tables();

    private Set<String> resent = Set.of();
    private boolean recoversByGtid;

    /** Called by Debezium. */
    public CheckpointSchemaHistory() {}

    @Override
    public void configure(
            Configuration config,
            HistoryRecordComparator comparator,
            SchemaHistoryListener listener,
            boolean useCatalogBeforeSchema) {
        super.configure(config, comparator, listener, useCatalogBeforeSchema);
        byCatalog = useCatalogBeforeSchema;
        path = Path.of(config.getString(FILE_PATH));
        policy = CheckpointOffsetStore.policyOf(path);
    }

    /** The engine of a history begins to read the binary log by these definitions. */
    public static void begins(HistorizedRelationalDatabaseSchema schema) {
        if (schema.getSchemaHistory() instanceof CheckpointSchemaHistory history) {
            history.refresh = schema::refresh;
        }
    }

    @Override
    public void recover(Map<Map<String, ?>, Map<String, ?>> offsets, Tables schema, DdlParser ddlParser)
            throws InterruptedException {
        // A statement has a GTID of its own, and its offset has those before it: the server sends it again, to be
        // applied then. A
        // second time would do no good to RENAME TABLE.
        resent = offsets.values().stream()
                .map(offset -> offset.get(BinlogOffsetContext.GTID_SET_KEY))
                .filter(Objects::nonNull)
                .map(String::valueOf)
                .collect(Collectors.toSet());
        recoversByGtid = !resent.isEmpty();
        super.recover(offsets, schema, ddlParser);
        known = schema.clone();
    }

    /** Loads nothing: the records are read when they are asked for. */
    @Override
    protected void doStart() {}

    @Override
    protected void recoverRecords(Consumer<HistoryRecord> consumer) {
        try (BufferedReader lines = Files.newBufferedReader(path)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isEmpty()) {
                    HistoryRecord record = new HistoryRecord(documentReader.read(line));
                    if (!recoversByGtid) {
                        // To Debezium any GTID is later than a place without.
                        record.document()
                                .getDocument(HistoryRecord.Fields.POSITION)
                                .remove(BinlogOffsetContext.GTID_SET_KEY);
                    }
                    if (!isResent(record)) {
                        consumer.accept(record);
                    }
                    policy.definitionRead();
                }
            }
        } catch (IOException e) {
            throw new SchemaHistoryException("schema history " + path + " cannot be read: " + e, e);
        }
    }

    private boolean isResent(HistoryRecord record) {
        Document position = record.document().getDocument(HistoryRecord.Fields.POSITION);
        String gtids = position.getString(BinlogOffsetContext.GTID_SET_KEY);
        return !isSnapshot(position) && gtids != null && resent.contains(gtids);
    }

    private static boolean isSnapshot(Document position) {
        return position.has(AbstractSourceInfo.SNAPSHOT_KEY);
    }

    /**
     * @return what the record does to definitions
     * @throws UnreadableStatementException if the statement defines a watched table, but the parser passed over it, or over a part of it
     */
    private TableChanges checked(HistoryRecord record) {
        TableChanges changes = changes(record);
        Document position = record.document().getDocument(HistoryRecord.Fields.POSITION);
        String sql = record.document().getString(HistoryRecord.Fields.DDL_STATEMENTS);
        String database = record.document().getString(HistoryRecord.Fields.DATABASE_NAME);
        if (sql == null) {
            return changes;
        }
        Optional<TableStatement> statement = TableStatement.of(sql, database);
        Optional<TableStatement.Name> watched = statement.flatMap(this::watched);
        if (watched.isEmpty() || isApplied(statement.get(), changes, sql, database, isSnapshot(position))) {
            return changes;
        }
        if (isSnapshot(position)) {
            LOG.warn(
                    "The definition of the watched table {} is not known to the connector's parser, and so no row of it can be read; "
                            + "leave it out with mysql.tables.exclude. {}",
                    watched.get(),
                    sql);
            return changes;
        }
        BinlogPosition place = new BinlogPosition(
                position.getString(BinlogSourceInfo.BINLOG_FILENAME_OFFSET_KEY),
                position.getLong(BinlogSourceInfo.BINLOG_POSITION_OFFSET_KEY));
        policy.definitionChanges(watched.get(), place, sql);
        for (TableChanges.TableChange change : changes) {
            keepDefinition(record, statement.get(), change.getTable());
        }
        return changes(record);
    }

    /** The definitions were read after the statement: what the parser makes of it again is undone, if it is that which was wrong. */
    private void keepDefinition(HistoryRecord record, TableStatement statement, Table after) {
        Table before =
                statement.tables().isEmpty() ? null : known(statement.tables().get(0));
        if (before == null || after == null || !before.id().equals(after.id())) {
            return;
        }
        List<String> names = before.retrieveColumnNames();
        boolean changesNothing = AlteredColumns.of(names, statement.rest())
                .filter(expected -> isSame(expected.names(), names))
                .isPresent();
        if (changesNothing || !hasCharsets(statement, after)) {
            refresh.accept(before);
            record.document()
                    .setArray(
                            HistoryRecord.Fields.TABLE_CHANGES,
                            tableChanges.serialize(new TableChanges().alter(before)));
        }
    }

    private static boolean isSame(List<String> names, List<String> others) {
        return names.size() == others.size()
                && IntStream.range(0, names.size()).allMatch(i -> names.get(i).equalsIgnoreCase(others.get(i)));
    }

    private boolean isApplied(
            TableStatement statement, TableChanges changes, String sql, String database, boolean snapshot) {
        Table before =
                statement.tables().isEmpty() ? null : known(statement.tables().get(0));
        boolean alter = statement.verb().equals("ALTER");
        for (TableChanges.TableChange change : changes) {
            if (!snapshot && !policy.areCharsetsNamed() && !hasCharsets(statement, change.getTable())) {
                return false;
            }
            if (alter && before != null && !isApplied(statement.rest(), before, change.getTable())) {
                return false;
            }
        }
        if (!isEmpty(changes)) {
            return true;
        }
        if (before != null && statement.verb().equals("CREATE")) {
            return statement.onlyIf(); // or the engine takes it for one that is there
        }
        return !(alter && before != null) && isReadable(sql, database);
    }

    /** Whether the parser has made out the character sets by which rows are read that come without them. */
    private static boolean hasCharsets(TableStatement statement, Table after) {
        CharsetClauses clauses = CharsetClauses.of(statement);
        return (clauses.table() == null || CharsetClauses.isSame(clauses.table(), after.defaultCharsetName()))
                && clauses.columns().entrySet().stream().allMatch(clause -> {
                    Column column = after.columnWithName(clause.getKey());
                    return column == null
                            || column.charsetName() == null
                            || CharsetClauses.isSame(clause.getValue(), column.charsetName());
                });
    }

    private static boolean isEmpty(TableChanges changes) {
        return !changes.iterator().hasNext();
    }

    /** Of a column that it does not find the parser says so, if at all, after it has applied the rest of the statement. */
    private static boolean isApplied(String alter, Table before, Table after) {
        List<String> names = after.retrieveColumnNames();
        return AlteredColumns.of(before.retrieveColumnNames(), alter)
                .filter(expected -> isSame(expected.names(), names))
                .filter(expected -> expected.kept().stream()
                        .allMatch(name -> isSame(before.columnWithName(name), after.columnWithName(name))))
                .isPresent();
    }

    private static boolean isSame(Column one, Column other) {
        return one.edit().position(1).create().equals(other.edit().position(1).create());
    }

    /** At a first start it is not known whether the case of names counts. */
    private Table known(TableStatement.Name name) {
        Table table = known.forTable(id(name));
        if (table != null) {
            return table;
        }
        return known.tableIds().stream()
                .filter(each -> each.table().equalsIgnoreCase(name.table())
                        && each.catalog() != null
                        && each.catalog().equalsIgnoreCase(name.database()))
                .findFirst()
                .map(known::forTable)
                .orElse(null);
    }

    private Optional<TableStatement.Name> watched(TableStatement statement) {
        return statement.tables().isEmpty()
                ? Optional.of(TableStatement.Name.UNKNOWN)
                : statement.tables().stream().filter(policy::isWatched).findFirst();
    }

    private boolean isReadable(String sql, String database) {
        try {
            parser.setCurrentDatabase(database);
            parser.setCurrentSchema(database);
            parser.parse(sql, known.clone());
            return true;
        } catch (ParsingException | MultipleParsingExceptions e) {
            return false;
        }
    }

    private TableChanges changes(HistoryRecord record) {
        Array changes = record.document().getArray(HistoryRecord.Fields.TABLE_CHANGES);
        return changes == null ? new TableChanges() : tableChanges.deserialize(changes, byCatalog);
    }

    /** The engine leaves it out for {@code ALTER TABLE ... RENAME}, and would have a table of that name again after its next start. */
    private static void addFormerName(HistoryRecord record) {
        Array changes = record.document().getArray(HistoryRecord.Fields.TABLE_CHANGES);
        TableStatement statement = TableStatement.of(
                        String.valueOf(record.document().getString(HistoryRecord.Fields.DDL_STATEMENTS)),
                        record.document().getString(HistoryRecord.Fields.DATABASE_NAME))
                .filter(alter -> alter.verb().equals("ALTER") && alter.tables().size() > 1)
                .orElse(null);
        if (statement == null || changes == null || changes.size() != 1) {
            return;
        }
        Document change = changes.get(0).asDocument();
        String former = id(statement.tables().get(0)).toDoubleQuotedString();
        if (!former.equals(change.getString("id"))) {
            change.setString("previousId", former);
        }
    }

    private static TableId id(TableStatement.Name name) {
        return new TableId(name.database(), null, name.table());
    }

    private void know(TableChanges.TableChange change) {
        if (change.getPreviousId() != null) {
            known.removeTable(change.getPreviousId());
        }
        if (change.getType() == TableChanges.TableChangeType.DROP) {
            known.removeTable(change.getId());
        } else {
            known.overwriteTable(change.getTable());
        }
    }

    @Override
    protected void doStoreRecord(HistoryRecord record) {
        addFormerName(record);
        checked(record).forEach(this::know);
        try {
            // One write per line, so that a crash can leave the last one unfinished, but no other.
            String line = documentWriter.write(record.document()) + '\n';
            Files.writeString(path, line, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
            policy.definitionRead();
        } catch (IOException e) {
            throw new SchemaHistoryException("schema history " + path + " cannot be written: " + e, e);
        }
    }
}

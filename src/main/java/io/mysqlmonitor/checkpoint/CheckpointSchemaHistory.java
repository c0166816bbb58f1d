package io.mysqlmonitor.checkpoint;

import io.debezium.config.Configuration;
import io.debezium.connector.AbstractSourceInfo;
import io.debezium.connector.binlog.BinlogOffsetContext;
import io.debezium.connector.binlog.BinlogSourceInfo;
import io.debezium.document.Array;
import io.debezium.document.Document;
import io.debezium.relational.HistorizedRelationalDatabaseSchema;
import io.debezium.relational.Table;
import io.debezium.relational.Tables;
import io.debezium.relational.ddl.DdlParser;
import io.debezium.relational.history.HistoryRecord;
import io.debezium.relational.history.HistoryRecordComparator;
import io.debezium.relational.history.JsonTableChangeSerializer;
import io.debezium.relational.history.SchemaHistoryException;
import io.debezium.relational.history.SchemaHistoryListener;
import io.debezium.relational.history.TableChanges;
import io.debezium.storage.file.history.FileSchemaHistory;
import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.statement.TableStatement;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
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

    private final JsonTableChangeSerializer tableChanges = new JsonTableChangeSerializer();
    private Consumer<Table> refresh = table -> {};
    private boolean byCatalog;
    private Path path;
    private CaptureProgress progress;
    private final KnownDefinitions known = new KnownDefinitions();

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
        progress = CheckpointOffsetStore.progressOf(path);
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
        known.replaceBy(schema);
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
                    progress.definitionRead();
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
        if (watched.isEmpty() || isApplied(statement.get(), changes, position, sql, database)) {
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
        EventPosition place = new EventPosition(
                position.getString(BinlogSourceInfo.BINLOG_FILENAME_OFFSET_KEY),
                position.getLong(BinlogSourceInfo.BINLOG_POSITION_OFFSET_KEY));
        progress.definitionChanges(watched.get(), place, sql);
        for (TableChanges.TableChange change : changes) {
            known.wronglyChanged(statement.get(), change.getTable())
                    .ifPresent(before -> keepDefinition(record, before));
        }
        return changes(record);
    }

    private boolean isApplied(
            TableStatement statement, TableChanges changes, Document position, String sql, String database) {
        boolean tellsCharsets = isSnapshot(position) || progress.areCharsetsNamed();
        return (tellsCharsets || KnownDefinitions.areCharsetsRead(statement, changes))
                && known.isApplied(statement, changes, sql, database);
    }

    /** The definitions were read after the statement: what the parser makes of it again is undone, if it is that which was wrong. */
    private void keepDefinition(HistoryRecord record, Table before) {
        refresh.accept(before);
        record.document()
                .setArray(HistoryRecord.Fields.TABLE_CHANGES, tableChanges.serialize(new TableChanges().alter(before)));
    }

    private Optional<TableStatement.Name> watched(TableStatement statement) {
        return statement.tables().isEmpty()
                ? Optional.of(TableStatement.Name.UNKNOWN)
                : statement.tables().stream().filter(progress::isWatched).findFirst();
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
        String former = KnownDefinitions.id(statement.tables().get(0)).toDoubleQuotedString();
        if (!former.equals(change.getString("id"))) {
            change.setString("previousId", former);
        }
    }

    @Override
    protected void doStoreRecord(HistoryRecord record) {
        addFormerName(record);
        checked(record).forEach(known::know);
        try {
            // One write per line, so that a crash can leave the last one unfinished, but no other.
            String line = documentWriter.write(record.document()) + '\n';
            Files.writeString(path, line, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
            progress.definitionRead();
        } catch (IOException e) {
            throw new SchemaHistoryException("schema history " + path + " cannot be written: " + e, e);
        }
    }
}

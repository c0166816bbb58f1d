package io.mysqlmonitor.checkpoint;

import io.debezium.config.Configuration;
import io.debezium.relational.history.HistoryRecord;
import io.debezium.relational.history.HistoryRecordComparator;
import io.debezium.relational.history.SchemaHistoryException;
import io.debezium.relational.history.SchemaHistoryListener;
import io.debezium.storage.file.history.FileSchemaHistory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Debezium's schema history in a file, which ends the engine when a definition cannot be appended.
 *
 * <p>{@link FileSchemaHistory} only logs that, so that after a full disk and a restart rows would be read by the definition
 * before the last one.
 */
public final class CheckpointSchemaHistory extends FileSchemaHistory {

    private Path path;

    /** Called by Debezium. */
    public CheckpointSchemaHistory() {}

    @Override
    public void configure(
            Configuration config,
            HistoryRecordComparator comparator,
            SchemaHistoryListener listener,
            boolean useCatalogBeforeSchema) {
        super.configure(config, comparator, listener, useCatalogBeforeSchema);
        path = Path.of(config.getString(FILE_PATH));
    }

    @Override
    protected void doStoreRecord(HistoryRecord record) {
        try {
            // One write per line, so that a crash can leave the last one unfinished, but no other.
            String line = documentWriter.write(record.document()) + '\n';
            Files.writeString(path, line, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new SchemaHistoryException("schema history " + path + " cannot be written: " + e, e);
        }
        records.add(record);
    }
}

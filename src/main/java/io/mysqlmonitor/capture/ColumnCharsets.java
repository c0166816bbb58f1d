package io.mysqlmonitor.capture;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventMetadata;
import com.mysql.cj.CharsetMapping;
import io.debezium.relational.Column;
import io.debezium.relational.RelationalDatabaseSchema;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Corrects the character sets of columns in the connector's definition of a table by those that the binary log names before the rows.
 *
 * <p>The connector's parser makes nothing of {@code ALTER TABLE t DEFAULT CHARACTER SET x}, nor of many a {@code COLLATE}, and text would be read in another character set in
 * silence. MySQL since 8.0 logs the collations with each table; MariaDB does if its {@code binlog_row_metadata} is not {@code NO_LOG}.
 */
final class ColumnCharsets {

    private static final int VARCHAR = 15;
    private static final int MARIADB_BLOB_COMPRESSED = 140;
    private static final int MARIADB_VARCHAR_COMPRESSED = 141;
    private static final int BLOB = 252;
    private static final int VAR_STRING = 253;
    private static final int STRING = 254;
    private static final int ENUM = 247;
    private static final int SET = 248;

    private ColumnCharsets() {}

    /** To be called before the connector looks the table up. */
    static void correct(RelationalDatabaseSchema schema, TableMapEventData event) {
        TableId id = new TableId(event.getDatabase(), null, event.getTable());
        if (schema.schemaFor(id) != null) {
            corrected(schema.tableFor(id), event).ifPresent(schema::refresh);
        }
    }

    /** The table with other character sets; empty if they are right, or not logged. */
    static Optional<Table> corrected(Table table, TableMapEventData event) {
        TableMapEventMetadata metadata = event.getEventMetadata();
        byte[] types = event.getColumnTypes();
        if (metadata == null || table.columns().size() != types.length) {
            return Optional.empty();
        }
        List<Column> wrong = new ArrayList<>();
        int number = 0; // among the columns of text or bytes
        for (int i = 0; i < types.length; i++) {
            int type = types[i] & 0xFF;
            if (type == MARIADB_BLOB_COMPRESSED || type == MARIADB_VARCHAR_COMPRESSED) {
                return Optional.empty(); // not known to be counted
            }
            if (isText(type, event.getColumnMetadata()[i])) {
                Column column = table.columns().get(i);
                String charset = charset(metadata, number++);
                if (charset != null && column.charsetName() != null && !isSame(charset, column.charsetName())) {
                    wrong.add(column.edit().charsetName(charset).create());
                }
            }
        }
        return wrong.isEmpty()
                ? Optional.empty()
                : Optional.of(table.edit().addColumns(wrong).create());
    }

    private static boolean isText(int type, int metadata) {
        int real = metadata >> 8;
        return type == VARCHAR || type == BLOB || type == VAR_STRING || type == STRING && real != ENUM && real != SET;
    }

    /** Null if it is not known. */
    private static String charset(TableMapEventMetadata metadata, int number) {
        Integer collation = null;
        if (metadata.getColumnCharsets() != null) {
            collation = number < metadata.getColumnCharsets().size()
                    ? metadata.getColumnCharsets().get(number)
                    : null;
        } else if (metadata.getDefaultCharset() != null) {
            TableMapEventMetadata.DefaultCharset all = metadata.getDefaultCharset();
            collation = all.getCharsetCollations() == null
                    ? (Integer) all.getDefaultCharsetCollation()
                    : all.getCharsetCollations().getOrDefault(number, all.getDefaultCharsetCollation());
        }
        return collation == null ? null : CharsetMapping.getStaticMysqlCharsetNameForCollationIndex(collation);
    }

    private static boolean isSame(String one, String other) {
        return withoutAlias(one).equalsIgnoreCase(withoutAlias(other));
    }

    private static String withoutAlias(String charset) {
        return charset.equalsIgnoreCase("utf8") ? "utf8mb3" : charset;
    }
}

package io.mysqlmonitor.binlog;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventMetadata;
import com.mysql.cj.CharsetMapping;
import io.debezium.relational.Column;
import io.debezium.relational.Table;
import io.mysqlmonitor.statement.CharsetClauses;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The character sets of columns that the binary log names before the rows of a table.
 *
 * <p>The connector's parser makes nothing of {@code ALTER TABLE t DEFAULT CHARACTER SET x}, nor of many a {@code COLLATE}, and text would be read in another character set in
 * silence. MySQL since 8.0 logs the collations with each table; MariaDB does if its {@code binlog_row_metadata} is not {@code NO_LOG}.
 *
 * <p>Collations are numbered by the columns that the server takes for text: those of text and bytes, MySQL's VECTOR and MariaDB's geometries.
 */
final class ColumnCharsets {

    private static final int VECTOR = 242;
    private static final int GEOMETRY = 255;

    private static final Set<Integer> TEXT = Set.of(Types.CHAR, Types.VARCHAR, Types.NCHAR, Types.NVARCHAR);

    /** MariaDB's collations from 2048 on, 256 of each. */
    private static final String[] MARIADB_UCA_1400 = {"utf8mb3", "utf8mb4", "ucs2", "utf16", "utf32"};

    private static final int MARIADB_FIRST_UCA_1400 = 2048;
    /** As the collation that is smaller by this number, without padding. */
    private static final int MARIADB_NO_PAD = 1024;

    private ColumnCharsets() {}

    /** The table with the character sets of the binary log; empty if they are right, or not logged. */
    static Optional<Table> corrected(Table table, TableMapEventData event, boolean mariadb) {
        TableMapEventMetadata metadata = event.getEventMetadata();
        byte[] types = event.getColumnTypes();
        if (metadata == null || table.columns().size() != types.length) {
            return Optional.empty();
        }
        List<Column> wrong = new ArrayList<>();
        int number = 0; // among the columns that have one
        for (int i = 0; i < types.length; i++) {
            if (isCounted(ColumnTypes.real(types[i] & 0xFF, event.getColumnMetadata()[i]), mariadb)) {
                Column column = table.columns().get(i);
                String charset = charset(metadata, number++);
                if (charset != null && isOther(column, charset)) {
                    wrong.add(column.edit().charsetName(charset).create());
                }
            }
        }
        return wrong.isEmpty()
                ? Optional.empty()
                : Optional.of(table.edit().addColumns(wrong).create());
    }

    private static boolean isCounted(int type, boolean mariadb) {
        return ColumnTypes.TEXT.contains(type) || type == VECTOR || type == GEOMETRY && mariadb;
    }

    private static boolean isOther(Column column, String charset) {
        return column.charsetName() == null
                ? TEXT.contains(column.jdbcType()) && !charset.equals("binary")
                : !CharsetClauses.isSame(charset, column.charsetName());
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
        return collation == null ? null : charset(collation);
    }

    /** The driver knows MySQL's collations alone. */
    static String charset(int collation) {
        String known = CharsetMapping.getStaticMysqlCharsetNameForCollationIndex(collation);
        if (known != null) {
            return known;
        }
        if (collation >= MARIADB_FIRST_UCA_1400) {
            int charset = (collation - MARIADB_FIRST_UCA_1400) >> 8;
            return charset < MARIADB_UCA_1400.length ? MARIADB_UCA_1400[charset] : null;
        }
        if (collation > MARIADB_NO_PAD) {
            return charset(collation - MARIADB_NO_PAD);
        }
        return switch (collation >> 5) { // of Croatian, Burmese and Thai
            case 18 -> "utf8mb3";
            case 19 -> "utf8mb4";
            case 20 -> "ucs2";
            case 21 -> "utf16";
            case 23 -> "utf32";
            default -> null;
        };
    }
}

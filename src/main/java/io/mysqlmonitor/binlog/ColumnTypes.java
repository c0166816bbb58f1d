package io.mysqlmonitor.binlog;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import io.debezium.relational.Column;
import io.debezium.relational.Table;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The types of columns that the binary log names before the rows of a table, against those of the connector's definition. */
final class ColumnTypes {

    private static final int STRING = 254;
    private static final int ENUM = 247;
    private static final int SET = 248;
    /** Text and bytes; the last two are MariaDB's COMPRESSED. */
    static final Set<Integer> TEXT = Set.of(15, 252, 253, STRING, 140, 141);

    private ColumnTypes() {}

    /** What is wrong with the definition; empty if it fits, as far as that can be told. */
    static Optional<String> problem(Table table, TableMapEventData event) {
        byte[] types = event.getColumnTypes();
        List<Column> columns = table.columns();
        if (columns.size() != types.length) {
            return Optional.empty(); // the connector notices
        }
        for (int i = 0; i < types.length; i++) {
            Column column = columns.get(i);
            int type = real(types[i] & 0xFF, event.getColumnMetadata()[i]);
            if (!fits(column.typeName(), type)) {
                return Optional.of("column " + (i + 1) + " is of the binary log's type " + type
                        + ", and the definition known has " + column.name() + " " + column.typeName() + " there");
            }
        }
        return Optional.empty();
    }

    /** The type of a column, as the server's source numbers them: ENUM and SET are logged as text. */
    static int real(int type, int metadata) {
        return type == STRING && (metadata >> 8 == ENUM || metadata >> 8 == SET) ? metadata >> 8 : type;
    }

    private static boolean fits(String typeName, int type) {
        return switch (typeName.toUpperCase(Locale.ROOT).replaceFirst("[ (].*", "")) {
            case "TINYINT", "INT1", "BOOL", "BOOLEAN" -> type == 1;
            case "SMALLINT", "INT2" -> type == 2;
            case "MEDIUMINT", "INT3", "MIDDLEINT" -> type == 9;
            case "INT", "INTEGER", "INT4" -> type == 3;
            case "BIGINT", "INT8", "SERIAL" -> type == 8;
            case "FLOAT", "FLOAT4", "DOUBLE", "FLOAT8", "REAL" -> type == 4 || type == 5;
            case "DECIMAL", "DEC", "NUMERIC", "FIXED" -> type == 246 || type == 0;
            case "DATE" -> type == 10 || type == 14;
            case "DATETIME" -> type == 12 || type == 18;
            case "TIMESTAMP" -> type == 7 || type == 17;
            case "TIME" -> type == 11 || type == 19;
            case "YEAR" -> type == 13;
            case "BIT" -> type == 16;
            case "JSON" -> type == 245 || type == 252;
            case "ENUM" -> type == ENUM;
            case "SET" -> type == SET;
            case "CHAR",
                    "VARCHAR",
                    "TINYTEXT",
                    "TEXT",
                    "MEDIUMTEXT",
                    "LONGTEXT",
                    "BINARY",
                    "VARBINARY",
                    "TINYBLOB",
                    "BLOB",
                    "MEDIUMBLOB",
                    "LONGBLOB" -> TEXT.contains(type);
            default -> true;
        };
    }
}

package io.mysqlmonitor.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventMetadata;
import com.github.shyiko.mysql.binlog.event.TableMapEventMetadata.DefaultCharset;
import io.debezium.relational.Column;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ColumnCharsetsTest {

    private static final int LATIN1_BIN = 47;
    private static final int UTF8MB3 = 33;
    private static final int BINARY = 63;

    private final Table table = Table.editor()
            .tableId(new TableId("shop", null, "item"))
            .addColumns(
                    column("id", "INT", Types.INTEGER, null),
                    column("e", "ENUM", Types.CHAR, "utf8mb4"),
                    column("v", "VARCHAR", Types.VARCHAR, "utf8mb4"),
                    column("b", "BLOB", Types.BLOB, null),
                    column("t", "TEXT", Types.VARCHAR, "utf8"),
                    column("c", "CHAR", Types.CHAR, "gbk"))
            .setPrimaryKeyNames("id")
            .setDefaultCharsetName("utf8mb4")
            .create();

    private static Column column(String name, String type, int jdbcType, String charset) {
        return Column.editor()
                .name(name)
                .type(type)
                .jdbcType(jdbcType)
                .charsetName(charset)
                .create();
    }

    private static TableMapEventData event(TableMapEventMetadata metadata) {
        TableMapEventData event = new TableMapEventData();
        event.setColumnTypes(new byte[] {3, (byte) 254, 15, (byte) 252, (byte) 252, (byte) 254});
        event.setColumnMetadata(new int[] {0, 0xF701, 36, 2, 2, 0xFE24});
        event.setEventMetadata(metadata);
        return event;
    }

    private List<String> charsets(TableMapEventMetadata metadata) {
        return ColumnCharsets.corrected(table, event(metadata)).orElseThrow().columns().stream()
                .map(column -> column.name() + " " + column.charsetName())
                .toList();
    }

    @Test
    void shouldBeThoseOfTheBinaryLog() {
        TableMapEventMetadata each = new TableMapEventMetadata();
        each.setColumnCharsets(List.of(LATIN1_BIN, BINARY, UTF8MB3, 28));
        assertThat(charsets(each)).containsExactly("id null", "e utf8mb4", "v latin1", "b null", "t utf8", "c gbk");

        DefaultCharset most = new DefaultCharset();
        most.setDefaultCharsetCollation(LATIN1_BIN);
        most.setCharsetCollations(Map.of(1, BINARY, 2, UTF8MB3));
        TableMapEventMetadata usual = new TableMapEventMetadata();
        usual.setDefaultCharset(most);
        assertThat(charsets(usual)).containsExactly("id null", "e utf8mb4", "v latin1", "b null", "t utf8", "c latin1");
    }

    @Test
    void shouldStayIfTheyAreRightOrNotLogged() {
        TableMapEventMetadata right = new TableMapEventMetadata();
        right.setColumnCharsets(List.of(45, BINARY, UTF8MB3, 28));

        assertThat(ColumnCharsets.corrected(table, event(right))).isEmpty();
        assertThat(ColumnCharsets.corrected(table, event(new TableMapEventMetadata())))
                .isEmpty();
        assertThat(ColumnCharsets.corrected(table, event(null))).isEmpty();
    }
}

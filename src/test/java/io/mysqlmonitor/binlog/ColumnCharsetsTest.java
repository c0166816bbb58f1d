package io.mysqlmonitor.binlog;

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
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnCharsetsTest {

    private static final int LATIN1_BIN = 47;
    private static final int UTF8MB3 = 33;
    private static final int GBK = 28;
    private static final int BINARY = 63;

    private final Table table = Table.editor()
            .tableId(new TableId("shop", null, "item"))
            .addColumns(
                    column("id", "INT", Types.INTEGER, null),
                    column("e", "ENUM", Types.CHAR, "utf8mb4"),
                    column("v", "VARCHAR", Types.VARCHAR, "utf8mb4"),
                    column("g", "GEOMETRY", Types.OTHER, null),
                    column("b", "BLOB", Types.BLOB, null),
                    column("t", "TEXT", Types.VARCHAR, "utf8"),
                    column("n", "VECTOR", Types.OTHER, null),
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
        event.setColumnTypes(
                new byte[] {3, (byte) 254, 15, (byte) 255, (byte) 252, (byte) 252, (byte) 242, (byte) 254});
        event.setColumnMetadata(new int[] {0, 0xF701, 36, 4, 2, 2, 4, 0xFE24});
        event.setEventMetadata(metadata);
        return event;
    }

    private List<String> charsets(TableMapEventMetadata metadata, boolean mariadb) {
        return ColumnCharsets.corrected(table, event(metadata), mariadb).orElseThrow().columns().stream()
                .filter(column -> column.charsetName() != null)
                .map(column -> column.name() + " " + column.charsetName())
                .toList();
    }

    private static TableMapEventMetadata each(Integer... collations) {
        TableMapEventMetadata metadata = new TableMapEventMetadata();
        metadata.setColumnCharsets(List.of(collations));
        return metadata;
    }

    @Test
    void shouldBeThoseOfTheBinaryLog() {
        assertThat(charsets(each(LATIN1_BIN, BINARY, UTF8MB3, BINARY, GBK), false))
                .containsExactly("e utf8mb4", "v latin1", "t utf8", "c gbk");
        assertThat(charsets(each(LATIN1_BIN, BINARY, BINARY, UTF8MB3, BINARY, GBK), true))
                .containsExactly("e utf8mb4", "v latin1", "t utf8", "c gbk");

        DefaultCharset most = new DefaultCharset();
        most.setDefaultCharsetCollation(LATIN1_BIN);
        most.setCharsetCollations(Map.of(1, BINARY, 2, UTF8MB3, 3, BINARY));
        TableMapEventMetadata usual = new TableMapEventMetadata();
        usual.setDefaultCharset(most);
        assertThat(charsets(usual, false)).containsExactly("e utf8mb4", "v latin1", "t utf8", "c latin1");
    }

    @Test
    void shouldStayIfTheyAreRightOrNotLogged() {
        for (TableMapEventMetadata metadata :
                new TableMapEventMetadata[] {each(45, BINARY, UTF8MB3, BINARY, GBK), new TableMapEventMetadata(), null
                }) {
            assertThat(ColumnCharsets.corrected(table, event(metadata), false)).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "255, utf8mb4",
        "63, binary",
        "577, utf8mb3",
        "610, utf8mb4",
        "642, ucs2",
        "672, utf16",
        "738, utf32",
        "1032, latin1",
        "1270, utf8mb4",
        "2048, utf8mb3",
        "2304, utf8mb4",
        "2759, ucs2",
        "2816, utf16",
        "3271, utf32",
        "4000, ",
    })
    void shouldKnowCollationsByTheirNumbers(int collation, String charset) {
        assertThat(ColumnCharsets.charset(collation)).isEqualTo(charset);
    }

    @Test
    void shouldSayWhichTypeIsNotThatOfTheDefinition() {
        Table other =
                table.edit().updateColumn(column("t", "DATE", Types.DATE, null)).create();

        assertThat(ColumnTypes.problem(table, event(null))).isEmpty();
        assertThat(ColumnTypes.problem(other, event(null)).orElseThrow()).contains("column 6", "252", "t DATE");
        assertThat(ColumnTypes.problem(table.edit().removeColumn("t").create(), event(null)))
                .isEqualTo(Optional.empty());
    }
}

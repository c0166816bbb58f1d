package io.mysqlmonitor.message;

import static io.mysqlmonitor.change.Changes.EMPLOYEE;
import static io.mysqlmonitor.change.Changes.row;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mysqlmonitor.change.Changes;
import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.change.Heartbeat;
import io.mysqlmonitor.change.RawJson;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.change.SchemaChange;
import io.mysqlmonitor.change.Table;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MessageModuleTest {

    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1_539_710_711L), ZoneOffset.UTC);

    @Test
    void shouldWriteInsertWithAllValues() throws IOException {
        assertThat(json(Changes.insert(EMPLOYEE, 4711, row("abc", "def", 2760))))
                .isEqualTo(golden("row_insert"));
    }

    @Test
    void shouldWriteUpdateWithChangedColumnsOnly() throws IOException {
        RowChange update =
                Changes.update(EMPLOYEE, 4711, row("Ldurlqgfqv", "x", 1903), row("Ldurlqgfqvsdf", "x", 1903));

        assertThat(json(update)).isEqualTo(golden("row_update"));
    }

    @Test
    void shouldWriteDeleteWithKeysOnly() throws IOException {
        assertThat(json(Changes.delete(EMPLOYEE, 4711, row("a", "b", 5)))).isEqualTo(golden("row_delete"));
    }

    @Test
    void shouldWriteRowOfASnapshotLikeAnInsert() throws IOException {
        RowChange row = Changes.snapshot(EMPLOYEE, 7, row("abc", "def", 2760));

        assertThat(json(row)).isEqualTo(golden("row_snapshot"));
        assertThat(row.id()).isEqualTo("snapshot:1539710709:7");
    }

    @Test
    void shouldWriteTruncate() throws IOException {
        assertThat(json(Changes.truncate(EMPLOYEE, 4711))).isEqualTo(golden("table_truncate"));
    }

    @Test
    void shouldWriteSchemaChangeWithTheColumnsAfterIt() throws IOException {
        assertThat(json(Changes.schemaChange(
                        SchemaChange.Kind.ALTER, "ALTER TABLE employee ADD fname VARCHAR(50)", 4711)))
                .isEqualTo(golden("schema_change_alter"));
        assertThat(json(Changes.schemaChange(SchemaChange.Kind.RENAME, "RENAME TABLE person TO employee", 4711)))
                .isEqualTo(golden("schema_change_rename"));
    }

    @Test
    void shouldWriteSchemaChangeOfADatabaseWithoutTable() throws IOException {
        SchemaChange dropped = new SchemaChange(
                SchemaChange.Kind.DATABASE,
                "hr",
                null,
                null,
                "DROP DATABASE hr",
                List.of(),
                List.of(),
                new EventPosition("binlog.000007", 4711, 0, "g:1"),
                1_539_710_709L);

        assertThat(json(dropped)).isEqualTo(golden("schema_change_database"));
    }

    @Test
    void shouldWriteHeartbeat() throws IOException {
        assertThat(json(new Heartbeat())).isEqualTo(golden("heartbeat"));
    }

    @Test
    void shouldWriteEachKindOfValue() throws IOException {
        Map<String, Object> geometry = new LinkedHashMap<>();
        geometry.put("srid", 0);
        geometry.put("wkb", "AQ==");
        Table kinds = new Table(
                "hr",
                "kinds",
                List.of("null", "flag", "int", "unsigned", "decimal", "float", "text", "json", "geometry", "vector"),
                List.of());

        RowChange insert = Changes.insert(
                kinds,
                4711,
                row(
                        null,
                        true,
                        (short) -1,
                        new BigDecimal("18446744073709551615"),
                        "12.30",
                        1.5f,
                        "ä \"€\" 😀",
                        new RawJson("{\"a\":[1,2.50,null]}"),
                        geometry,
                        List.of(1.5f, -2.0f)));

        assertThat(json(insert)).isEqualTo(golden("row_insert_values"));
    }

    @Test
    void shouldAddWhatIsAskedFor() throws IOException {
        ObjectMapper mapper =
                new ObjectMapper().registerModule(new MessageModule(CLOCK, Set.copyOf(MessageModule.ADDITIONS)));

        String json = mapper.writeValueAsString(Changes.insert(EMPLOYEE, 4711, row("abc", "def", 2760)));

        assertThat(json).isEqualTo(golden("row_insert_with_additions"));
    }

    private static String json(Object message) throws IOException {
        return new ObjectMapper()
                .registerModule(new MessageModule(CLOCK, Set.of()))
                .writeValueAsString(message);
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = MessageModuleTest.class.getResourceAsStream("/golden/" + name + ".json")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }
}

package io.mysqlmonitor.fidelity;

import static io.mysqlmonitor.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each type of the server and its edges: what is published is what {@code docs/values.md} says and what a SELECT gives.
 *
 * <p>The lines of that file are the columns of two tables, one that is there when the monitor starts and one that is created
 * after that, whose definition comes from the server and from the binary log respectively. The server's zone, the session's
 * and this JVM's differ from each other and from UTC.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ValuesIT {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /** Debezium takes the text of a snapshot through a character set of Java's. */
    private static final Pattern TEXT_OF_SEVERAL_BYTES =
            Pattern.compile("CHARACTER SET (gbk|euckr|big5|sjis|ujis|eucjpms)");

    private static final Pattern LINE = Pattern.compile("\\| `(.+?)` \\| `(.+?)` \\|(?: `(.+)`)? \\|");
    private static final String ALL_BYTES = IntStream.rangeClosed(1, 255)
            .mapToObj(character -> String.format("%02X", character))
            .collect(Collectors.joining());
    private static final List<String> TABLES = List.of("early", "late");
    private static final int VALUES = 1;
    private static final int NULLS = 2;

    private final TimeZone zone = TimeZone.getDefault();
    private String serverZone;
    private Scene scene;
    private List<Value> values;
    private final Map<String, JsonNode> published = new LinkedHashMap<>();
    private final Map<String, String> selected = new LinkedHashMap<>();

    /**
     * A column that holds one value.
     *
     * @param column its name
     * @param type its type
     * @param sql the value
     * @param json what is published; null if only a SELECT tells
     */
    record Value(String column, String type, String sql, String json) {

        boolean isNullable() {
            return !type.contains("NOT NULL") && !type.contains(" AS (");
        }

        @Override
        public String toString() {
            return column + " " + type + " " + sql;
        }
    }

    @BeforeAll
    void publish(@TempDir Path directory) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("America/New_York"));
        scene = new Scene(directory);
        values = values();
        serverZone = scene.select("SELECT @@GLOBAL.time_zone").get(0);
        scene.sql(
                "SET GLOBAL time_zone = '+05:30'",
                "SET time_zone = '+02:00', sql_mode = '', NAMES utf8mb4, character_set_results = NULL",
                create("early"));
        try (RunningMonitor monitor = start()) {
            scene.sql(create("late"));
            for (String table : TABLES) {
                scene.sql(insert(table, VALUES), insert(table, NULLS));
            }
            scene.awaitChanges(4);
        }
        select();
        try (RunningMonitor monitor = start(
                "monitor.start",
                "snapshot",
                "monitor.data",
                directory.resolve("snapshot").toString())) {
            scene.awaitChanges(8);
            for (String table : TABLES) {
                scene.sql("UPDATE " + table + " SET "
                        + values.stream()
                                .filter(Value::isNullable)
                                .map(value -> value.column() + " = NULL")
                                .collect(Collectors.joining(", "))
                        + " WHERE id = " + VALUES);
            }
            for (Received message : scene.awaitChanges(10)) {
                JsonNode body = JSON.readTree(message.body());
                published.put(
                        message.type() + " " + body.get("table_name").asText()
                                + body.get("keys").get("id"),
                        body);
            }
        }
    }

    private void select() throws SQLException {
        scene.sql("SET time_zone = '+00:00'");
        for (String table : TABLES) {
            for (Value value : values) {
                String query =
                        "SELECT " + asJson(value, scene.isMariadb()) + " FROM " + table + " WHERE id = " + VALUES;
                selected.put(table + value.column(), scene.select(query).get(0));
            }
        }
    }

    private RunningMonitor start(String... settings) throws Exception {
        RunningMonitor monitor = new RunningMonitor(scene, "monitor.dedupe.window", "0");
        monitor.start(settings);
        return monitor;
    }

    private String create(String table) {
        return "CREATE TABLE " + table + " (id INT PRIMARY KEY, "
                + values.stream()
                        .map(value -> value.column() + " " + value.type())
                        .collect(Collectors.joining(", "))
                + ") DEFAULT CHARACTER SET utf8mb4";
    }

    private String insert(String table, int id) {
        return "INSERT INTO " + table + " (id, "
                + values.stream().map(Value::column).collect(Collectors.joining(", ")) + ") VALUES (" + id + ", "
                + values.stream()
                        .map(value -> id == NULLS && value.isNullable() ? "NULL" : value.sql())
                        .collect(Collectors.joining(", "))
                + ")";
    }

    /** SQL that makes the contract's JSON of a value. */
    private static String asJson(Value value, boolean mariadb) {
        String c = value.column();
        String type = value.type().replaceFirst("[( ].*", "");
        String fraction = "IF(MICROSECOND(" + c + ") = 0, '', CONCAT('.', LPAD(MICROSECOND(" + c + "), 6, '0')))";
        return switch (value.type().contains("CHARACTER SET binary") ? "BINARY" : type) {
            case "DECIMAL", "NUMERIC" -> "CONCAT('\"', " + c + " + 0, '\"')";
            case "FLOAT" -> c + " + 0e0";
            case "BIT" -> c + " + 0";
            case "CHAR",
                    "VARCHAR",
                    "NCHAR",
                    "NATIONAL",
                    "TINYTEXT",
                    "TEXT",
                    "MEDIUMTEXT",
                    "LONGTEXT",
                    "ENUM",
                    "SET" -> "JSON_QUOTE(CONVERT(" + c + " USING utf8mb4))";
            case "BINARY",
                    "VARBINARY",
                    "TINYBLOB",
                    "BLOB",
                    "MEDIUMBLOB",
                    "LONGBLOB" -> "CONCAT('\"', REPLACE(TO_BASE64(" + c + "), '\\n', ''), '\"')";
            case "DATE" -> "IF(MONTH(" + c + ") = 0 OR DAY(" + c + ") = 0, 'null', CONCAT('\"', " + c + ", '\"'))";
            case "DATETIME", "TIMESTAMP" -> "IF(MONTH(" + c + ") = 0 OR DAY(" + c
                    + ") = 0, 'null', CONCAT('\"', REPLACE(LEFT(CAST(" + c + " AS CHAR), 19), ' ', 'T'), " + fraction
                    + (type.equals("DATETIME") ? "" : ", 'Z'") + ", '\"'))";
            case "TIME" -> "CONCAT('\"', SUBSTRING_INDEX(CAST(" + c + " AS CHAR), '.', 1), " + fraction + ", '\"')";
            case "YEAR" -> c + " + 0";
            case "JSON" -> mariadb ? "JSON_QUOTE(" + c + ")" : c;
            case "POINT",
                    "GEOMETRY",
                    "LINESTRING",
                    "POLYGON",
                    "MULTIPOINT",
                    "MULTILINESTRING",
                    "MULTIPOLYGON",
                    "GEOMETRYCOLLECTION" -> "CONCAT('{\"srid\":', ST_SRID(" + c
                    + "), ',\"wkb\":\"', REPLACE(TO_BASE64(UNHEX(SUBSTRING(HEX(" + c + "), 9))), '\\n', ''), '\"}')";
            case "VECTOR" -> "VECTOR_TO_STRING(" + c + ")";
            default -> value.type().contains("ZEROFILL") ? c + " + 0" : c;
        };
    }

    private List<Value> values() throws IOException, SQLException {
        String other = scene.isMariadb() ? "## MySQL only" : "## MariaDB only";
        List<Value> values = new ArrayList<>();
        String heading = "";
        for (String line : Files.readAllLines(Path.of("docs/values.md"))) {
            heading = line.startsWith("## ") ? line : heading;
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches() && !heading.equals(other)) {
                values.add(new Value("c" + values.size(), matcher.group(1), matcher.group(2), matcher.group(3)));
            }
        }
        IntStream.rangeClosed(1, 64)
                .mapToObj(bits -> new Value("bit" + bits, "BIT(" + bits + ")", "1 | (1 << " + (bits - 1) + ")", null))
                .forEach(values::add);
        addEachCharset(values, "MAXLEN = 1", charset -> "_" + charset + " 0x" + ALL_BYTES);
        addEachCharset(values, "MAXLEN > 1", charset -> "'aé€汉字あア한Жα漢龍😀'");
        return values;
    }

    private void addEachCharset(List<Value> values, String condition, UnaryOperator<String> text) throws SQLException {
        // The server has no characters for some bytes of cp1256 for which Java has.
        for (String charset : scene.select("SELECT CHARACTER_SET_NAME FROM information_schema.CHARACTER_SETS WHERE "
                + condition + " AND CHARACTER_SET_NAME NOT IN ('binary', 'cp1256')")) {
            values.add(new Value(charset, "TEXT CHARACTER SET " + charset, text.apply(charset), null));
        }
    }

    Stream<Value> eachValue() {
        return values.stream();
    }

    @ParameterizedTest
    @MethodSource("eachValue")
    void shouldPublishWhatIsSelected(Value value) throws IOException, SQLException {
        for (String table : TABLES) {
            JsonNode insert = published.get("row_insert " + table + VALUES);
            JsonNode inserted = insert.get("values").get(value.column());
            assertThat(inserted).as("%s in %s", value, table).isNotNull();
            assertThat(comparable(value, inserted))
                    .as("%s in %s", value, table)
                    .isEqualTo(comparable(value, JSON.readTree(selected.get(table + value.column()))));
            if (value.json() != null) {
                JsonNode documented = JSON.readTree(value.json());
                if (value.type().startsWith("JSON")) { // whose numbers are doubles, too, however they are written
                    assertThat(comparable(value, inserted)).isEqualTo(comparable(value, documented));
                } else {
                    assertThat(inserted).as("%s in %s", value, table).isEqualTo(documented);
                }
            }
            if (isExactInSnapshots(value)) {
                JsonNode snapshot = published.get("row_snapshot " + table + VALUES);
                assertThat(comparable(value, snapshot.get("values").get(value.column())))
                        .as("%s in the snapshot of %s", value, table)
                        .isEqualTo(comparable(value, inserted));
            }
            if (value.isNullable()) {
                assertThat(published
                                .get("row_snapshot " + table + NULLS)
                                .get("values")
                                .get(value.column())
                                .isNull())
                        .isTrue();
                JsonNode update = published.get("row_update " + table + VALUES);
                assertThat(published
                                .get("row_insert " + table + NULLS)
                                .get("values")
                                .get(value.column())
                                .isNull())
                        .isTrue();
                if (!inserted.isNull()) {
                    assertThat(update.get("before_values").get(value.column())).isEqualTo(inserted);
                    assertThat(update.get("after_values").get(value.column()).isNull())
                            .isTrue();
                }
            }
        }
    }

    /** All but what docs/values.md names. */
    private boolean isExactInSnapshots(Value value) throws SQLException {
        return !value.sql().equals("'2021-03-14 02:30:00'") // not there by this JVM's clock
                && !value.sql().equals("-3.40282346e38")
                && !value.sql().startsWith("_")
                && !TEXT_OF_SEVERAL_BYTES.matcher(value.type()).find()
                && !(value.column().equals("cp932") && scene.isMariadb());
    }

    @Test
    void shouldPublishDecimalsAsNumbersWhenTold() throws Exception {
        try (RunningMonitor monitor = start("monitor.decimal", "number")) {
            scene.sql(
                    "CREATE TABLE price (id DECIMAL(30,28) PRIMARY KEY, amount DECIMAL(65,30), none DECIMAL(5,2))",
                    "INSERT INTO price VALUES (0.0000000000000000000000000001, -12345678901234567890123456789012345.12, NULL)");

            awaitMessageWith("\"keys\":{\"id\":0.0000000000000000000000000001},"
                    + "\"values\":{\"id\":0.0000000000000000000000000001,"
                    + "\"amount\":-12345678901234567890123456789012345.120000000000000000000000000000,\"none\":null}");
        }
    }

    @Test
    void shouldDecodeTextByTheCharacterSetOfTheDatabase() throws Exception {
        scene.sql("ALTER DATABASE " + scene.database() + " CHARACTER SET gbk");
        try (RunningMonitor monitor = start()) {
            scene.sql("CREATE TABLE plain (id VARCHAR(5) PRIMARY KEY)", "INSERT INTO plain VALUES ('汉字')");

            awaitMessageWith("\"keys\":{\"id\":\"汉字\"}");
        }
    }

    private void awaitMessageWith(String json) {
        await().untilAsserted(() ->
                assertThat(scene.changes()).extracting(Received::body).anyMatch(body -> body.contains(json)));
    }

    /** Numbers by their value; of a FLOAT a SELECT gives the double that it is, and the message the shortest that is read as it. */
    private static Object comparable(Value value, JsonNode node) {
        Function<BigDecimal, Object> number = value.type().startsWith("FLOAT")
                ? BigDecimal::floatValue
                : value.type().matches("DOUBLE.*|REAL.*|JSON.*|VECTOR.*")
                        ? BigDecimal::doubleValue
                        : decimal -> decimal;
        return number(node, number);
    }

    private static Object number(JsonNode node, Function<BigDecimal, Object> number) {
        if (node.isNumber()) {
            return number.apply(node.decimalValue());
        }
        if (node.isArray()) {
            List<Object> list = new ArrayList<>();
            node.forEach(element -> list.add(number(element, number)));
            return list;
        }
        if (node.isObject()) {
            Map<String, Object> map = new LinkedHashMap<>();
            node.properties().forEach(field -> map.put(field.getKey(), number(field.getValue(), number)));
            return map;
        }
        // what has no character in Unicode is a question mark for the server
        return node.isTextual() ? node.textValue().replace('\uFFFD', '?') : node;
    }

    @AfterAll
    void restore() throws Exception {
        TimeZone.setDefault(zone);
        if (scene != null) {
            scene.sql("SET GLOBAL time_zone = '" + serverZone + "'");
            scene.close();
        }
    }
}

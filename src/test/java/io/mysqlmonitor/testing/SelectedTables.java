package io.mysqlmonitor.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The tables of a database as the server has them: their definitions, and their rows with values as {@code docs/values.md} writes
 * them.
 */
public final class SelectedTables implements AutoCloseable {

    public static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Connection connection;
    private final String database;
    private final boolean mariadb;

    /**
     * A column.
     *
     * @param kind its type without anything else, such as {@code varchar}
     * @param type its type as the server prints it, such as {@code varchar(20)}
     * @param charset its character set; null if it is no text
     */
    public record Column(String name, String kind, String type, String charset, boolean nullable, boolean generated) {

        /** A value that equals that of another form of the same number. */
        public Object comparable(JsonNode value) {
            if (value == null || value.isNull()) {
                return "NULL";
            }
            if (type.matches("(?s)(enum|set)\\(.*[?\\\\\\x00].*")) {
                // The server has other labels than the statement: the column's character set lacks their characters,
                // or, of
                // UTF-16, the server took their bytes for characters. See docs/values.md.
                return "unknown";
            }
            return switch (kind) {
                case "float" -> value.isNumber() ? value.floatValue() : value;
                case "double" -> value.isNumber() ? value.doubleValue() : value;
                default -> exact(value);
            };
        }

        private static Object exact(JsonNode value) {
            if (value.isNumber()) {
                BigDecimal number = value.decimalValue();
                return number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
            }
            if (value.isArray()) {
                List<Object> list = new ArrayList<>();
                value.forEach(element -> list.add(exact(element)));
                return list;
            }
            if (value.isObject()) {
                Map<String, Object> map = new TreeMap<>();
                value.properties().forEach(field -> map.put(field.getKey(), exact(field.getValue())));
                return map;
            }
            return value.isTextual() ? value.textValue() : value;
        }
    }

    /**
     * A table.
     *
     * @param key names of the columns of its primary key; empty if it has none
     */
    public record Table(String name, List<Column> columns, List<String> key) {

        public Table {
            columns = List.copyOf(columns);
            key = List.copyOf(key);
        }
    }

    /** A table with its rows, each under the text of its key, or under a number if the table has none. */
    public record Content(Table table, Map<String, Map<String, JsonNode>> rows) {}

    public SelectedTables(Connection connection, String database) throws SQLException {
        this.connection = connection;
        this.database = database;
        this.mariadb = connection.getMetaData().getDatabaseProductVersion().contains("MariaDB");
        connection.setCatalog(database);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET time_zone = '+00:00', sql_mode = '', NAMES utf8mb4");
        }
    }

    /** The definitions of all tables, by their names. */
    Map<String, Table> definitions() throws SQLException {
        Map<String, List<Column>> columns = new TreeMap<>();
        query(
                "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, IS_NULLABLE, EXTRA"
                        + " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION",
                row -> columns.computeIfAbsent(row.getString(1), name -> new ArrayList<>())
                        .add(new Column(
                                row.getString(2),
                                row.getString(3),
                                row.getString(4),
                                row.getString(5),
                                row.getString(6).equals("YES"),
                                row.getString(7).matches("(?i).*(VIRTUAL|STORED|PERSISTENT).*"))));
        Map<String, List<String>> keys = new TreeMap<>();
        query(
                "SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.STATISTICS"
                        + " WHERE TABLE_SCHEMA = ? AND INDEX_NAME = 'PRIMARY' ORDER BY TABLE_NAME, SEQ_IN_INDEX",
                row -> keys.computeIfAbsent(row.getString(1), name -> new ArrayList<>())
                        .add(row.getString(2)));
        Map<String, Table> tables = new TreeMap<>();
        columns.forEach((name, list) -> tables.put(name, new Table(name, list, keys.getOrDefault(name, List.of()))));
        return tables;
    }

    /** All tables with all their rows. */
    public Map<String, Content> content() throws SQLException {
        Map<String, Content> content = new TreeMap<>();
        for (Table table : definitions().values()) {
            content.put(table.name(), new Content(table, rows(table)));
        }
        return content;
    }

    private Map<String, Map<String, JsonNode>> rows(Table table) throws SQLException {
        String select = "SELECT "
                + table.columns().stream().map(this::expression).collect(Collectors.joining(", "))
                + " FROM " + quoted(table.name());
        Map<String, Map<String, JsonNode>> rows = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            try (ResultSet result = statement.executeQuery(select)) {
                while (result.next()) {
                    Map<String, JsonNode> row = new LinkedHashMap<>();
                    for (int i = 0; i < table.columns().size(); i++) {
                        Column column = table.columns().get(i);
                        row.put(column.name(), value(column, result.getString(i + 1)));
                    }
                    rows.put(table.key().isEmpty() ? "#" + rows.size() : key(table.key(), row), row);
                }
            }
        }
        return rows;
    }

    /** The key of a row as a text that is the same whoever made it. */
    private static String key(List<String> columns, Map<String, JsonNode> row) {
        ObjectNode key = NODES.objectNode();
        columns.forEach(column -> key.set(column, row.get(column)));
        return key(key);
    }

    /** The key that a message has, in the same form. */
    public static String key(JsonNode keys) {
        Map<String, Object> key = new TreeMap<>();
        keys.properties().forEach(field -> key.put(field.getKey(), Column.exact(field.getValue())));
        return key.toString();
    }

    private String expression(Column column) {
        String c = quoted(column.name());
        String fraction = "IF(MICROSECOND(" + c + ") = 0, '', CONCAT('.', LPAD(MICROSECOND(" + c + "), 6, '0')))";
        String invalid = "MONTH(" + c + ") = 0 OR DAY(" + c + ") = 0";
        return switch (column.kind()) {
            case "float" -> c + " + 0e0";
            case "bit", "year", "decimal" -> c + " + 0";
            case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set" -> "HEX(CONVERT(" + c
                    + " USING utf8mb4))";
            case "date" -> "IF(" + invalid + ", NULL, CAST(" + c + " AS CHAR))";
            case "datetime", "timestamp" -> "IF(" + invalid + ", NULL, CONCAT(REPLACE(LEFT(CAST(" + c
                    + " AS CHAR), 19), ' ', 'T'), " + fraction + (column.kind().equals("datetime") ? "" : ", 'Z'")
                    + "))";
            case "time" -> "CONCAT(SUBSTRING_INDEX(CAST(" + c + " AS CHAR), '.', 1), " + fraction + ")";
            case "json" -> "HEX(CAST(" + c + " AS CHAR CHARACTER SET utf8mb4))";
            case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "point", "geometry" -> "HEX(" + c
                    + ")";
            default -> column.type().contains("zerofill") ? c + " + 0" : c;
        };
    }

    private JsonNode value(Column column, String selected) {
        if (selected == null) {
            return NODES.nullNode();
        }
        return switch (column.kind()) {
            case "tinyint", "smallint", "mediumint", "int", "bigint", "bit", "year" -> NODES.numberNode(
                    new BigDecimal(selected));
            case "float" -> NODES.numberNode(new BigDecimal(Float.toString(Float.parseFloat(selected))));
            case "double" -> NODES.numberNode(new BigDecimal(Double.toString(Double.parseDouble(selected))));
            case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set" -> NODES.textNode(
                    text(selected));
            case "json" -> mariadb ? NODES.textNode(text(selected)) : parsed(text(selected));
            case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob" -> NODES.textNode(
                    base64(HexFormat.of().parseHex(selected)));
            case "point", "geometry" -> geometry(HexFormat.of().parseHex(selected));
            default -> NODES.textNode(selected);
        };
    }

    private static String text(String hexadecimal) {
        return new String(HexFormat.of().parseHex(hexadecimal), StandardCharsets.UTF_8);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static JsonNode parsed(String document) {
        try {
            return JSON.readTree(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the server gives no JSON: " + document, e);
        }
    }

    private static JsonNode geometry(byte[] stored) {
        int srid = stored[0] & 0xff | (stored[1] & 0xff) << 8 | (stored[2] & 0xff) << 16 | (stored[3] & 0xff) << 24;
        byte[] wkb = new byte[stored.length - 4];
        System.arraycopy(stored, 4, wkb, 0, wkb.length);
        return NODES.objectNode().put("srid", srid).put("wkb", base64(wkb));
    }

    public static String quoted(String name) {
        return '`' + name.replace("`", "``") + '`';
    }

    @FunctionalInterface
    private interface RowReader {
        void read(ResultSet row) throws SQLException;
    }

    private void query(String sql, RowReader reader) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, database);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    reader.read(rows);
                }
            }
        }
    }

    /** Where the server writes its binary log now. */
    public Place place() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(isOld() ? "SHOW MASTER STATUS" : "SHOW BINARY LOG STATUS")) {
            row.next();
            return new Place(row.getString(1), row.getLong(2));
        }
    }

    private boolean isOld() throws SQLException {
        return mariadb || connection.getMetaData().getDatabaseMajorVersion() < 8;
    }

    /** A place in the binary log. */
    public record Place(String file, long position) implements Comparable<Place> {

        @Override
        public int compareTo(Place other) {
            int files = file.compareTo(other.file);
            return files != 0 ? files : Long.compare(position, other.position);
        }

        @Override
        public String toString() {
            return file + ':' + position;
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}

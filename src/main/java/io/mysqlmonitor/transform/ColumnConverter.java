package io.mysqlmonitor.transform;

import io.debezium.data.Bits;
import io.debezium.data.Enum;
import io.debezium.data.EnumSet;
import io.debezium.data.Json;
import io.mysqlmonitor.change.RawJson;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;

/**
 * Turns the connector's form of a column value into that of the message contract, where {@link ExactValueConverter} has not done so.
 *
 * <p>The connector's forms are those of its settings {@code decimal.handling.mode=string} or {@code precise}, and
 * {@code bigint.unsigned.handling.mode=precise}; see
 * <a href="https://debezium.io/documentation/reference/stable/connectors/mysql.html#mysql-data-types">data type mappings</a>.
 */
@FunctionalInterface
interface ColumnConverter {

    /** Debezium gives the options of a type as the table's definition has them, and adds escapes to their commas. */
    Pattern ESCAPED = Pattern.compile("\\\\([\\\\,])");

    /**
     * @param value never null
     */
    Object convert(Object value);

    /** The converter for a column of the given schema; values of no special kind stay as they are. */
    static ColumnConverter of(Schema schema) {
        String name = schema.name() == null ? "" : schema.name();
        switch (name) {
            case Json.LOGICAL_NAME:
                return value -> json((String) value);
            case Enum.LOGICAL_NAME, EnumSet.LOGICAL_NAME:
                return value -> ESCAPED.matcher((String) value).replaceAll("$1");
            case Bits.LOGICAL_NAME:
                return value -> bits(bytes(value));
            default:
                break;
        }
        if (name.startsWith("io.debezium.data.geometry.")) {
            return value -> geometry((Struct) value);
        }
        return switch (schema.type()) {
            case BYTES -> value ->
                    value instanceof Number ? value : Base64.getEncoder().encodeToString(bytes(value));
            case BOOLEAN -> value -> (Boolean) value ? 1 : 0;
            default -> value -> value;
        };
    }

    private static RawJson json(String text) {
        if (text.equals(ExactValueConverter.UNREADABLE_JSON)) {
            throw new IllegalArgumentException("the JSON document cannot be read");
        }
        return new RawJson(text);
    }

    /** Debezium gives the bits with the lowest byte first. */
    private static Number bits(byte[] littleEndian) {
        byte[] magnitude = new byte[littleEndian.length];
        for (int i = 0; i < littleEndian.length; i++) {
            magnitude[i] = littleEndian[littleEndian.length - 1 - i];
        }
        BigInteger bits = new BigInteger(1, magnitude);
        return bits.bitLength() < 64 ? (Number) bits.longValueExact() : bits;
    }

    private static Map<String, Object> geometry(Struct geometry) {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("srid", geometry.get("srid") == null ? 0 : geometry.get("srid"));
        value.put("wkb", Base64.getEncoder().encodeToString(bytes(geometry.get("wkb"))));
        return value;
    }

    private static byte[] bytes(Object value) {
        if (value instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return bytes;
        }
        return (byte[]) value;
    }
}

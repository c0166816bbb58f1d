package io.mysqlmonitor.capture;

import io.debezium.data.Bits;
import io.debezium.data.Json;
import io.debezium.data.vector.DoubleVector;
import io.debezium.data.vector.FloatVector;
import io.debezium.time.Date;
import io.debezium.time.MicroTime;
import io.debezium.time.MicroTimestamp;
import io.debezium.time.NanoTimestamp;
import io.debezium.time.Timestamp;
import io.debezium.time.ZonedTimestamp;
import io.mysqlmonitor.change.RawJson;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;

/**
 * Turns the connector's form of a column value into that of the message contract.
 *
 * <p>The connector's forms are those of its settings {@code decimal.handling.mode=string},
 * {@code bigint.unsigned.handling.mode=precise} and {@code time.precision.mode=adaptive_time_microseconds}; see
 * <a href="https://debezium.io/documentation/reference/stable/connectors/mysql.html#mysql-data-types">data type mappings</a>.
 */
@FunctionalInterface
interface ColumnConverter {

    /**
     * @param value never null
     */
    Object convert(Object value);

    /** The converter for a column of the given schema; values of no special kind stay as they are. */
    static ColumnConverter of(Schema schema) {
        String name = schema.name() == null ? "" : schema.name();
        switch (name) {
            case Date.SCHEMA_NAME:
                return value ->
                        LocalDate.ofEpochDay(((Number) value).longValue()).toString();
            case Timestamp.SCHEMA_NAME:
                return value -> dateTime(Math.multiplyExact((Long) value, 1_000L));
            case MicroTimestamp.SCHEMA_NAME:
                return value -> dateTime((Long) value);
            case NanoTimestamp.SCHEMA_NAME:
                return value -> dateTime(Math.floorDiv((Long) value, 1_000L));
            case ZonedTimestamp.SCHEMA_NAME:
                return value -> instant((String) value);
            case MicroTime.SCHEMA_NAME:
                return value -> time((Long) value);
            case Json.LOGICAL_NAME:
                return value -> new RawJson((String) value);
            case Bits.LOGICAL_NAME:
                return value -> bits(bytes(value));
            case FloatVector.LOGICAL_NAME, DoubleVector.LOGICAL_NAME:
                return value -> value;
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

    private static String dateTime(long epochMicros) {
        LocalDateTime dateTime = LocalDateTime.ofEpochSecond(Math.floorDiv(epochMicros, 1_000_000L), 0, ZoneOffset.UTC);
        return seconds(dateTime) + fraction(Math.floorMod(epochMicros, 1_000_000L));
    }

    private static String instant(String zoned) {
        OffsetDateTime time = OffsetDateTime.parse(zoned).withOffsetSameInstant(ZoneOffset.UTC);
        return seconds(time.toLocalDateTime().withNano(0)) + fraction(time.getNano() / 1_000) + "Z";
    }

    /** {@code LocalDateTime.toString} leaves out seconds that are zero; the contract does not. */
    private static String seconds(LocalDateTime wholeSeconds) {
        String text = wholeSeconds.toString();
        return wholeSeconds.getSecond() == 0 ? text + ":00" : text;
    }

    private static String fraction(long micros) {
        return micros == 0 ? "" : "." + String.valueOf(1_000_000L + micros).substring(1);
    }

    private static String time(long micros) {
        long seconds = Math.abs(micros) / 1_000_000L;
        return (micros < 0 ? "-" : "")
                + twoDigits(seconds / 3_600)
                + ':'
                + twoDigits(seconds / 60 % 60)
                + ':'
                + twoDigits(seconds % 60)
                + fraction(Math.abs(micros) % 1_000_000L);
    }

    private static String twoDigits(long number) {
        return number < 10 ? "0" + number : String.valueOf(number);
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

package io.mysqlmonitor.transform;

import io.debezium.data.Json;
import io.debezium.spi.converter.CustomConverter;
import io.debezium.spi.converter.RelationalColumn;
import io.mysqlmonitor.statement.MysqlCharset;
import java.nio.charset.StandardCharsets;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.Year;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import org.apache.kafka.connect.data.SchemaBuilder;

/**
 * Converts the column types of which Debezium's own converters lose or change values, straight to the form of the message contract.
 *
 * <p>What they do:
 *
 * <ul>
 *   <li>{@code DATE}, {@code DATETIME}: a zero date in a {@code NOT NULL} column becomes 1970-01-01; here null.
 *   <li>{@code TIMESTAMP}: a zero date becomes 1970-01-01T00:00:00Z; here null.
 *   <li>{@code YEAR}: 0000 becomes 1900 out of the binary log, 2000 out of a query; here 0.
 *   <li>{@code FLOAT(7,3)}: 1.1 becomes the double 1.100000023841858; here it stays a float.
 *   <li>{@code BOOL} is a {@code TINYINT}: 7 becomes true, and so 1, in a table that is created while the binary log is read; here 7.
 *   <li>{@code JSON}: see {@link BinaryJson}.
 *   <li>Text in some character sets loses characters: see {@link MysqlCharset}.
 *   <li>{@code CHAR(3) CHARACTER SET binary} becomes text, in a table that is created while the binary log is read.
 * </ul>
 *
 * <p>Values come out of the binary log, out of a query (a snapshot), and, in other forms and without use, as the defaults of columns.
 */
public final class ExactValueConverter implements CustomConverter<SchemaBuilder, RelationalColumn> {

    /** Property with which JSON documents are text, as MariaDB stores them, and not in MySQL's binary form. */
    public static final String JSON_IS_TEXT = "json.text";

    /** Stands for a JSON document that cannot be read, so that the change becomes a dead letter; no document's text is empty. */
    static final String UNREADABLE_JSON = "";

    /** The byte of the binary log for {@code YEAR} 0000, as Debezium reads it. */
    private static final int YEAR_ZERO = 1900;

    private boolean jsonIsText;

    @Override
    public void configure(Properties properties) {
        jsonIsText = Boolean.parseBoolean(properties.getProperty(JSON_IS_TEXT));
    }

    @Override
    public void converterFor(RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
        String type = column.typeName().toUpperCase(Locale.ROOT);
        switch (type) {
            case "DATE" -> registration.register(text(), ExactValueConverter::date);
            case "DATETIME" -> registration.register(text(), ExactValueConverter::dateTime);
            case "TIMESTAMP" -> registration.register(text(), ExactValueConverter::timestamp);
            case "TIME" -> registration.register(text(), ExactValueConverter::time);
            case "YEAR" -> registration.register(SchemaBuilder.int32().optional(), ExactValueConverter::year);
            case "BOOL", "BOOLEAN" -> registration.register(
                    SchemaBuilder.int16().optional(), ExactValueConverter::small);
            case "JSON" -> registration.register(
                    jsonIsText ? text() : Json.builder().optional(),
                    jsonIsText ? ExactValueConverter::string : ExactValueConverter::json);
            default -> {
                if (type.startsWith("FLOAT") && column.scale().isPresent()) {
                    registration.register(SchemaBuilder.float32().optional(), ExactValueConverter::singlePrecision);
                } else if (!type.startsWith("ENUM") && !type.startsWith("SET")) {
                    registerForCharset(column, registration);
                }
            }
        }
    }

    private static void registerForCharset(RelationalColumn column, ConverterRegistration<SchemaBuilder> registration) {
        if ("binary".equalsIgnoreCase(column.charsetName())) {
            int length =
                    column.typeName().equalsIgnoreCase("CHAR") ? column.length().orElse(1) : 0;
            registration.register(
                    SchemaBuilder.bytes().optional(),
                    value -> value instanceof byte[] bytes
                            ? Arrays.copyOf(bytes, Math.max(length, bytes.length))
                            : null);
            return;
        }
        MysqlCharset.of(column.charsetName())
                .ifPresent(charset -> registration.register(
                        text(), value -> value instanceof byte[] bytes ? charset.decode(bytes) : string(value)));
    }

    private static SchemaBuilder text() {
        return SchemaBuilder.string().optional();
    }

    private static Object date(Object value) {
        return value instanceof Date date ? date.toLocalDate().toString() : string(value);
    }

    private static Object dateTime(Object value) {
        if (value instanceof Timestamp timestamp) {
            return text(timestamp.toLocalDateTime());
        }
        return value instanceof LocalDateTime dateTime ? text(dateTime) : string(value);
    }

    private static Object timestamp(Object value) {
        Instant instant = value instanceof Timestamp timestamp
                ? timestamp.toInstant()
                : value instanceof ZonedDateTime zoned ? zoned.toInstant() : null;
        if (instant == null) {
            return string(value);
        }
        return instant.getEpochSecond() == 0 ? null : text(LocalDateTime.ofInstant(instant, ZoneOffset.UTC)) + 'Z';
    }

    private static Object time(Object value) {
        if (!(value instanceof Duration duration)) {
            return string(value);
        }
        Duration time = duration.abs();
        return (duration.isNegative() ? "-" : "")
                + twoDigits(time.toHours())
                + ':'
                + twoDigits(time.toMinutesPart())
                + ':'
                + twoDigits(time.toSecondsPart())
                + fraction(time.toNanosPart());
    }

    private static Object year(Object value) {
        if (value instanceof Year year) {
            return year.getValue() == YEAR_ZERO ? 0 : year.getValue();
        }
        return value instanceof Date date ? (Object) date.toLocalDate().getYear() : number(value);
    }

    /** An exception here would end the engine, at this row again and again. */
    private static Object json(Object value) {
        if (!(value instanceof byte[] binary)) {
            return string(value);
        }
        try {
            return BinaryJson.toText(binary);
        } catch (RuntimeException e) {
            return UNREADABLE_JSON;
        }
    }

    private static Object singlePrecision(Object value) {
        return value instanceof Number number ? (Object) number.floatValue() : null;
    }

    private static Object number(Object value) {
        return value instanceof Number number ? (Object) number.intValue() : null;
    }

    private static Object small(Object value) {
        return value instanceof Boolean bool
                ? (Object) (short) (bool ? 1 : 0)
                : value instanceof Number number ? (Object) number.shortValue() : null;
    }

    private static String string(Object value) {
        return value instanceof byte[] bytes
                ? new String(bytes, StandardCharsets.UTF_8)
                : value == null ? null : value.toString();
    }

    /** {@code LocalDateTime.toString} leaves out seconds that are zero; the contract does not. */
    private static String text(LocalDateTime dateTime) {
        return dateTime.toLocalDate().toString()
                + 'T'
                + twoDigits(dateTime.getHour())
                + ':'
                + twoDigits(dateTime.getMinute())
                + ':'
                + twoDigits(dateTime.getSecond())
                + fraction(dateTime.getNano());
    }

    private static String fraction(int nanos) {
        return nanos == 0
                ? ""
                : "." + String.valueOf(1_000_000L + nanos / 1_000).substring(1);
    }

    private static String twoDigits(long number) {
        return number < 10 ? "0" + number : String.valueOf(number);
    }
}

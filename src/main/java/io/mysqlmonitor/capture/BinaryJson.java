package io.mysqlmonitor.capture;

import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonBinary;
import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonFormatter;
import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonStringFormatter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A JSON document in MySQL's binary form, with what the binlog client's reader of it does wrong put right: the text is what MySQL
 * prints, but for white space and the way in which a number is written.
 *
 * <p>That reader takes unsigned integers from 2147483648 on for negative ones, fails at a negative {@code TIME} or loses its sign,
 * writes dates and times with another fraction than MySQL, values of other SQL types without their type, and a double with
 * the digits of its binary value.
 */
final class BinaryJson extends JsonBinary {

    /** Begins each binary document; text, which is what MariaDB stores in a JSON column, does not begin so low. */
    private static final int LAST_TYPE = 0x0f;

    private BinaryJson(byte[] document) {
        super(document);
    }

    /**
     * The document's text; of a document that is stored as text (MariaDB, where JSON is but text), a JSON string with that. No
     * bytes, which old rows have in a {@code NOT NULL} column that was added, are a JSON null for MySQL too.
     */
    static String toText(byte[] document) {
        if (document.length == 0) {
            return "null";
        }
        JsonFormatter text = new Text();
        if (document[0] > LAST_TYPE) {
            text.value(new String(document, StandardCharsets.UTF_8));
            return text.toString();
        }
        try {
            new BinaryJson(document).parse(text);
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected long readUInt32() throws IOException {
        return super.readUInt32() & 0xFFFF_FFFFL;
    }

    @Override
    protected void parseDate(JsonFormatter formatter) throws IOException {
        formatter.value(date(readInt64() >> 24));
    }

    @Override
    protected void parseDatetime(JsonFormatter formatter) throws IOException {
        long packed = readInt64();
        formatter.value(date(packed >> 24) + ' ' + time(packed, 0x1F));
    }

    @Override
    protected void parseTime(JsonFormatter formatter) throws IOException {
        long packed = readInt64();
        formatter.value((packed < 0 ? "-" : "") + time(Math.abs(packed), 0x3FF));
    }

    /** Of 17 bits of year * 13 + month, 5 of the day, 17 of the time. */
    private static String date(long packed) {
        long yearMonth = packed >> 22;
        return String.format("%04d-%02d-%02d", yearMonth / 13, yearMonth % 13, packed >> 17 & 0x1F);
    }

    /** Of the hour, 6 bits of the minute, 6 of the second, 24 of the microsecond. */
    private static String time(long packed, int hours) {
        return String.format(
                "%02d:%02d:%02d.%06d",
                packed >> 36 & hours, packed >> 30 & 0x3F, packed >> 24 & 0x3F, packed & 0xFF_FFFF);
    }

    private static final class Text extends JsonStringFormatter {

        /** The shortest decimal number that is read as this double. */
        @Override
        public void value(double value) {
            value(new BigDecimal(Double.toString(value)));
        }

        @Override
        public void valueOpaque(ColumnType type, byte[] value) {
            value("base64:type" + type.getCode() + ':' + Base64.getEncoder().encodeToString(value));
        }
    }
}

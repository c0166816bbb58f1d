package io.mysqlmonitor.transform;

import com.github.shyiko.mysql.binlog.event.deserialization.ColumnType;
import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonBinary;
import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonFormatter;
import com.github.shyiko.mysql.binlog.event.deserialization.json.JsonStringFormatter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.Base64;

/**
 * A JSON document in MySQL's binary form, with what the binlog client's reader of it does wrong put right: the text is what MySQL
 * prints, but for white space.
 *
 * <p>That reader takes unsigned integers from 2147483648 on for negative ones, fails at a negative {@code TIME} or loses its sign,
 * writes dates and times with another fraction than MySQL, values of other SQL types without their type, and a double with
 * the digits of its binary value, which makes an integer of a large one.
 */
final class BinaryJson extends JsonBinary {

    private BinaryJson(byte[] document) {
        super(document);
    }

    /** The document's text. No bytes, which old rows have in a {@code NOT NULL} column that was added, are a JSON null for MySQL too. */
    static String toText(byte[] document) {
        if (document.length == 0) {
            return "null";
        }
        JsonFormatter text = new Text();
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

        @Override
        public void value(double value) {
            value(new Literal(value));
        }

        @Override
        public void valueOpaque(ColumnType type, byte[] value) {
            value("base64:type" + type.getCode() + ':' + Base64.getEncoder().encodeToString(value));
        }
    }

    /** A double with MySQL's text of it: the formatter writes no text without quotes but that of a {@code BigDecimal}. */
    private static final class Literal extends BigDecimal {

        private static final long serialVersionUID = 1;

        private final String text;

        Literal(double value) {
            super(value);
            text = DoubleText.of(value);
        }

        @Override
        public String toPlainString() {
            return text;
        }
    }
}

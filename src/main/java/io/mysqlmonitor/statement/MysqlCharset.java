package io.mysqlmonitor.statement;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * A character set of MySQL that Debezium takes for a similar one of Java's, in which characters are lost or others: MySQL's {@code latin1}, say, has all 256
 * bytes, and Java's windows-1252 five less, which are frequent where UTF-8 was stored as latin1; MySQL's {@code euckr} has all Korean
 * syllables, and Java's EUC-KR a fifth of them.
 */
public final class MysqlCharset {

    private static final Properties SINGLE_BYTE = load();

    /** Those of several bytes: Java's nearest one, and what it decodes to other characters than MySQL does. */
    private static final Map<String, MysqlCharset> SEVERAL_BYTES = Map.of(
            "cp932", severalBytes("windows-31j", "", ""), // Debezium's connector for MariaDB takes it for GB2312
            "sjis", severalBytes("Shift_JIS", "\u2014\uFF3C", "\u2015\\"),
            "ujis", severalBytes("EUC-JP", "\u2014\uFF3C\uFF5E", "\u2015\\~"),
            "eucjpms",
                    severalBytes(
                            "x-eucJP-Open",
                            "\u2014\u301C\u2016\u2212\u00A2\u00A3\u00AC\u00A6",
                            "\u2015\uFF5E\u2225\uFF0D\uFFE0\uFFE1\uFFE2\uFFE4"),
            "gbk", severalBytes("GBK", "\u2641", "\u2295"),
            "big5", severalBytes("x-Big5-Solaris", "", ""),
            "euckr", severalBytes("x-windows-949", "", ""));

    private final Charset charset;
    private final String from;
    private final String to;

    /**
     * @param charset null for one of one byte
     * @param from characters to be replaced
     * @param to by which; for one of one byte the characters of its bytes
     */
    private MysqlCharset(Charset charset, String from, String to) {
        this.charset = charset;
        this.from = from;
        this.to = to;
    }

    private static MysqlCharset severalBytes(String charset, String from, String to) {
        return new MysqlCharset(Charset.forName(charset), from, to);
    }

    /**
     * @param name MySQL's name; null for none
     * @return empty if Java has the same one under the name that Debezium knows
     */
    public static Optional<MysqlCharset> of(String name) {
        if (name == null) {
            return Optional.empty();
        }
        String characters = SINGLE_BYTE.getProperty(name);
        return characters == null
                ? Optional.ofNullable(SEVERAL_BYTES.get(name))
                : Optional.of(new MysqlCharset(null, "", characters));
    }

    public String decode(byte[] bytes) {
        if (charset != null) {
            String text = new String(bytes, charset);
            for (int i = 0; i < from.length(); i++) {
                text = text.replace(from.charAt(i), to.charAt(i));
            }
            return text;
        }
        char[] text = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            text[i] = to.charAt(bytes[i] & 0xFF);
        }
        return new String(text);
    }

    private static Properties load() {
        Properties properties = new Properties();
        try (Reader reader = new InputStreamReader(
                MysqlCharset.class.getResourceAsStream("charsets.properties"), StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }
}

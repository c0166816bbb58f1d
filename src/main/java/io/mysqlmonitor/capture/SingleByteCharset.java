package io.mysqlmonitor.capture;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Properties;

/**
 * A character set of MySQL with one byte per character that Debezium takes for a similar one of Java's, in which characters are lost: MySQL's
 * {@code latin1}, say, has all 256 of them, and Java's windows-1252 five less, which are frequent where UTF-8 was stored as latin1.
 */
final class SingleByteCharset {

    private static final Properties CHARACTERS = load();

    private final String characters;

    private SingleByteCharset(String characters) {
        this.characters = characters;
    }

    /**
     * @param name MySQL's name; null for none
     * @return empty if Java has the same one
     */
    static Optional<SingleByteCharset> of(String name) {
        return Optional.ofNullable(name).map(CHARACTERS::getProperty).map(SingleByteCharset::new);
    }

    String decode(byte[] bytes) {
        char[] text = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            text[i] = characters.charAt(bytes[i] & 0xFF);
        }
        return new String(text);
    }

    private static Properties load() {
        Properties properties = new Properties();
        try (Reader reader = new InputStreamReader(
                SingleByteCharset.class.getResourceAsStream("charsets.properties"), StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }
}

package io.mysqlmonitor.transform;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Columns whose values are masked, hashed or cut short before anything else of the monitor sees them.
 *
 * <p>Debezium can do so to columns of text alone, passes over others in silence, and takes the salt in the name of a property, which it logs.
 */
public final class ColumnMasks {

    /** Leaves every column as it is. */
    public static final ColumnMasks NONE = new ColumnMasks(List.of(), List.of(), "", Map.of());

    private static final String MASK = "***";
    private static final String ALGORITHM = "HmacSHA256";

    private final List<Pattern> masked;
    private final List<Pattern> hashed;
    private final Map<Pattern, Integer> lengths;
    private final SecretKeySpec salt;

    /**
     * @param masked patterns of {@code database.table.column}
     * @param hashed patterns of {@code database.table.column}
     * @param salt the key of the hash; never logged
     * @param lengths patterns of {@code database.table.column}, and how many characters of text are kept
     */
    public ColumnMasks(
            Collection<String> masked, Collection<String> hashed, String salt, Map<String, Integer> lengths) {
        this.masked = masked.stream().map(ColumnMasks::pattern).toList();
        this.hashed = hashed.stream().map(ColumnMasks::pattern).toList();
        this.lengths = lengths.entrySet().stream()
                .collect(Collectors.toMap(entry -> pattern(entry.getKey()), Map.Entry::getValue));
        this.salt = hashed.isEmpty() ? null : new SecretKeySpec(salt.getBytes(StandardCharsets.UTF_8), ALGORITHM);
    }

    private static Pattern pattern(String regex) {
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE); // as the connector does with its lists
    }

    /**
     * The converter for a column, whose result is that of {@code converter} if nothing is to be done to it.
     *
     * @param column {@code database.table.column}
     */
    ColumnConverter over(ColumnConverter converter, String column) {
        if (matches(masked, column)) {
            return value -> MASK;
        }
        if (matches(hashed, column)) {
            return value -> hash(String.valueOf(converter.convert(value)));
        }
        return length(column)
                .<ColumnConverter>map(length -> value -> cut(converter.convert(value), length))
                .orElse(converter);
    }

    /** Whether different values of a column may look the same. */
    boolean blur(String column) {
        return matches(masked, column)
                || !matches(hashed, column) && length(column).isPresent();
    }

    private Optional<Integer> length(String column) {
        return lengths.entrySet().stream()
                .filter(entry -> entry.getKey().matcher(column).matches())
                .map(Map.Entry::getValue)
                .min(Integer::compare);
    }

    private static boolean matches(List<Pattern> patterns, String column) {
        return patterns.stream().anyMatch(pattern -> pattern.matcher(column).matches());
    }

    private String hash(String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(salt);
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java has this algorithm
        }
    }

    private static Object cut(Object value, int length) {
        return value instanceof String text && text.codePointCount(0, text.length()) > length
                ? text.substring(0, text.offsetByCodePoints(0, length))
                : value;
    }

    /** Without patterns and salt. */
    @Override
    public String toString() {
        return masked.size() + hashed.size() + lengths.size() + " patterns";
    }
}

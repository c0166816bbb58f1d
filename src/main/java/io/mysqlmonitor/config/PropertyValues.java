package io.mysqlmonitor.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.util.TimeUtils;

/** What the text of a property stands for. All methods throw an {@link IllegalArgumentException} for other text. */
final class PropertyValues {

    private static final Pattern DURATION = Pattern.compile("0|\\d{1,9}(ms|s|m|h)");
    private static final Pattern BYTES =
            Pattern.compile("(\\d{1,12})\\s*(|K|KB|M|MB|G|GB|B)", Pattern.CASE_INSENSITIVE);

    private PropertyValues() {}

    static Duration toDuration(String value) {
        require(DURATION.matcher(value).matches()); // Camel's parser takes much more, and fails in many ways
        return Duration.ofMillis(TimeUtils.toMilliSeconds(value));
    }

    static long toBytes(String value) {
        Matcher matcher = BYTES.matcher(value);
        require(matcher.matches());
        int shift = "BKMG"
                .indexOf(
                        matcher.group(2).isEmpty()
                                ? 'B'
                                : Character.toUpperCase(matcher.group(2).charAt(0)));
        return Long.parseLong(matcher.group(1)) << (10 * shift);
    }

    /** Whole numbers and {@code true} and {@code false} are sent as such, all else as text. */
    static Map<String, Object> toArguments(String value) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        for (String argument : toSet(value)) {
            int equals = argument.indexOf('=');
            require(equals > 0);
            String text = argument.substring(equals + 1).strip();
            Object typed = text.matches("-?\\d{1,18}")
                    ? Long.valueOf(text)
                    : text.matches("true|false") ? Boolean.valueOf(text) : text;
            arguments.put(argument.substring(0, equals).strip(), typed);
        }
        return arguments;
    }

    static Map<String, Integer> toLengths(String value) {
        Map<String, Integer> lengths = new TreeMap<>();
        for (String part : Patterns.split(value)) {
            int colon = part.lastIndexOf(':');
            require(colon > 0 && part.substring(colon + 1).matches("\\d{1,9}"));
            String pattern = part.substring(0, colon);
            Pattern.compile(pattern);
            lengths.put(pattern, Integer.valueOf(part.substring(colon + 1)));
        }
        return lengths;
    }

    static Set<String> toSet(String value) {
        Set<String> set = new TreeSet<>();
        Arrays.stream(value.split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .forEach(set::add);
        return set;
    }

    private static void require(boolean condition) {
        if (!condition) {
            throw new IllegalArgumentException();
        }
    }
}

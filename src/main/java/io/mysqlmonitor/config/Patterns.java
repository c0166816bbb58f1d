package io.mysqlmonitor.config;

import io.debezium.text.ParsingException;
import io.debezium.util.Strings.RegExSplitter;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Comma-separated lists of regular expressions, as the connector reads them: a comma within an expression is written {@code \,},
 * so that {@code order_\d{1\,3}} is one expression.
 */
public final class Patterns {

    private Patterns() {}

    /**
     * The expressions of a list, without blanks around them; those that are empty are left out.
     *
     * @throws IllegalArgumentException if one of them is no regular expression
     */
    public static List<String> split(String list) {
        try {
            List<String> patterns = Arrays.stream(RegExSplitter.split(list))
                    .filter(pattern -> !pattern.isEmpty())
                    .toList();
            patterns.forEach(Pattern::compile);
            return patterns;
        } catch (ParsingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The list of which {@link #split} gives the expressions. */
    public static String join(List<String> patterns) {
        return patterns.stream().map(pattern -> pattern.replace(",", "\\,")).collect(Collectors.joining(","));
    }
}

package io.mysqlmonitor.publish;

import io.mysqlmonitor.change.RawJson;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.change.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A routing key, or the name of a RabbitMQ exchange: text in which placeholders stand for what a message is about.
 *
 * <p>{@code {database}}, {@code {table}} and {@code {type}} are the message's headers of that name; {@code {key}} is the row's key, with
 * {@code :} between the values of several columns; {@code {key.COLUMN}} and {@code {value.COLUMN}} are values of the row: for a delete
 * the last ones. What the message does not have, or is NULL or empty, becomes {@code _}, so that a topic exchange always sees as many
 * words. Within a value the characters that mean something to one ({@code . * #}), {@code %} and control characters are percent-encoded.
 */
public final class RoutingTemplate {

    /** What AMQP allows for a routing key and for the name of an exchange, in UTF-8. */
    static final int MAX_BYTES = 255;

    private static final String NOTHING = "_";
    private static final String ENCODED = ".*#%";
    private static final Pattern PLACEHOLDER =
            Pattern.compile("\\{(database|table|type|key|key\\.[^{}]+|value\\.[^{}]+)}");
    /** Names and keys that can stand in the URI of an endpoint as they are. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._:-]*");

    private final String text;
    private final List<Part> parts;

    /** Appends its part of the text. */
    private interface Part {
        void append(StringBuilder out, Map<String, Object> headers, Object body);
    }

    private RoutingTemplate(String text, List<Part> parts) {
        this.text = text;
        this.parts = parts;
    }

    /**
     * @throws IllegalArgumentException if a brace belongs to no placeholder, or whatever the message the text is longer than AMQP
     *     allows
     */
    public static RoutingTemplate of(String text) {
        List<Part> parts = new ArrayList<>();
        Matcher matcher = PLACEHOLDER.matcher(text);
        int end = 0;
        while (matcher.find()) {
            addLiteral(parts, text.substring(end, matcher.start()));
            parts.add(placeholder(matcher.group(1)));
            end = matcher.end();
        }
        addLiteral(parts, text.substring(end));
        RoutingTemplate template = new RoutingTemplate(text, List.copyOf(parts));
        if (bytes(template.fill(Map.of(), null)) > MAX_BYTES) {
            throw new IllegalArgumentException("longer than " + MAX_BYTES + " bytes");
        }
        return template;
    }

    private static void addLiteral(List<Part> parts, String literal) {
        if (literal.indexOf('{') >= 0 || literal.indexOf('}') >= 0) {
            throw new IllegalArgumentException("no placeholder: " + literal);
        }
        if (!literal.isEmpty()) {
            parts.add((out, headers, body) -> out.append(literal));
        }
    }

    private static Part placeholder(String name) {
        int dot = name.indexOf('.');
        String column = name.substring(dot + 1);
        if (name.equals("key")) {
            return (out, headers, body) -> append(out, body instanceof RowChange change ? key(change) : null);
        }
        if (dot < 0) {
            return (out, headers, body) -> append(out, headers.get(name));
        }
        boolean keyOnly = name.startsWith("key.");
        return (out, headers, body) ->
                append(out, body instanceof RowChange change ? value(change, column, keyOnly) : null);
    }

    private static String key(RowChange change) {
        return change.keyValues().stream().map(RoutingTemplate::text).collect(Collectors.joining(":"));
    }

    private static Object value(RowChange change, String name, boolean keyOnly) {
        Table table = change.table();
        for (int column = 0; column < table.columns().size(); column++) {
            if (table.columns().get(column).equalsIgnoreCase(name)
                    && (!keyOnly || table.keyColumns().contains(column))) {
                return change.row().get(column);
            }
        }
        return null;
    }

    private static String text(Object value) {
        return value == null ? "" : value instanceof RawJson json ? json.text() : value.toString();
    }

    private static void append(StringBuilder out, Object value) {
        String word = text(value);
        if (word.isEmpty()) {
            out.append(NOTHING);
        }
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (Character.isISOControl(c) || ENCODED.indexOf(c) >= 0) {
                for (byte b : String.valueOf(c).getBytes(StandardCharsets.UTF_8)) {
                    out.append('%').append("%02X".formatted(b));
                }
            } else {
                out.append(c);
            }
        }
    }

    static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** Whether it is the same for every message. */
    public boolean isConstant() {
        return text.indexOf('{') < 0;
    }

    /** Whether it is the same for every message and can stand in the URI of an endpoint. */
    public boolean isPlain() {
        return PLAIN.matcher(text).matches();
    }

    /**
     * The text for one message.
     *
     * @param headers the message's
     * @param body a {@link RowChange}, or anything else for a message that is about no row
     */
    String fill(Map<String, Object> headers, Object body) {
        StringBuilder out = new StringBuilder(64);
        for (Part part : parts) {
            part.append(out, headers, body);
        }
        return out.toString();
    }

    /** The template as it was written. */
    @Override
    public String toString() {
        return text;
    }
}

package io.mysqlmonitor.testing;

import com.fasterxml.jackson.databind.JsonNode;

/** What a message about the table {@code journal}, which has no key, can tell of a change; as a text that can be compared. */
public final class JournalEntry {

    private JournalEntry() {}

    static String insert(int writer, int serial, String note) {
        return "insert " + writer + ' ' + serial + ' ' + note;
    }

    static String update(String before, String after) {
        return "update " + before + " -> " + after;
    }

    static String delete() {
        return "delete";
    }

    public static String of(JsonNode message) {
        return switch (message.get("type").asText()) {
            case "row_insert" -> {
                JsonNode values = message.get("values");
                yield insert(
                        values.get("writer").asInt(),
                        values.get("serial").asInt(),
                        values.get("note").asText());
            }
            case "row_update" -> update(
                    message.get("before_values").get("note").asText(),
                    message.get("after_values").get("note").asText());
            case "row_delete" -> delete();
            default -> throw new IllegalArgumentException(message.toString());
        };
    }
}

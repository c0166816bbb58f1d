import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Checks a file of messages, one a line, against the shape that the contract gives each type, and that the types named are there. */
class CheckMessages {

    private static final String HEAD = "\\{\"timestamp\":\\d{10},\"binlog_timestamp\":\\d{10},\"type\":\"%s\",\"table_name\":\"\\w+\","
            + "\"keys\":\\{\"id\":\\d+}";
    private static final String OBJECT = "\\{(\"\\w+\":(null|-?\\d+|\"[^\"]*\"),?)+}";
    private static final Map<String, String> SHAPES = Map.of(
            "heartbeat", "\\{\"timestamp\":\\d{10},\"type\":\"heartbeat\"}",
            "row_insert", HEAD.formatted("row_insert") + ",\"values\":" + OBJECT + "}",
            "row_update", HEAD.formatted("row_update") + ",\"before_values\":" + OBJECT + ",\"after_values\":" + OBJECT + "}",
            "row_delete", HEAD.formatted("row_delete") + "}");

    public static void main(String[] args) throws Exception {
        Map<String, Integer> seen = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            String type = SHAPES.keySet().stream()
                    .filter(name -> Pattern.matches(SHAPES.get(name), line))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("not a message of the contract: " + line));
            seen.merge(type, 1, Integer::sum);
        }
        System.out.println("messages: " + seen);
        List<String> expected = List.of(args).subList(1, args.length);
        if (!seen.keySet().containsAll(expected)) {
            throw new IllegalStateException("expected " + expected);
        }
    }
}

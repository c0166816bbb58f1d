package io.mysqlmonitor.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is written down of the properties: the tables of the documents, the example, and what IDEs complete with. */
final class PropertyDocuments {

    private static final String HEADER = "| property | what it does | default |\n|---|---|---|\n";

    /** What the example gives for properties without a default. */
    private static final Map<String, String> SAMPLES = Map.of("mysql.user", "monitor", "mysql.password", "");

    private static final Map<String, String> AREAS = Map.of(
            "mysql", "The MySQL server, and the user with SELECT, REPLICATION SLAVE and REPLICATION CLIENT on *.*",
            "rabbitmq", "RabbitMQ: where to publish",
            "monitor", "The monitor");

    private static final int WIDTH = 120;

    private PropertyDocuments() {}

    /** The table of the essential properties. */
    static String essentialTable() {
        return HEADER + rows(PropertyGroup.ESSENTIAL, "docs/");
    }

    /** A table for each group, and one for what is not the monitor's own. */
    static String allTables() {
        StringBuilder text = new StringBuilder();
        for (PropertyGroup group : PropertyGroup.values()) {
            text.append("### ")
                    .append(group.title())
                    .append("\n\n")
                    .append(Character.toUpperCase(group.meaning().charAt(0)))
                    .append(group.meaning().substring(1))
                    .append(".\n\n")
                    .append(HEADER)
                    .append(rows(group, ""))
                    .append('\n');
        }
        text.append("### Others\n\nSettings of what the monitor is made of.\n\n")
                .append(HEADER);
        MonitorProperties.PREFIXES.forEach((prefix, description) -> text.append("| `")
                .append(prefix)
                .append("*` | ")
                .append(description)
                .append(" | |\n"));
        return text.toString();
    }

    private static String rows(PropertyGroup group, String folder) {
        StringBuilder rows = new StringBuilder();
        MonitorProperties.ALL.stream()
                .filter(property -> property.group() == group)
                .forEach(property -> rows.append("| `")
                        .append(property.name())
                        .append("` | ")
                        .append(property.description())
                        .append(link(property, folder))
                        .append(" | ")
                        .append(property.shownDefault())
                        .append(" |\n"));
        return rows.toString();
    }

    private static String link(Property property, String folder) {
        String document = property.document();
        return document.isEmpty() ? "" : " ([" + document.replace('-', ' ') + "](" + folder + document + ".md))";
    }

    /** The file that a user copies. */
    static String example() {
        StringBuilder text = new StringBuilder(
                """
                # Configuration of MySQL Monitor. Copy to application.properties and set what differs from the default.
                # An environment variable takes precedence over the property: MYSQL_HOST for mysql.host, MYSQL_SSL_MODE for
                # mysql.ssl-mode. Durations: 500ms, 2s, 1m; sizes: 512KB, 64MB. More about each property: docs/configuration.md
                # Lists are comma-separated. Tables are written database.table, and columns database.table.column. In this file each
                # backslash is written twice, and a comma within a regular expression as \\\\, (shop\\\\.order_\\\\d{1\\\\,3}).
                """);
        for (PropertyGroup group : PropertyGroup.values()) {
            text.append("\n# ===== ")
                    .append(group.title())
                    .append(": ")
                    .append(group.meaning())
                    .append('\n');
            String area = "";
            for (Property property : MonitorProperties.ALL) {
                if (property.group() != group) {
                    continue;
                }
                String next = property.name().substring(0, property.name().indexOf('.'));
                if (!next.equals(area)) {
                    area = next;
                    text.append("\n# --- ").append(AREAS.get(area)).append("\n\n");
                }
                text.append(comment(sentence(property))).append(line(property)).append('\n');
            }
        }
        text.append("\n# ===== Others: settings of what the monitor is made of\n\n");
        text.append(comment(sentence(MonitorProperties.PREFIXES.get(MonitorProperties.DEBEZIUM))))
                .append("#debezium.max.batch.size=512\n");
        text.append(comment(sentence(MonitorProperties.PREFIXES.get(MonitorProperties.CAMEL))))
                .append("#camel.main.shutdownTimeout=45\n");
        text.append(comment(sentence(MonitorProperties.PREFIXES.get(MonitorProperties.LOGGING_LEVEL))))
                .append("#logging.level.io.debezium=debug\n");
        text.append(comment(sentence(MonitorProperties.PREFIXES.get(MonitorProperties.ROUTES))))
                .append("#routes.mine=\n");
        return text.toString();
    }

    private static String line(Property property) {
        return property.isRequired()
                ? property.name() + '=' + SAMPLES.get(property.name())
                : '#' + property.name() + '=' + settledDefault(property);
    }

    private static String sentence(Property property) {
        return sentence(property.description()
                + (property.defaultText().isEmpty() ? "" : "; by default " + property.defaultText())
                + (property.document().isEmpty() ? "" : "; see docs/" + property.document() + ".md"));
    }

    /** Lines of no more than {@link #WIDTH} characters. */
    private static String comment(String sentence) {
        StringBuilder text = new StringBuilder();
        StringBuilder line = new StringBuilder("#");
        for (String word : sentence.split(" ")) {
            if (line.length() + 1 + word.length() > WIDTH) {
                text.append(line).append('\n');
                line.setLength(1);
            }
            line.append(' ').append(word);
        }
        return text.append(line).append('\n').toString();
    }

    /** A word of the language begins with a capital, unlike a value or a name. */
    private static String sentence(String description) {
        return description.startsWith("`")
                ? PropertiesHelp.plain(description)
                : PropertiesHelp.plain(Character.toUpperCase(description.charAt(0)) + description.substring(1));
    }

    /** The default on any machine. */
    private static String settledDefault(Property property) {
        return property.name().equals("monitor.in-flight.bytes")
                ? MonitorProperties.bytesInFlight(Long.MAX_VALUE)
                : property.defaultValue();
    }

    /** Spring Boot's format for what annotations do not tell. */
    static String metadata() {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode();
        ArrayNode properties = root.putArray("properties");
        List<Property> withChoices = new ArrayList<>();
        for (Property property : MonitorProperties.ALL) {
            ObjectNode node = properties
                    .addObject()
                    .put("name", property.name())
                    .put("type", property.type().javaName())
                    .put("description", metadataSentence(property));
            if (!property.isRequired() && !property.defaultValue().isEmpty()) {
                putDefault(node, property);
            }
            if (!property.type().choices().isEmpty()
                    && !property.type().javaName().equals(Boolean.class.getName())) {
                withChoices.add(property);
            }
        }
        ArrayNode hints = root.putArray("hints");
        for (Property property : withChoices) {
            ArrayNode values = hints.addObject().put("name", property.name()).putArray("values");
            property.type().choices().forEach(value -> values.addObject().put("value", value));
        }
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer =
                new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
        try {
            return json.writer(printer).writeValueAsString(root) + '\n';
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String metadataSentence(Property property) {
        return sentence(property.description()) + '.';
    }

    private static void putDefault(ObjectNode node, Property property) {
        String value = settledDefault(property);
        switch (property.type().javaName()) {
            case "java.lang.Boolean" -> node.put("defaultValue", Boolean.parseBoolean(value));
            case "java.lang.Integer", "java.lang.Long" -> node.put("defaultValue", Long.parseLong(value));
            default -> node.put("defaultValue", value);
        }
    }
}

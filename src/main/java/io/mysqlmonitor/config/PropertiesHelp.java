package io.mysqlmonitor.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The properties as the command line shows them. */
public final class PropertiesHelp {

    /** The word for all groups. */
    public static final String ALL = "all";

    private static final int WIDTH = 100;
    private static final String INDENT = "      ";

    private PropertiesHelp() {}

    /**
     * Properties, each with its default, and below what it does.
     *
     * @param word {@code essential}, {@code common} or {@code rare} for the properties of that group, {@code all} for all, or a word
     *     for those that have it in their name or description, in capitals or not
     * @throws ConfigurationException if there is none
     */
    public static List<String> lines(String word) {
        boolean isGroup =
                Arrays.stream(PropertyGroup.values()).map(PropertyGroup::word).anyMatch(word::equals);
        List<Property> properties = MonitorProperties.ALL.stream()
                .filter(property -> word.equals(ALL)
                        || (isGroup
                                ? word.equals(property.group().word())
                                : contain(word, property.name(), property.description())))
                .toList();
        Map<String, String> prefixes = new LinkedHashMap<>(MonitorProperties.PREFIXES);
        prefixes.entrySet()
                .removeIf(
                        prefix -> !word.equals(ALL) && (isGroup || !contain(word, prefix.getKey(), prefix.getValue())));
        if (properties.isEmpty() && prefixes.isEmpty()) {
            throw new ConfigurationException(
                    "--help-config " + word + ": no property has this in its name or description; "
                            + "give another word, essential, common, rare or all");
        }
        List<String> lines = new ArrayList<>();
        for (PropertyGroup group : PropertyGroup.values()) {
            List<Property> ofGroup = properties.stream()
                    .filter(property -> property.group() == group)
                    .toList();
            if (!ofGroup.isEmpty()) {
                lines.add(group.title() + ": " + group.meaning());
                ofGroup.forEach(property -> add(lines, property));
                lines.add("");
            }
        }
        if (!prefixes.isEmpty()) {
            lines.add("Properties that begin with");
            prefixes.forEach((prefix, description) -> add(lines, prefix, description));
            lines.add("");
        }
        if (isGroup) {
            lines.add((MonitorProperties.ALL.size() - properties.size())
                    + " more properties: --help-config shows all of them, --help-config WORD those about a word.");
        }
        lines.add("An environment variable takes precedence over the file: MYSQL_HOST for mysql.host.");
        return lines;
    }

    private static boolean contain(String word, String... texts) {
        return Arrays.stream(texts)
                .anyMatch(text -> plain(text).toLowerCase(Locale.ROOT).contains(word.toLowerCase(Locale.ROOT)));
    }

    private static void add(List<String> lines, Property property) {
        add(
                lines,
                property.name() + " (" + property.shownDefault() + ")",
                property.description()
                        + (property.document().isEmpty() ? "" : "; see docs/" + property.document() + ".md"));
    }

    private static void add(List<String> lines, String name, String description) {
        lines.add("  " + plain(name));
        StringBuilder line = new StringBuilder(INDENT);
        for (String word : plain(description).split(" ")) {
            if (line.length() + word.length() > WIDTH) {
                lines.add(line.toString().stripTrailing());
                line.setLength(INDENT.length());
            }
            line.append(word).append(' ');
        }
        lines.add(line.toString().stripTrailing());
    }

    /** Without the marks of Markdown. */
    static String plain(String markdown) {
        return markdown.replace("`", "").replaceAll("\\[([^]]*)]\\(([^)]*)\\)", "$1 ($2)");
    }
}

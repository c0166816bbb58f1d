package io.mysqlmonitor.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The properties as the command line shows them. */
public final class PropertiesHelp {

    /** The word for all groups. */
    public static final String ALL = "all";

    private static final int WIDTH = 100;
    private static final String INDENT = "      ";

    private PropertiesHelp() {}

    /**
     * The properties of a group: each with its default, and below what it does.
     *
     * @param word {@code essential}, {@code common}, {@code rare} or {@code all}
     * @throws ConfigurationException if it is another word
     */
    public static List<String> lines(String word) {
        List<PropertyGroup> groups = Arrays.stream(PropertyGroup.values())
                .filter(group -> word.equals(ALL) || word.equals(group.word()))
                .toList();
        if (groups.isEmpty()) {
            throw new ConfigurationException("--help-config " + word + " is not valid; expected: "
                    + Arrays.stream(PropertyGroup.values())
                            .map(PropertyGroup::word)
                            .collect(Collectors.joining(", "))
                    + " or " + ALL);
        }
        List<String> lines = new ArrayList<>();
        for (PropertyGroup group : groups) {
            lines.add(group.title() + ": " + group.meaning());
            MonitorProperties.ALL.stream()
                    .filter(property -> property.group() == group)
                    .forEach(property -> add(
                            lines,
                            property.name() + " (" + property.shownDefault() + ")",
                            property.description()
                                    + (property.document().isEmpty()
                                            ? ""
                                            : "; see docs/" + property.document() + ".md")));
            lines.add("");
        }
        if (word.equals(ALL)) {
            lines.add("Properties that begin with");
            MonitorProperties.PREFIXES.forEach((prefix, description) -> add(lines, prefix, description));
            lines.add("");
        }
        lines.add("An environment variable takes precedence over the file: MYSQL_HOST for mysql.host.");
        return lines;
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

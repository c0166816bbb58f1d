package io.mysqlmonitor.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Holds all that is written down of the properties against their definition. With {@code -Dupdate.options=true} it writes the
 * files first.
 */
class PropertyDocumentsTest {

    private static final String BEGIN = "<!-- options:begin -->\n";
    private static final String END = "<!-- options:end -->\n";
    private static final Path CONFIGURATION = Path.of("docs", "configuration.md");
    private static final Path README = Path.of("README.md");
    private static final Path EXAMPLE = Path.of("application.properties.example");
    private static final Path METADATA =
            Path.of("src", "main", "resources", "META-INF", "additional-spring-configuration-metadata.json");

    @BeforeAll
    static void updateIfAsked() throws IOException {
        if (Boolean.getBoolean("update.options")) {
            Files.createDirectories(METADATA.getParent());
            Files.writeString(METADATA, PropertyDocuments.metadata());
            Files.writeString(EXAMPLE, PropertyDocuments.example());
            Files.writeString(CONFIGURATION, with(CONFIGURATION, PropertyDocuments.allTables()));
            Files.writeString(README, with(README, PropertyDocuments.essentialTable()));
        }
    }

    @Test
    void shouldListAllPropertiesInTheDocument() throws IOException {
        assertThat(CONFIGURATION).content().contains(BEGIN, END);
        assertUpToDate(CONFIGURATION, with(CONFIGURATION, PropertyDocuments.allTables()));
    }

    @Test
    void shouldListTheEssentialPropertiesInTheReadme() throws IOException {
        assertUpToDate(README, with(README, PropertyDocuments.essentialTable()));
    }

    @Test
    void shouldShowEveryPropertyInTheExample() throws IOException {
        assertUpToDate(EXAMPLE, PropertyDocuments.example());
    }

    @Test
    void shouldTellIdesOfEveryProperty() throws IOException {
        assertUpToDate(METADATA, PropertyDocuments.metadata());
    }

    /** The text of a file with these tables between its markers; as it is if it has none. */
    private static String with(Path file, String tables) throws IOException {
        String text = Files.readString(file);
        if (!text.contains(BEGIN)) {
            return text;
        }
        return text.substring(0, text.indexOf(BEGIN) + BEGIN.length())
                + '\n'
                + tables.stripTrailing()
                + "\n\n"
                + text.substring(text.indexOf(END));
    }

    private static void assertUpToDate(Path file, String expected) throws IOException {
        assertThat(Files.readString(file))
                .as("%s; mvn test -Dtest=PropertyDocumentsTest -Dupdate.options=true writes it", file)
                .isEqualTo(expected);
    }

    @Test
    void shouldNameEachPropertyOnceInEveryPlace() throws IOException {
        List<String> names = MonitorProperties.ALL.stream().map(Property::name).toList();
        Set<String> all = new TreeSet<>(names);

        assertThat(names).doesNotHaveDuplicates();
        assertThat(first("(?m)^\\| `([a-z.-]+)` \\|", Files.readString(CONFIGURATION)))
                .isEqualTo(all);
        assertThat(first("(?m)^#?((?:mysql|rabbitmq|monitor)\\.[a-z.-]+)=", Files.readString(EXAMPLE)))
                .isEqualTo(all);
        assertThat(first("(?m)^  ([a-z][a-z.-]+) \\(", String.join("\n", PropertiesHelp.lines("all"))))
                .isEqualTo(all);
        assertThat(metadataNames()).isEqualTo(all);
    }

    private static Set<String> first(String regex, String text) {
        Matcher matcher = Pattern.compile(regex).matcher(text);
        Set<String> found = new TreeSet<>();
        while (matcher.find()) {
            assertThat(found.add(matcher.group(1))).as(matcher.group(1)).isTrue();
        }
        return found;
    }

    private static Set<String> metadataNames() throws IOException {
        Set<String> names = new TreeSet<>();
        for (JsonNode property : new ObjectMapper().readTree(METADATA.toFile()).get("properties")) {
            names.add(property.get("name").asText());
        }
        return names;
    }

    @Test
    void shouldHaveAnExampleThatDiffersFromTheDefaultsInNothing() throws IOException {
        Properties example = new Properties();
        example.load(new StringReader(Files.readString(EXAMPLE).replaceAll("(?m)^#(?=[a-z])", "")));

        for (Property property : MonitorProperties.ALL) {
            if (!property.isRequired() && !property.name().equals("monitor.in-flight.bytes")) {
                assertThat(example.getProperty(property.name()))
                        .as(property.name())
                        .isEqualTo(property.defaultValue());
            }
        }
    }

    @Test
    void shouldAllowEveryDefault() {
        for (Property property : MonitorProperties.ALL) {
            if (!property.isRequired()) {
                property.check(property.defaultValue());
            }
        }
    }

    @Test
    void shouldDescribeEachPropertyInOnePhrase() {
        for (Property property : MonitorProperties.ALL) {
            assertThat(property.description())
                    .as(property.name())
                    .hasSizeBetween(10, 250)
                    .doesNotContain("\n", "|")
                    .doesNotEndWith(".");
            assertThat(property.description()
                                    .chars()
                                    .filter(character -> character == '`')
                                    .count()
                            % 2)
                    .as(property.name())
                    .isZero();
        }
    }

    @Test
    void shouldListAChoiceInTheDescriptionOfEachThatHasSome() {
        for (Property property : MonitorProperties.ALL) {
            if (!property.type().choices().isEmpty()
                    && !property.type().javaName().equals(Boolean.class.getName())) {
                assertThat(property.description())
                        .as(property.name())
                        .contains(property.type().choices());
            }
        }
    }

    @Test
    void shouldLinkToDocumentsThatExist() {
        for (Property property : MonitorProperties.ALL) {
            if (!property.document().isEmpty()) {
                assertThat(Path.of("docs", property.document() + ".md"))
                        .as(property.name())
                        .exists();
            }
        }
    }

    @Test
    void shouldHaveAboutFifteenEssentialProperties() {
        assertThat(MonitorProperties.ALL.stream()
                        .filter(property -> property.group() == PropertyGroup.ESSENTIAL)
                        .toList())
                .hasSizeBetween(12, 18);
    }

    @Test
    void shouldKnowWhichPropertiesAreSecret() {
        assertThat(MonitorProperties.ALL.stream()
                        .filter(Property::secret)
                        .map(Property::name)
                        .collect(Collectors.toSet()))
                .isEqualTo(Set.of("mysql.password", "rabbitmq.password", "rabbitmq.uri", "mysql.columns.hash.salt"));
        assertThat(MonitorProperties.ALL)
                .filteredOn(property -> property.name().matches(".*(password|salt|secret|uri)"))
                .allMatch(Property::secret);
    }
}

package io.mysqlmonitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documentation names the test that proves each promise, and links its parts: both have to exist. */
class DocumentationTest {

    private static final Path README = Path.of("README.md");
    private static final Path GUARANTEES = Path.of("docs/guarantees.md");
    private static final int README_WORDS = 1_300;

    /** A test class, or a test method of it; three dots stand for the class named last, or for a part of the method's name. */
    private static final Pattern NAMED_TEST =
            Pattern.compile("`(?:([A-Z]\\w+(?:IT|Test))|\\.\\.)(?:\\.(should\\w+(?:\\.\\.\\.\\w*)?))?`");

    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern LINK_TEXT = Pattern.compile("\\[([^]]*)]\\([^)]*\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");

    @Test
    void shouldNameTestsThatExist() throws IOException {
        Map<String, Path> classes = testClasses();
        List<String> missing = new ArrayList<>();
        for (Path document : documents()) {
            String last = "";
            for (MatchResult test : matches(NAMED_TEST, document)) {
                last = test.group(1) == null ? last : test.group(1);
                if (!isTest(classes.get(last), test.group(2))) {
                    missing.add(document + ": " + test.group() + " of " + last);
                }
            }
        }

        assertThat(missing).isEmpty();
        assertThat(matches(NAMED_TEST, GUARANTEES)).hasSizeGreaterThan(50);
    }

    /** Whether the file is that of a test class, and has such a method. */
    private static boolean isTest(Path file, String method) throws IOException {
        if (file == null || method == null) {
            return file != null;
        }
        String name = method.replace("...", "\\w*") + (method.contains("...") ? "\\w*" : "");
        return Pattern.compile("void " + name + "\\(")
                .matcher(Files.readString(file))
                .find();
    }

    private static Map<String, Path> testClasses() throws IOException {
        Map<String, Path> classes = new HashMap<>();
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .forEach(file -> classes.put(file.getFileName().toString().replace(".java", ""), file));
        }
        return classes;
    }

    @Test
    void shouldLinkToFilesAndAnchorsThatExist() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path document : documents()) {
            for (MatchResult link : matches(LINK, document)) {
                String target = link.group(1);
                if (!target.matches("[a-z]+:.*")) {
                    links++;
                    if (!exists(document, target)) {
                        broken.add(document + ": " + target);
                    }
                }
            }
        }

        assertThat(broken).isEmpty();
        assertThat(links).isGreaterThan(50);
    }

    private static boolean exists(Path document, String target) throws IOException {
        int hash = target.indexOf('#');
        String path = hash < 0 ? target : target.substring(0, hash);
        Path file = path.isEmpty() ? document : document.resolveSibling(path);
        return Files.exists(file)
                && (hash < 0 || Files.isRegularFile(file) && anchors(file).contains(target.substring(hash + 1)));
    }

    /** The anchors that GitHub gives the headings of a document. */
    private static Set<String> anchors(Path document) throws IOException {
        Set<String> anchors = new HashSet<>();
        for (MatchResult heading : matches(HEADING, document)) {
            String anchor = LINK_TEXT
                    .matcher(heading.group(1))
                    .replaceAll("$1")
                    .strip()
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                    .replace(' ', '-');
            String unique = anchor;
            for (int number = 1; !anchors.add(unique); number++) {
                unique = anchor + '-' + number;
            }
        }
        return anchors;
    }

    @Test
    void shouldKeepTheReadmeShort() throws IOException {
        String readme = Files.readString(README);

        assertThat(readme.split("\\s+")).hasSizeLessThanOrEqualTo(README_WORDS);
    }

    private static List<MatchResult> matches(Pattern pattern, Path document) throws IOException {
        return pattern.matcher(Files.readString(document)).results().toList();
    }

    /** All that is written for readers. */
    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>(List.of(README, Path.of("CONTRIBUTING.md"), Path.of("CHANGELOG.md")));
        try (Stream<Path> files = Files.walk(Path.of("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        return documents;
    }
}

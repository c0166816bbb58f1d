package io.mysqlmonitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README names the test that proves each promise; this proves that there is one. */
class ReadmeTest {

    private static final Path TESTS = Path.of("src/test/java/io/mysqlmonitor");
    private static final Pattern NAMED =
            Pattern.compile("`(?:(\\w+(?:IT|Test))|\\.\\.)\\.(should\\w+(?:\\.\\.\\.\\w*)?)");

    @Test
    void shouldNameTestsThatExist() throws IOException {
        List<MatchResult> named =
                NAMED.matcher(Files.readString(Path.of("README.md"))).results().toList();

        assertThat(named).hasSizeGreaterThan(20);
        Path last = null;
        for (MatchResult test : named) {
            last = test.group(1) == null ? last : TESTS.resolve(test.group(1) + ".java");
            assertThat(Files.readString(last))
                    .as(last.toString())
                    .containsPattern("void " + test.group(2).replace("...", "\\w*") + "\\w*\\(");
        }
    }
}

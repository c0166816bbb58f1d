package io.mysqlmonitor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaHistoryFileTest {

    private static final String LINE = "{\"ddl\":\"CREATE TABLE größe (id INT)\",\"tableChanges\":[{\"id\":1}]}\n";
    private static final int MEGABYTE = 1 << 20;

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void setUp() {
        file = folder.resolve("schema-history.jsonl");
    }

    @Test
    void shouldCutOffAnUnfinishedLineOnly() throws IOException {
        isMended(LINE + LINE + "{\"ddl\":\"CREATE TA", LINE + LINE);
        isMended(LINE + "{}", LINE);
        isMended("{\"ddl", "");
        isMended(LINE + "\n" + LINE, LINE + "\n" + LINE);
        isMended(LINE.repeat(5_000), LINE.repeat(5_000));
        isMended(
                "{\"ddl\":\"" + "x".repeat(200_000) + "\"}\n" + LINE,
                "{\"ddl\":\"" + "x".repeat(200_000) + "\"}\n" + LINE);
    }

    private void isMended(String content, String expected) throws IOException {
        Files.writeString(file, content);
        new SchemaHistoryFile(file).truncateUnfinishedLine();
        assertThat(file).hasContent(expected);
        assertThat(Files.size(file)).isEqualTo(expected.getBytes(StandardCharsets.UTF_8).length);
    }

    @Test
    void shouldRefuseADamagedLine() throws IOException {
        isDamaged(LINE + "{\"ddl\":\"CREATE TA\n" + LINE, 2);
        isDamaged(LINE + LINE + "[1]\n", 3);
        isDamaged("\0\0\0\0\0\0\0\0\n" + LINE, 1);
        isDamaged(LINE + "{} {}\n", 2);
        isDamaged(LINE + "x".repeat(200_000) + "\n" + LINE, 2);
    }

    private void isDamaged(String content, int line) throws IOException {
        Files.writeString(file, content);
        assertThatThrownBy(() -> new SchemaHistoryFile(file).truncateUnfinishedLine())
                .isInstanceOf(SchemaHistoryDamagedException.class)
                .hasMessageEndingWith("is damaged in line " + line);
        assertThat(file).hasContent(content);
    }

    @Test
    void shouldHoldNoLongHistoryInMemory() throws IOException {
        String create = LINE.replace("INT", "c".repeat(50_000));
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (long size = 0; size < 24L * MEGABYTE; size += create.length()) {
                out.write(create);
            }
        }
        SchemaHistoryFile history = new SchemaHistoryFile(file);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

        long before = threads.getCurrentThreadAllocatedBytes();
        history.truncateUnfinishedLine();

        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(8L * MEGABYTE);
    }
}

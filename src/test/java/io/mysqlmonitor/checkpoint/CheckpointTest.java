package io.mysqlmonitor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    @Test
    void shouldBeEmptyBeforeTheFirstWrite() {
        assertThat(checkpoint().read()).isEmpty();
    }

    @Test
    void shouldReadWhatWasWritten() throws IOException {
        EngineOffset offset = offset(4711);

        checkpoint().write(offset(815), true);
        checkpoint().write(offset, false);

        assertThat(checkpoint().read()).contains(offset);
        assertThat(Files.list(directory.resolve("data"))).hasSize(1);
    }

    @Test
    void shouldKnowWhetherTheStopWasClean() throws IOException {
        assertThat(checkpoint().isClean()).isFalse();

        checkpoint().write(offset(4711), true);
        assertThat(checkpoint().isClean()).isTrue();

        checkpoint().write(offset(4711), false);
        assertThat(checkpoint().isClean()).isFalse();
    }

    @Test
    void shouldBeReadableForPeople() throws IOException {
        checkpoint().write(offset(4711), false);

        JsonNode document = JSON.readTree(file().toFile());
        assertThat(document.get("file").asText()).isEqualTo("binlog.000003");
        assertThat(document.get("position").asLong()).isEqualTo(4711);
        assertThat(document.get("gtids").asText()).isEqualTo("uuid:1-5");
        assertThat(document.get("time").asText()).isEqualTo("2018-10-16T17:25:11Z");
    }

    @Test
    void shouldRefuseDamagedFile() throws IOException {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), "{\"file\":\"binlog.0000");

        assertThatThrownBy(() -> checkpoint().read())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("checkpoint.json is damaged");
    }

    @Test
    void shouldRefuseFileWithoutOffset() throws IOException {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), "{}");

        assertThatThrownBy(() -> checkpoint().read()).hasMessageContaining("no engine.partition");
    }

    @Test
    void shouldTellPlaceWithinTransaction() throws IOException {
        assertThat(offset(1).isBetweenTransactions()).isTrue();
        assertThat(new EngineOffset(JSON.readTree("[]"), JSON.readTree("{\"pos\":1,\"event\":2}"))
                        .isBetweenTransactions())
                .isFalse();
    }

    private Path file() {
        return directory.resolve("data").resolve("checkpoint.json");
    }

    private Checkpoint checkpoint() {
        return new Checkpoint(file(), Clock.fixed(Instant.ofEpochSecond(1_539_710_711L), ZoneOffset.UTC));
    }

    private static EngineOffset offset(long position) throws IOException {
        return new EngineOffset(
                JSON.readTree("[\"mysql-monitor\",{\"server\":\"mysql-monitor\"}]"),
                JSON.readTree("{\"file\":\"binlog.000003\",\"pos\":" + position + ",\"gtids\":\"uuid:1-5\"}"));
    }
}

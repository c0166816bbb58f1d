package io.mysqlmonitor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mysqlmonitor.change.BinlogOrigin;
import io.mysqlmonitor.change.BinlogPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_539_710_711L);

    private static final BinlogOrigin ORIGIN = new BinlogOrigin("uuid", "binlog.000003", NOW);

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

        Checkpoint checkpoint = checkpoint();
        checkpoint.prepare();
        checkpoint.write(offset(815), true, Pending.SNAPSHOT, null);
        Checkpoint.Stored written = checkpoint.write(offset, false, Pending.NOTHING, ORIGIN);

        assertThat(written).isEqualTo(new Checkpoint.Stored(offset, false, Pending.NOTHING, ORIGIN, NOW));
        assertThat(checkpoint().read()).contains(written);
        assertThat(Files.list(directory.resolve("data"))).hasSize(1);
    }

    @Test
    void shouldKnowHowTheStopWas() throws IOException {
        checkpoint().prepare();

        checkpoint().write(offset(4711), true, Pending.NOTHING, null);
        assertThat(checkpoint().read().orElseThrow().clean()).isTrue();

        checkpoint().write(offset(4711), false, Pending.SCHEMA, null);
        assertThat(checkpoint().read().orElseThrow().clean()).isFalse();
        assertThat(checkpoint().read().orElseThrow().pending()).isEqualTo(Pending.SCHEMA);

        checkpoint().write(offset(4711), true, Pending.SNAPSHOT, null);
        assertThat(checkpoint().read().orElseThrow().pending()).isEqualTo(Pending.SNAPSHOT);
    }

    @Test
    void shouldBeReadableForPeople() throws IOException {
        checkpoint().prepare();
        checkpoint().write(offset(4711), false, Pending.NOTHING, null);

        JsonNode document = JSON.readTree(file().toFile());
        assertThat(document.get("file").asText()).isEqualTo("binlog.000003");
        assertThat(document.get("position").asLong()).isEqualTo(4711);
        assertThat(document.get("gtids").asText()).isEqualTo("uuid:1-5");
        assertThat(document.get("time").asText()).isEqualTo("2018-10-16T17:25:11Z");
    }

    @Test
    void shouldWriteWhereAFolderCannotBeForcedToTheDisk() throws IOException {
        AtomicInteger tries = new AtomicInteger();
        Checkpoint checkpoint = new Checkpoint(file(), Clock.fixed(NOW, ZoneOffset.UTC), folder -> {
            tries.incrementAndGet();
            throw new IOException("Invalid argument");
        });
        checkpoint.prepare();

        checkpoint.write(offset(815), true, Pending.NOTHING, null);
        Checkpoint.Stored written = checkpoint.write(offset(4711), true, Pending.NOTHING, null);

        assertThat(checkpoint().read()).contains(written);
        assertThat(tries).hasValue(2);
    }

    @Test
    void shouldFailWhenTheFileItselfCannotBeWritten() throws IOException {
        Checkpoint checkpoint = checkpoint();
        checkpoint.prepare();
        Files.createDirectory(file().resolveSibling("checkpoint.json.tmp"));

        assertThatThrownBy(() -> checkpoint.write(offset(815), true, Pending.NOTHING, null))
                .isInstanceOf(IOException.class);
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
    void shouldMakeAnOffsetForTheEngine() throws IOException {
        EngineOffset made = EngineOffset.at(new BinlogPosition("binlog.000003", 4711, "uuid:1-5"), "mysql-monitor");

        assertThat(JSON.readTree(made.offset().toString()))
                .isEqualTo(offset(4711).offset());
        assertThat(made.partition()).isEqualTo(offset(4711).partition());
        assertThat(made.place()).isEqualTo(new BinlogPosition("binlog.000003", 4711, "uuid:1-5"));
    }

    @Test
    void shouldAskTheEngineForTablesInTheOffset() throws IOException {
        EngineOffset asked =
                offset(4711).withTableSnapshot("shop.orders", "id > 5").withTableSnapshot("shop.customer", "");

        assertThat(offset(4711).isWithinTableSnapshot()).isFalse();
        assertThat(asked.isWithinTableSnapshot()).isTrue();
        assertThat(asked.place()).isEqualTo(offset(4711).place());
        assertThat(JSON.readTree(
                        asked.offset().get("incremental_snapshot_collections").asText()))
                .isEqualTo(JSON.readTree("[{\"incremental_snapshot_collections_id\":\"shop.orders\","
                        + "\"incremental_snapshot_collections_additional_condition\":\"id > 5\","
                        + "\"incremental_snapshot_collections_surrogate_key\":\"\"},"
                        + "{\"incremental_snapshot_collections_id\":\"shop.customer\","
                        + "\"incremental_snapshot_collections_additional_condition\":\"\","
                        + "\"incremental_snapshot_collections_surrogate_key\":\"\"}]"));
    }

    private Path file() {
        return directory.resolve("data").resolve("checkpoint.json");
    }

    private Checkpoint checkpoint() {
        return new Checkpoint(file(), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static EngineOffset offset(long position) throws IOException {
        return new EngineOffset(
                JSON.readTree("[\"mysql-monitor\",{\"server\":\"mysql-monitor\"}]"),
                JSON.readTree("{\"file\":\"binlog.000003\",\"pos\":" + position + ",\"gtids\":\"uuid:1-5\"}"));
    }
}

package io.mysqlmonitor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.change.BinlogCoordinates;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointRoutePolicyTest {

    @TempDir
    private Path directory;

    @Test
    void shouldStoreWhileItsThreadIsInterrupted() {
        CheckpointRoutePolicy policy = new CheckpointRoutePolicy(
                "monitor",
                directory.resolve("checkpoint.json"),
                directory.resolve("schema-history.jsonl"),
                100,
                100_000,
                Duration.ofMinutes(1),
                "heartbeat",
                Clock.systemUTC());

        Thread.currentThread().interrupt();
        policy.captured(EngineOffset.at(new BinlogCoordinates("binlog.000003", 4711, ""), "monitor"));
        boolean stillInterrupted = Thread.interrupted();

        assertThat(policy.position()).isEqualTo("binlog.000003:4711");
        assertThat(stillInterrupted).isTrue();
    }
}

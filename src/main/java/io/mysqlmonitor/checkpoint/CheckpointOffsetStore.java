package io.mysqlmonitor.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.debezium.embedded.async.AsyncEngineConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.OffsetBackingStore;
import org.apache.kafka.connect.util.Callback;

/**
 * The Debezium engine's offset store: passes each offset that the engine believes done to the {@link CaptureProgress},
 * which holds it back until RabbitMQ has confirmed every change before it.
 *
 * <p>Debezium makes this object by its class name, so the progress is found by the name of the checkpoint file, which the engine
 * hands over as {@code offset.storage.file.filename}.
 */
public final class CheckpointOffsetStore implements OffsetBackingStore {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<Path, CaptureProgress> ATTACHED = new ConcurrentHashMap<>();

    // set by configure, once
    private CaptureProgress progress;
    private long run;

    /** Called by Debezium. */
    public CheckpointOffsetStore() {}

    static void attach(CaptureProgress progress) {
        CaptureProgress other = ATTACHED.putIfAbsent(key(progress.file()), progress);
        if (other != null && other != progress) {
            throw new IllegalStateException("checkpoint " + progress.file()
                    + " is in use by another monitor of this process. Give each its own monitor.data.");
        }
    }

    static void detach(CaptureProgress progress) {
        ATTACHED.remove(key(progress.file()), progress);
    }

    /** The progress whose engine keeps its table definitions in the given file. */
    static CaptureProgress progressOf(Path schemaHistory) {
        return ATTACHED.values().stream()
                .filter(progress -> key(progress.schemaHistoryFile()).equals(key(schemaHistory)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no checkpoint route policy for schema history "
                        + schemaHistory
                        + ": give the capture route the routePolicy of the route file that came with it."));
    }

    private static Path key(Path file) {
        return file.toAbsolutePath().normalize();
    }

    @Override
    public void configure(WorkerConfig config) {
        String file = config.originalsStrings().get(AsyncEngineConfig.OFFSET_STORAGE_FILE_FILENAME.name());
        progress = file == null ? null : ATTACHED.get(key(Path.of(file)));
        if (progress == null) {
            throw new IllegalStateException("no checkpoint route policy for checkpoint " + file
                    + ": give the capture route the routePolicy of the route file that came with it.");
        }
        run = progress.run();
    }

    @Override
    public void start() {}

    @Override
    public void stop() {}

    @Override
    public Future<Map<ByteBuffer, ByteBuffer>> get(Collection<ByteBuffer> keys) {
        Map<ByteBuffer, ByteBuffer> found = new HashMap<>();
        progress.stored().ifPresent(stored -> {
            for (ByteBuffer key : keys) {
                if (!stored.partition().equals(json(key))) {
                    throw new IllegalStateException("checkpoint " + progress.file() + " belongs to "
                            + stored.partition() + " and not to " + json(key)
                            + ". Set monitor.name back, or give the new name its own monitor.data.");
                }
                found.put(key, ByteBuffer.wrap(stored.offset().toString().getBytes(StandardCharsets.UTF_8)));
            }
        });
        return CompletableFuture.completedFuture(found);
    }

    @Override
    public Future<Void> set(Map<ByteBuffer, ByteBuffer> values, Callback<Void> callback) {
        values.forEach((key, value) -> progress.reported(run, new EngineOffset(json(key), json(value))));
        if (callback != null) {
            callback.onCompletion(null, null);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Set<Map<String, Object>> connectorPartitions(String connectorName) {
        return Set.of();
    }

    private static JsonNode json(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        try {
            return JSON.readTree(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

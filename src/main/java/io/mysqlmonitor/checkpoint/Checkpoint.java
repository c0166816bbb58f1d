package io.mysqlmonitor.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The file with the binary log position up to which everything is confirmed.
 *
 * <p>A JSON object for people ({@code file}, {@code position}, {@code gtids}, {@code time}) and for the program: {@code engine},
 * and {@code clean}, which is true after a stop that left nothing published beyond the position.
 * Each write goes to a temporary file beside it, is forced to the disk and renamed over it, so that at any moment, power loss
 * included, the file is either the old or the new one.
 */
final class Checkpoint {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final Clock clock;

    Checkpoint(Path file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    Path file() {
        return file;
    }

    /**
     * The stored offset; empty if there has been none yet.
     *
     * @throws IllegalStateException if the file cannot be read or is not a checkpoint
     */
    Optional<EngineOffset> read() {
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode engine = JSON.readTree(Files.readAllBytes(file)).path("engine");
            JsonNode partition = engine.path("partition");
            JsonNode offset = engine.path("offset");
            if (!partition.isArray() || !offset.isObject()) {
                throw new IllegalStateException(damaged("it has no engine.partition and engine.offset", null), null);
            }
            return Optional.of(new EngineOffset(partition, offset));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(damaged("it is not valid JSON", e), e);
        } catch (IOException e) {
            throw new IllegalStateException(
                    "checkpoint " + file + " cannot be read: " + e
                            + ". Make it readable for this user and start again.",
                    e);
        }
    }

    private String damaged(String how, JsonProcessingException e) {
        String where = e == null || e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ")";
        return "checkpoint " + file + " is damaged: " + how + where
                + ". Put a backup in its place, or remove it to begin at the current end of the binary log.";
    }

    /** Whether what was stored last is also the last that was published; false if that is not known, or nothing is stored. */
    boolean isClean() {
        try {
            return Files.exists(file)
                    && JSON.readTree(Files.readAllBytes(file)).path("clean").asBoolean();
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Makes the folder if it is not there.
     *
     * @throws IOException if that cannot be, or nothing can be written to it
     */
    void prepare() throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        Files.createDirectories(directory);
        if (!Files.isWritable(directory)) {
            throw new AccessDeniedException(directory.toString());
        }
    }

    /**
     * Replaces the stored offset.
     *
     * @param clean whether nothing was published beyond it, and nothing will be until the next write
     */
    void write(EngineOffset offset, boolean clean) throws IOException {
        JsonNode position = offset.offset();
        ObjectNode document = JSON.createObjectNode();
        document.set("file", position.get("file"));
        document.set("position", position.get("pos"));
        document.set("gtids", position.get("gtids"));
        document.put("time", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
        document.put("clean", clean);
        ObjectNode engine = document.putObject("engine");
        engine.set("partition", offset.partition());
        engine.set("offset", position);

        prepare();
        Path directory = file.toAbsolutePath().getParent();
        Path next = directory.resolve(file.getFileName() + ".tmp");
        byte[] bytes = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(document);
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true); // the rename itself
        }
    }
}

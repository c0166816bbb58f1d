package io.mysqlmonitor.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mysqlmonitor.change.BinlogOrigin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file with the binary log position up to which everything is confirmed.
 *
 * <p>A JSON object for people ({@code file}, {@code position}, {@code gtids}, {@code time}) and for the program: {@code engine},
 * {@code server}, whose binary log it is, {@code clean}, which is true after a stop that left nothing published beyond the position, and {@code schemaPending} and
 * {@code snapshotPending}, which are true until the engine has read the definitions of the tables, or their rows too, for that
 * position.
 * Each write goes to a temporary file beside it, is forced to the disk and renamed over it, so that at any moment, power loss
 * included, the file is either the old or the new one.
 */
final class Checkpoint {

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final Clock clock;
    private final FolderSync folderSync;

    // by the one writer
    private boolean folderSyncFailed;

    Checkpoint(Path file, Clock clock) {
        this(file, clock, Checkpoint::force);
    }

    Checkpoint(Path file, Clock clock, FolderSync folderSync) {
        this.file = file;
        this.clock = clock;
        this.folderSync = folderSync;
    }

    /** Puts on the disk that a file of a folder was renamed. */
    interface FolderSync {
        void force(Path folder) throws IOException;
    }

    Path file() {
        return file;
    }

    /**
     * What the file holds.
     *
     * @param offset the offset up to which all is confirmed
     * @param clean whether nothing was published beyond it
     * @param pending what is to be read from the tables before
     * @param origin whose binary log the offset belongs to; null if that is not known
     * @param time when it was stored
     */
    record Stored(EngineOffset offset, boolean clean, Pending pending, BinlogOrigin origin, Instant time) {}

    /**
     * What was stored last; empty if there has been nothing yet.
     *
     * @throws IllegalStateException if the file cannot be read or is not a checkpoint
     */
    Optional<Stored> read() {
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode document = JSON.readTree(Files.readAllBytes(file));
            JsonNode engine = document.path("engine");
            JsonNode partition = engine.path("partition");
            JsonNode offset = engine.path("offset");
            if (!partition.isArray() || !offset.isObject()) {
                throw new IllegalStateException(damaged("it has no engine.partition and engine.offset", null), null);
            }
            return Optional.of(new Stored(
                    new EngineOffset(partition, offset),
                    document.path("clean").asBoolean(),
                    pending(document),
                    origin(document.path("server")),
                    Instant.parse(document.path("time").asText())));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(damaged("it is not valid JSON", e), e);
        } catch (DateTimeParseException e) {
            throw new IllegalStateException(damaged("a time in it cannot be read", null), e);
        } catch (IOException e) {
            throw new IllegalStateException(
                    "checkpoint " + file + " cannot be read: " + e
                            + ". Make it readable for this user and start again.",
                    e);
        }
    }

    private static Pending pending(JsonNode document) {
        if (document.path("snapshotPending").asBoolean()) {
            return Pending.SNAPSHOT;
        }
        return document.path("schemaPending").asBoolean() ? Pending.SCHEMA : Pending.NOTHING;
    }

    private static BinlogOrigin origin(JsonNode server) {
        return server.isObject()
                ? new BinlogOrigin(
                        server.path("id").asText(),
                        server.path("file").asText(),
                        server.hasNonNull("begun")
                                ? Instant.parse(server.path("begun").asText())
                                : null)
                : null;
    }

    private String damaged(String how, JsonProcessingException e) {
        String where = e == null || e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ")";
        return "checkpoint " + file + " is damaged: " + how + where
                + ". Restore it from a backup, or remove it to start where monitor.start says.";
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
     * Replaces what is stored.
     *
     * @param clean whether nothing was published beyond the offset, and nothing will be until the next write
     * @param pending what is to be read from the tables before
     * @param origin whose binary log the offset belongs to; null if that is not known
     * @return what is stored now
     */
    Stored write(EngineOffset offset, boolean clean, Pending pending, BinlogOrigin origin) throws IOException {
        Stored next = new Stored(offset, clean, pending, origin, clock.instant().truncatedTo(ChronoUnit.MILLIS));
        JsonNode position = offset.offset();
        ObjectNode document = JSON.createObjectNode();
        document.set("file", position.get("file"));
        document.set("position", position.get("pos"));
        document.set("gtids", position.get("gtids"));
        document.put("time", next.time().toString());
        document.put("clean", clean);
        document.put("schemaPending", pending != Pending.NOTHING);
        document.put("snapshotPending", pending == Pending.SNAPSHOT);
        if (origin != null) {
            document.putObject("server")
                    .put("id", origin.server())
                    .put("file", origin.file())
                    .put("begun", origin.begun() == null ? null : origin.begun().toString());
        }
        ObjectNode engine = document.putObject("engine");
        engine.set("partition", offset.partition());
        engine.set("offset", position);

        Path directory = file.toAbsolutePath().getParent();
        Path temporary = directory.resolve(file.getFileName() + ".tmp");
        byte[] bytes = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(document);
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceRename(directory);
        return next;
    }

    /** Windows and some network file systems cannot force a folder to the disk; what the file holds is on it in any case. */
    private void forceRename(Path directory) {
        try {
            folderSync.force(directory);
        } catch (IOException e) {
            if (!folderSyncFailed) {
                LOG.warn(
                        "The folder {} cannot be forced to the disk ({}). The checkpoint is written all the same; after a power loss it may "
                                + "be the one before, and what follows that is published again.",
                        directory,
                        e.toString());
            }
            folderSyncFailed = true;
        }
    }

    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}

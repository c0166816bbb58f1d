package io.mysqlmonitor.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * The file with the definitions of the tables in the course of time, one JSON object per line, which the engine needs to read on
 * from a checkpoint: how many columns a row has, and of what types, stands nowhere else once a table was altered.
 */
final class SchemaHistoryFile {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private long forced = -1;

    SchemaHistoryFile(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    /** Whether there is a definition in it. */
    boolean exists() throws IOException {
        return Files.exists(file) && Files.size(file) > 0;
    }

    /** Puts on the disk what was appended since the last time; to be done before a checkpoint is stored that needs it. */
    synchronized void force() throws IOException {
        if (Files.notExists(file)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            if (channel.size() != forced) {
                channel.force(true);
                forced = channel.size();
            }
        }
    }

    /**
     * Cuts off a last line that a crash left unfinished: no checkpoint can lie behind it, since {@link #force} comes before each.
     *
     * @throws SchemaHistoryDamagedException if another line is not a JSON object
     */
    void mend() throws IOException {
        if (!exists()) {
            return;
        }
        try (RandomAccessFile lines = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] bytes = Files.readAllBytes(file);
            int number = 1;
            int start = 0;
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] == '\n') {
                    check(Arrays.copyOfRange(bytes, start, i), number++);
                    start = i + 1;
                }
            }
            lines.setLength(start);
        }
    }

    private void check(byte[] line, int number) throws SchemaHistoryDamagedException {
        try {
            if (line.length > 0 && !JSON.readTree(line).isObject()) {
                throw new SchemaHistoryDamagedException(file, number);
            }
        } catch (SchemaHistoryDamagedException e) {
            throw e;
        } catch (IOException e) {
            throw new SchemaHistoryDamagedException(file, number);
        }
    }

    void delete() throws IOException {
        Files.deleteIfExists(file);
        forced = -1;
    }
}

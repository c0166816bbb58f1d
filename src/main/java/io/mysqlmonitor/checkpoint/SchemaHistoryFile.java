package io.mysqlmonitor.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file with the definitions of the tables in the course of time, one JSON object per line, which the engine needs to read on
 * from a checkpoint: how many columns a row has, and of what types, stands nowhere else once a table was altered.
 */
final class SchemaHistoryFile {

    private static final Logger LOG = LoggerFactory.getLogger(SchemaHistoryFile.class);

    private static final JsonFactory JSON = new JsonFactory();
    private static final int MEGABYTE = 1 << 20;
    /** From where on a person should know that the history is long. */
    private static final long LONG = 64L * MEGABYTE;

    private final Path file;

    // guarded by this
    private long forced = -1;
    private boolean longSaid;

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
     * Cuts off a last line that a crash left unfinished: no checkpoint can lie behind it, since {@link #force} comes before each. It reads
     * the file from begin to end, and holds none of it in memory.
     *
     * @throws SchemaHistoryDamagedException if another line is not a JSON object
     */
    synchronized void truncateUnfinishedLine() throws IOException {
        if (!exists()) {
            return;
        }
        long whole = 0;
        try (InputStream in = Files.newInputStream(file)) {
            Lines lines = new Lines(in);
            for (int number = 1; lines.next(); number++) {
                boolean object = isObject(lines);
                if (!lines.skipToEnd()) {
                    break; // unfinished
                }
                if (!object) {
                    throw new SchemaHistoryDamagedException(file, number);
                }
                whole = lines.bytesRead();
            }
        }
        if (whole < Files.size(file)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(whole);
            }
        }
        if (whole > LONG && !longSaid) {
            longSaid = true;
            LOG.warn(
                    "Schema history {} has {} MB, and each start of capture reads all of it. To make it short: stop the monitor, remove "
                            + "that file, and start with monitor.on-schema-loss=rebuild; right if no table is altered meanwhile.",
                    file,
                    whole / MEGABYTE);
        }
    }

    /** Whether the line is a JSON object, or empty. */
    private static boolean isObject(Lines line) throws IOException {
        try (JsonParser parser = JSON.createParser(line)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return true;
            }
            parser.skipChildren();
            return first == JsonToken.START_OBJECT && parser.nextToken() == null;
        } catch (JsonProcessingException | CharConversionException e) {
            return false;
        }
    }

    /** A stream that ends at the end of each line, until it is told to go on with the next. */
    private static final class Lines extends InputStream {

        private static final int BUFFER = 1 << 16;

        private final InputStream file;
        private final byte[] buffer = new byte[BUFFER];
        private int at;
        private int end;
        private long read;
        private boolean lineEnded;

        Lines(InputStream file) {
            this.file = file;
        }

        /** Goes on with the next line; false if there is none. */
        boolean next() throws IOException {
            lineEnded = false;
            return fill();
        }

        private boolean fill() throws IOException {
            if (at == end) {
                at = 0;
                end = Math.max(0, file.read(buffer));
            }
            return at < end;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (lineEnded || !fill()) {
                return -1;
            }
            int count = 0;
            while (count < length && at < end) {
                byte next = buffer[at++];
                read++;
                if (next == '\n') {
                    lineEnded = true;
                    return count == 0 ? -1 : count;
                }
                target[offset + count++] = next;
            }
            return count;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        /** Skips the rest of the line; false if the file ends before it does. */
        boolean skipToEnd() throws IOException {
            while (!lineEnded && fill()) {
                lineEnded = buffer[at++] == '\n';
                read++;
            }
            return lineEnded;
        }

        /** Bytes of the file up to here. */
        long bytesRead() {
            return read;
        }

        /** By the parser of each line; the file is closed by its owner. */
        @Override
        public void close() {}
    }

    synchronized void delete() throws IOException {
        Files.deleteIfExists(file);
        forced = -1;
    }
}

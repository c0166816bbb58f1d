package io.mysqlmonitor.supervise;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mysqlmonitor.server.MysqlServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file by which anybody on this machine asks a monitor for the rows of a table: one JSON object per line, which the monitor
 * takes when it next looks or starts.
 */
public final class SnapshotRequests {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotRequests.class);

    private static final ObjectMapper JSON = new ObjectMapper();
    /** Nobody asks for so much; whatever it is, it is no list of requests. */
    private static final int LARGEST = 1 << 20;

    private final Path asked;
    private final Path taken;
    private final Path rejected;

    // by the thread that takes them
    private String givenUp = "";

    /**
     * @param data {@code monitor.data}
     */
    public SnapshotRequests(Path data) {
        asked = data.resolve("snapshot-requests.jsonl");
        taken = data.resolve("snapshot-requests.taken.jsonl");
        rejected = data.resolve("snapshot-requests.rejected.jsonl");
    }

    /**
     * Which rows are asked for.
     *
     * @param table {@code database.table}
     * @param where an SQL condition; empty for all rows
     */
    public record Request(String table, String where) {}

    /**
     * A line of the file.
     *
     * @param line its number, from 1 on
     * @param text the line itself
     * @param request what it asks for; null if that cannot be read
     */
    record Taken(int line, String text, Request request) {}

    /**
     * Asks the monitor with that data folder, whether it runs or not.
     *
     * @throws IllegalArgumentException if the server cannot give these rows; the message says why
     */
    public void ask(MysqlServer mysql, Request request) throws IOException, SQLException {
        Optional<String> problem = mysql.tableSnapshotProblem(request.table(), request.where());
        if (problem.isPresent()) {
            throw new IllegalArgumentException(problem.get());
        }
        add(request);
    }

    private void add(Request request) throws IOException {
        Files.createDirectories(asked.toAbsolutePath().getParent());
        String line = JSON.createObjectNode()
                .put("table", request.table())
                .put("where", request.where())
                .toString();
        Files.writeString(
                asked, line + '\n', StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Whether there is something to {@link #take}. */
    boolean exist() {
        return (Files.exists(asked) || Files.exists(taken)) && !state().equals(givenUp);
    }

    /**
     * All requests that can be read; those that were not {@linkplain #done done} before a crash come again. What cannot be read is logged
     * and moved to a file beside it, so that it neither blocks the others nor comes again.
     */
    List<Taken> take() {
        try {
            if (Files.notExists(taken)) {
                Files.move(asked, taken, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            giveUp(e);
            return List.of();
        }
        List<Taken> requests = new ArrayList<>();
        try {
            if (Files.size(taken) > LARGEST) {
                throw new IOException("it is larger than " + LARGEST + " bytes");
            }
            int number = 0;
            for (String line : new String(Files.readAllBytes(taken), StandardCharsets.UTF_8).split("\n")) {
                number++;
                if (!line.isBlank()) {
                    read(number, line.strip(), requests);
                }
            }
        } catch (IOException e) {
            rejectFile(e);
            return List.of();
        }
        return requests;
    }

    private void read(int number, String line, List<Taken> requests) {
        JsonNode request;
        try {
            request = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            reject(new Taken(number, line, null), "it is not JSON");
            return;
        }
        JsonNode table = request.path("table");
        JsonNode where = request.path("where");
        if (!request.isObject() || !table.isTextual() || !(where.isTextual() || where.isMissingNode())) {
            reject(
                    new Taken(number, line, null),
                    "it is not an object with the texts \"table\" and, if need be, \"where\"");
            return;
        }
        requests.add(new Taken(number, line, new Request(table.asText(), where.asText())));
    }

    /** Leaves a request out: says so, and keeps its line in a file of those that were left out. */
    void reject(Taken request, String why) {
        String kept = "its line is kept in " + rejected;
        try {
            Files.writeString(
                    rejected,
                    request.text() + '\n',
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            kept = "its line could not be kept in " + rejected + " (" + e + "): " + request.text();
        }
        LOG.error(
                "Line {} of {} is skipped, {}: {}. Request it again with the command snapshot; {}.",
                request.line(),
                asked,
                request.request() == null
                        ? "which requests a snapshot"
                        : "the snapshot of " + request.request().table(),
                why,
                kept);
    }

    private void rejectFile(IOException cause) {
        try {
            Path kept = rejected;
            for (int number = 2; Files.exists(kept); number++) {
                kept = rejected.resolveSibling("snapshot-requests.rejected." + number + ".jsonl");
            }
            Files.move(taken, kept, StandardCopyOption.ATOMIC_MOVE);
            LOG.error(
                    "{} cannot be read ({}), and is moved to {}. None of its snapshots is done: request them again with the command snapshot.",
                    asked,
                    cause.toString(),
                    kept);
        } catch (IOException e) {
            giveUp(e);
        }
    }

    /** Capture must not stop for it again and again. */
    private void giveUp(IOException cause) {
        givenUp = state();
        LOG.error(
                "{} cannot be read ({}): none of its snapshots is done. Make {} writable for this user, and request them again with the command snapshot.",
                asked,
                cause.toString(),
                asked.toAbsolutePath().getParent());
    }

    /** What tells one content of the two files from another. */
    private String state() {
        StringBuilder state = new StringBuilder();
        for (Path file : List.of(asked, taken)) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                state.append(attributes.lastModifiedTime())
                        .append(' ')
                        .append(attributes.size())
                        .append(' ');
            } catch (IOException e) {
                state.append("none ");
            }
        }
        return state.toString();
    }

    /** All that was taken is in the checkpoint. */
    void done() {
        try {
            Files.deleteIfExists(taken);
        } catch (IOException e) {
            giveUp(e);
        }
    }
}

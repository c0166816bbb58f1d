package io.mysqlmonitor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mysqlmonitor.capture.MysqlServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The file by which anybody on this machine asks a monitor for the rows of a table: one JSON object per line, which the monitor
 * takes when it next looks or starts.
 */
final class SnapshotRequests {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path asked;
    private final Path taken;

    /**
     * @param data {@code monitor.data}
     */
    SnapshotRequests(Path data) {
        asked = data.resolve("snapshot-requests.jsonl");
        taken = data.resolve("snapshot-requests.taken.jsonl");
    }

    /**
     * Which rows are asked for.
     *
     * @param table {@code database.table}
     * @param where an SQL condition; empty for all rows
     */
    record Request(String table, String where) {}

    /**
     * Asks the monitor with that configuration, whether it runs or not.
     *
     * @throws IllegalArgumentException if the server cannot give these rows; the message says why
     */
    static void ask(MonitorConfiguration configuration, Request request) throws IOException, SQLException {
        Optional<String> problem =
                new MysqlServer(configuration.mysql()).tableSnapshotProblem(request.table(), request.where());
        if (problem.isPresent()) {
            throw new IllegalArgumentException(problem.get());
        }
        new SnapshotRequests(configuration.data()).add(request);
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

    boolean exist() {
        return Files.exists(asked) || Files.exists(taken);
    }

    /** All requests; those that were not {@linkplain #done done} before a crash come again. */
    List<Request> take() throws IOException {
        if (Files.notExists(taken)) {
            Files.move(asked, taken, StandardCopyOption.ATOMIC_MOVE);
        }
        List<Request> requests = new ArrayList<>();
        for (String line : Files.readAllLines(taken)) {
            JsonNode request = JSON.readTree(line);
            requests.add(new Request(
                    request.path("table").asText(), request.path("where").asText()));
        }
        return requests;
    }

    void done() throws IOException {
        Files.deleteIfExists(taken);
    }
}

package io.mysqlmonitor.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.checkpoint.CheckpointKeeper;
import io.mysqlmonitor.checkpoint.Pending;
import io.mysqlmonitor.config.ConfigurationException;
import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.server.BinlogSearch;
import io.mysqlmonitor.server.MysqlServer;
import io.mysqlmonitor.server.StartRefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Turns the configuration and the state of the predecessor, aventri/mysql-monitor, into ours. The state is a position behind a row that
 * was published, within a transaction; what is stored is the place between two transactions from which no later row is missing, so
 * the server is asked.
 */
@Command(
        name = "import",
        description =
                "Creates application.properties and a checkpoint from config.cfg and state.json of aventri/mysql-monitor.",
        mixinStandardHelpOptions = true)
final class ImportCommand implements Callable<Integer> {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            defaultValue = "application.properties",
            description = "The configuration file to write; ${DEFAULT-VALUE} by default.")
    private Path target;

    @Parameters(index = "0", paramLabel = "CONFIG", description = "The config.cfg of aventri/mysql-monitor.")
    private Path source;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "STATE",
            description =
                    "Its data/state.json, after it was stopped. Without it the monitor starts at the latest change.")
    private Path state;

    @Override
    public Integer call() throws Exception {
        refuseToReplace(target);
        PredecessorConfiguration predecessor = PredecessorConfiguration.of(read(source));
        MonitorConfiguration configuration = MonitorConfiguration.of(predecessor.properties());
        Path checkpoint = configuration.checkpointFile();
        refuseToReplace(checkpoint);

        if (state != null) {
            BinlogPosition place = place(configuration);
            Clock clock = Clock.systemUTC();
            CheckpointKeeper keeper = configuration.keeper(clock, clock);
            keeper.acquire(); // or a running monitor would overwrite it
            try {
                keeper.beginAt(place, Pending.SCHEMA);
            } finally {
                keeper.release();
            }
            say(checkpoint + " is written: the monitor starts at " + place);
        }
        write(predecessor.properties());
        say(target + " is written");
        predecessor.ignored().forEach(this::say);
        if (state == null) {
            say("no state was given: the monitor starts at the latest change");
        }
        return CommandLine.ExitCode.OK;
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
    }

    private static void refuseToReplace(Path file) {
        if (Files.exists(file)) {
            throw new ConfigurationException(file + " exists and is not replaced; move it away first");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new ConfigurationException(file + " does not exist");
        } catch (IOException e) {
            throw new ConfigurationException(file + " cannot be read: " + e);
        }
    }

    private BinlogPosition place(MonitorConfiguration configuration) {
        JsonNode document;
        try {
            document = JSON.readTree(read(state));
        } catch (JsonProcessingException e) {
            throw new ConfigurationException(state + " is not JSON");
        }
        JsonNode file = document.path("binlog_file");
        JsonNode position = document.path("binlog_position");
        if (!file.isTextual() || !position.isIntegralNumber()) {
            throw new ConfigurationException(state + " has no binlog_file and binlog_position");
        }
        MysqlServer server = new MysqlServer(configuration.mysql());
        try {
            MysqlServer.Status status = server.status(Optional.empty());
            if (!status.problems().isEmpty()) {
                throw new ConfigurationException(status.problems());
            }
            return new BinlogSearch(server, configuration.mysql()).after(file.asText(), position.asLong(), status);
        } catch (StartRefusedException e) {
            throw new ConfigurationException(
                    state + ": " + file.asText() + ':' + position + " is not possible: " + e.getMessage());
        } catch (SQLException e) {
            throw new IllegalStateException(server.problem(e) + "; nothing was written", e);
        }
    }

    /** With the permissions of the file that it comes from, as it holds passwords, too. */
    private void write(Map<String, String> properties) throws IOException {
        StringBuilder text = new StringBuilder("# Made from " + source.getFileName()
                + " of aventri/mysql-monitor. All that can be set is in application.properties.example.\n");
        String group = "";
        for (Map.Entry<String, String> property : properties.entrySet()) {
            String name = property.getKey();
            String next = name.substring(0, name.indexOf('.'));
            if (!next.equals(group)) {
                text.append(
                        switch (next) {
                            case "mysql" -> "\n# The server, and the database to watch (a regular expression).\n";
                            case "rabbitmq" -> "\n# Where to publish.\n";
                            default -> "\n# How long changes of the same row are merged.\n";
                        });
                group = next;
            }
            text.append(name).append('=').append(escaped(property.getValue())).append('\n');
        }
        FileAttribute<?>[] permissions = Files.getFileStore(source.toAbsolutePath())
                        .supportsFileAttributeView("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(Files.getPosixFilePermissions(source))}
                : new FileAttribute<?>[0];
        Files.createFile(target, permissions);
        Files.writeString(target, text, StandardCharsets.UTF_8);
    }

    private static String escaped(String value) {
        String text = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t");
        return text.startsWith(" ") ? '\\' + text : text;
    }
}

package io.mysqlmonitor.command;

import io.mysqlmonitor.config.ConfigurationException;
import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.server.MysqlServer;
import io.mysqlmonitor.supervise.SnapshotRequests;
import io.mysqlmonitor.supervise.SnapshotRequests.Request;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks the monitor that runs with the same configuration for the rows of a table. */
@Command(
        name = "snapshot",
        description =
                "Asks the running monitor to publish the rows of a table again (as row_snapshot) while changes continue.",
        mixinStandardHelpOptions = true)
final class SnapshotCommand implements Callable<Integer> {

    @CommandLine.Mixin
    private MysqlMonitorMain.ConfigurationFile configurationFile;

    @Parameters(
            paramLabel = "TABLE",
            description = "database.table; the table needs a primary key, and the server gtid_mode=ON.")
    private String table;

    @Option(names = "--where", paramLabel = "CONDITION", description = "An SQL condition for the rows; all by default.")
    private String where = "";

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws Exception {
        MonitorConfiguration configuration = configurationFile.load();
        MysqlServer server = new MysqlServer(configuration.mysql());
        try {
            new SnapshotRequests(configuration.data()).ask(server, new Request(table, where));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(e.getMessage());
        } catch (SQLException e) {
            throw new IllegalStateException(server.problem(e), e);
        }
        command.commandLine()
                .getErr()
                .println("Requested. The monitor that uses " + configuration.data() + " starts the snapshot of " + table
                        + " within a second, or at its next start.");
        return CommandLine.ExitCode.OK;
    }
}

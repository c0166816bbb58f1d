package io.mysqlmonitor.command;

import io.mysqlmonitor.MysqlMonitor;
import io.mysqlmonitor.config.ConfigurationException;
import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.config.PropertiesHelp;
import io.mysqlmonitor.publish.Broker;
import io.mysqlmonitor.publish.RabbitmqSettings;
import io.mysqlmonitor.publish.Subscriber;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TimeZone;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
        name = "mysql-monitor",
        description =
                "Watches a MySQL or MariaDB database and publishes every row change to RabbitMQ as a JSON message.",
        synopsisHeading = "Usage: ",
        mixinStandardHelpOptions = true,
        versionProvider = MysqlMonitorMain.Version.class,
        subcommands = {
            MysqlMonitorMain.Run.class,
            MysqlMonitorMain.Tail.class,
            SnapshotCommand.class,
            ImportCommand.class
        },
        footer = {"", "The default command is run."})
public final class MysqlMonitorMain {

    private MysqlMonitorMain() {}

    /** Runs a command and ends the process with its status. */
    public static void main(String[] args) {
        ProgramLog.begin();
        // Debezium reads a DATETIME of a snapshot by the JVM's clock, which must skip no hour.
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        System.exit(execute(args));
    }

    static int execute(String... args) {
        CommandLine commandLine = commandLine();
        return commandLine.execute(withDefaultCommand(commandLine, args));
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new MysqlMonitorMain());
        commandLine.setExecutionExceptionHandler((e, command, parsed) -> {
            List<String> lines = e instanceof ConfigurationException configuration
                    ? configuration.problems()
                    : List.of(e.getMessage() == null ? e.toString() : e.getMessage());
            lines.forEach(line -> command.getErr()
                    .println("mysql-monitor: " + line.replaceAll("\\s+", " ").strip()));
            return e instanceof ConfigurationException ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
        });
        return commandLine;
    }

    private static String[] withDefaultCommand(CommandLine commandLine, String... args) {
        List<String> known = List.of("-h", "--help", "-V", "--version");
        if (args.length > 0
                && (known.contains(args[0]) || commandLine.getSubcommands().containsKey(args[0]))) {
            return args;
        }
        if (args.length > 0 && !args[0].startsWith("-")) {
            return args; // a command that does not exist: let picocli say so
        }
        String[] all = new String[args.length + 1];
        all[0] = "run";
        System.arraycopy(args, 0, all, 1, args.length);
        return all;
    }

    /** What every command takes. */
    static class ConfigurationFile {

        private static final Path DEFAULT = Path.of("application.properties");

        @Option(
                names = {"-c", "--config"},
                paramLabel = "FILE",
                description =
                        "The configuration file; by default application.properties in the working directory, if it exists.")
        private Path file;

        MonitorConfiguration load() {
            Path chosen = file == null && Files.exists(DEFAULT) ? DEFAULT : file;
            return MonitorConfiguration.load(chosen, System.getenv(), ProgramLog::apply);
        }
    }

    /** Watches and publishes until it is stopped. */
    @Command(
            name = "run",
            description = "Watches and publishes until it is stopped (the default).",
            mixinStandardHelpOptions = true)
    static final class Run implements Callable<Integer> {

        private static final Logger LOG = LoggerFactory.getLogger(MysqlMonitorMain.class);

        private static final Path DEFAULT_ROUTES = Path.of("routes");

        @CommandLine.Mixin
        private ConfigurationFile configurationFile;

        @Option(
                names = "--routes",
                paramLabel = "DIR",
                description =
                        "Folder with *.camel.yaml files, which replace the built-in routes of the same name or are added to them; "
                                + "by default the folder routes in the working directory, if it exists.")
        private Path routes;

        @Option(
                names = "--help-config",
                paramLabel = "WORD",
                arity = "0..1",
                fallbackValue = PropertiesHelp.ALL,
                description =
                        "Prints what can be configured, and exits: essential, common, rare or all properties (the default), or those about a word "
                                + "such as password.")
        private String helpGroup;

        @Spec
        private CommandSpec command;

        @Override
        public Integer call() throws Exception {
            if (helpGroup != null) {
                PropertiesHelp.lines(helpGroup).forEach(command.commandLine().getOut()::println);
                return CommandLine.ExitCode.OK;
            }
            MonitorConfiguration configuration = configurationFile.load();
            if (routes != null && !Files.isDirectory(routes)) {
                throw new ConfigurationException(
                        "--routes " + routes + " is not a folder; name one with *.camel.yaml files");
            }
            Path directory = routes == null && Files.isDirectory(DEFAULT_ROUTES) ? DEFAULT_ROUTES : routes;
            MysqlMonitor monitor = new MysqlMonitor(configuration, directory);
            Main main = new Main();
            main.setDefaultPropertyPlaceholderLocation("false"); // read above
            // for ${properties:...} in routes of the user; the environment takes precedence over these
            configuration.placeholders().forEach(main::addInitialProperty);
            main.addInitialProperty("camel.main.name", configuration.name());
            main.addInitialProperty("camel.main.jmxEnabled", "false");
            monitor.reserve(); // a second monitor with this folder has this port too, and the folder says more
            Map<String, String> http = configuration.http();
            http.forEach(main::addInitialProperty);
            configuration.below("camel.").forEach((name, value) -> main.addInitialProperty("camel." + name, value));
            main.addMainListener(new MainListenerSupport() {
                @Override
                public void afterConfigure(BaseMainSupport configured) {
                    try {
                        monitor.addTo(configured.getCamelContext());
                    } catch (RuntimeException e) {
                        throw e;
                    } catch (Exception e) {
                        throw new IllegalStateException(e.getMessage(), e);
                    }
                    LOG.info(
                            "Publishing to exchange {} on {}; data folder {}; {}",
                            configuration.rabbitmq().exchange() + " ("
                                    + configuration.rabbitmq().exchangeType() + ")",
                            configuration.rabbitmq()
                                    + (configuration.rabbitmq().tls() == null ? ", without TLS" : ", with TLS"),
                            configuration.data().toAbsolutePath().normalize(),
                            health(http));
                }
            });
            monitor.onHalt(main::completed);
            main.run();
            monitor.close();
            return monitor.halted().isPresent() ? CommandLine.ExitCode.SOFTWARE : main.getExitCode();
        }

        private static String health(Map<String, String> http) {
            return http.isEmpty()
                    ? "no health and metrics over HTTP"
                    : "health at http://" + http.get("camel.management.host") + ':' + http.get("camel.management.port")
                            + "/health";
        }
    }

    /** Prints each message that is published from now on, one line of JSON each. */
    @Command(
            name = "tail",
            description = "Binds its own queue and prints each message that is published from now on.",
            mixinStandardHelpOptions = true)
    static final class Tail implements Callable<Integer> {

        @CommandLine.Mixin
        private ConfigurationFile configurationFile;

        @Option(
                names = "--exchange",
                paramLabel = "NAME",
                description = "The RabbitMQ exchange; that of the configuration by default, if it names only one.")
        private String exchange;

        @Option(
                names = "--routing-key",
                paramLabel = "KEY",
                description =
                        "The key to bind the queue with; by default one that receives every message, if there is one.")
        private String routingKey;

        @Spec
        private CommandSpec command;

        @Override
        public Integer call() throws Exception {
            MonitorConfiguration configuration = configurationFile.load();
            RabbitmqSettings settings = configuration.rabbitmq();
            if (exchange == null && !settings.exchange().isConstant()) {
                throw new ConfigurationException("rabbitmq.exchange=" + settings.exchange()
                        + " names many exchanges; choose one with --exchange");
            }
            if (routingKey == null && settings.keyOfAll().isEmpty()) {
                throw new ConfigurationException("no queue can get a copy of every message of an exchange of type "
                        + settings.exchangeType() + "; choose a binding key with --routing-key"
                        + (settings.exchangeType().equals("x-consistent-hash")
                                ? ": 1, say, takes a share of the rows away from other queues"
                                : ""));
            }
            String name = exchange == null ? settings.exchange().toString() : exchange;
            PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            CountDownLatch never = new CountDownLatch(1);
            Broker broker = new Broker(settings, configuration.name() + " tail", Clock.systemUTC());
            try (broker;
                    Subscriber subscriber = new Subscriber(
                            broker,
                            name,
                            routingKey == null ? settings.keyOfAll().orElseThrow() : routingKey,
                            message -> out.println(new String(message.getBody(), StandardCharsets.UTF_8)),
                            this::say)) {
                say("subscribed to exchange " + name + " on " + broker + "; waiting for messages (Ctrl-C ends)");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                    subscriber.close();
                    broker.close();
                }));
                never.await();
            } catch (AmqpException e) {
                throw new IllegalStateException(broker.explain(e), e);
            }
            return CommandLine.ExitCode.OK;
        }

        private void say(String line) {
            command.commandLine().getErr().println("tail: " + line);
        }
    }

    static final class Version implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() throws IOException {
            Properties version = new Properties();
            try (InputStream in = MysqlMonitorMain.class.getResourceAsStream("/io/mysqlmonitor/version.properties")) {
                version.load(in);
            }
            return new String[] {"mysql-monitor " + version.getProperty("version")};
        }
    }
}

package io.mysqlmonitor.demo;

import io.mysqlmonitor.MysqlMonitor;
import io.mysqlmonitor.checkpoint.CaptureStatus;
import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.publish.Broker;
import io.mysqlmonitor.publish.RabbitmqSettings;
import io.mysqlmonitor.publish.Subscriber;
import io.mysqlmonitor.servers.EmbeddedServers;
import io.mysqlmonitor.servers.Servers;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.awaitility.Awaitility;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Starts an embedded MariaDB and an embedded AMQP broker, the monitor with its own routes between them, and changes a row or more
 * every second. Each message that a subscriber receives is one line of JSON on standard output; all else goes to standard error.
 */
@Command(
        name = "demo",
        description = "Shows MySQL Monitor at work, with a database and a broker of its own.",
        mixinStandardHelpOptions = true)
public final class Demo implements Callable<Integer> {

    private static final String USER = "monitor";
    private static final String PASSWORD = "demo";
    private static final Logger BINLOG_CLIENT = Logger.getLogger("com.github.shyiko.mysql.binlog");

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "End after N seconds; without it, run until interrupted.")
    private int seconds;

    private final PrintStream messages = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    private Demo() {}

    /** Runs the demonstration and ends the process with status 0. */
    public static void main(String[] args) {
        System.setProperty("logback.configurationFile", "io/mysqlmonitor/demo/logback.xml");
        BINLOG_CLIENT.setLevel(Level.SEVERE);
        System.exit(new CommandLine(new Demo()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(this::interrupt, "end demo"));
        Path data = Files.createTempDirectory("mysql-monitor-demo");
        say("starting a database and a broker; each line on standard output is a message");
        try (Servers servers = EmbeddedServers.start()) {
            say(servers.describe());
            run(servers, data);
        } finally {
            delete(data);
            ended.countDown();
        }
        return CommandLine.ExitCode.OK;
    }

    private void run(Servers servers, Path data) throws Exception {
        servers.mysql().createMonitorUser(USER, PASSWORD);
        MonitorConfiguration configuration = MonitorConfiguration.of(Map.of(
                "mysql.host", servers.mysql().host(),
                "mysql.port", String.valueOf(servers.mysql().port()),
                "mysql.user", USER,
                "mysql.password", PASSWORD,
                "rabbitmq.addresses",
                        servers.rabbitmq().host() + ":" + servers.rabbitmq().port(),
                "rabbitmq.user", servers.rabbitmq().user(),
                "rabbitmq.password", servers.rabbitmq().password(),
                "monitor.data", data.toString(),
                "monitor.heartbeat.idle", "1s"));
        RabbitmqSettings rabbitmq = configuration.rabbitmq();
        try (Connection mysql = servers.mysql().connect();
                Statement sql = mysql.createStatement();
                Broker broker = new Broker(rabbitmq, "demo subscriber", Clock.systemUTC());
                Subscriber subscriber = new Subscriber(
                        broker,
                        rabbitmq.exchange().toString(),
                        "",
                        message -> messages.println(new String(message.getBody(), StandardCharsets.UTF_8)),
                        Demo::say);
                DefaultCamelContext context = new DefaultCamelContext()) {
            sql.execute("CREATE DATABASE demo");
            sql.execute("CREATE TABLE demo.monitor_test_data"
                    + " (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(100), number INT, datetime DATETIME)");
            MysqlMonitor monitor = new MysqlMonitor(configuration);
            monitor.addTo(context);
            context.start();
            Awaitility.await().until(() -> Files.exists(data.resolve("checkpoint.json"))); // capture has begun
            changeRows(sql);
            context.stop();
            CaptureStatus checkpoint = monitor.status();
            say(String.format(
                    "captured %d, merged %d, published %d, checkpoint %s",
                    checkpoint.captured(), checkpoint.merged(), checkpoint.published(), checkpoint.position()));
            monitor.close();
        }
    }

    /** Row {@code n} is inserted in second {@code n}, changed twice in second {@code n + 3} and deleted in second {@code n + 6}. */
    private void changeRows(Statement sql) throws SQLException, InterruptedException {
        for (int second = 1; seconds == 0 || second <= seconds; second++) {
            sql.execute("INSERT INTO demo.monitor_test_data (text, number, datetime) VALUES ('row " + second
                    + "', 0, NOW())");
            sql.execute(
                    "UPDATE demo.monitor_test_data SET number = number + 1 WHERE text = 'row " + (second - 3) + "'");
            sql.execute(
                    "UPDATE demo.monitor_test_data SET number = number + 1 WHERE text = 'row " + (second - 3) + "'");
            sql.execute("DELETE FROM demo.monitor_test_data WHERE text = 'row " + (second - 6) + "'");
            if (interrupted.await(1, TimeUnit.SECONDS)) {
                return;
            }
        }
    }

    private void interrupt() {
        interrupted.countDown();
        try {
            ended.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void say(String line) {
        System.err.println("demo: " + line);
    }

    private static void delete(Path directory) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}

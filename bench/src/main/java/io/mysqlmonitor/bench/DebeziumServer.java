package io.mysqlmonitor.bench;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Debezium Server with its RabbitMQ sink, as its distribution starts it, with JSON without schemas and no TLS.
 *
 * <p>It cannot be told a place to begin at, so it is started once before the backlog is made, and stopped.
 */
final class DebeziumServer implements Contender {

    private static final String VERSION = "3.6.0.Final";
    private static final String ARTIFACT = "io.debezium:debezium-server-dist:" + VERSION + ":tar.gz";
    private static final String DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:2.8";
    private static final String HELP_PLUGIN = "org.apache.maven.plugins:maven-help-plugin:3.5.1";
    private static final int MIN_JAVA = 21;
    private static final String PREFIX = "bench";
    private static final String PRIME_TABLE = "prime";
    private static final int PRIME_SECONDS = 60;

    private final Path distribution;
    private final String java;

    /**
     * @param distribution its unpacked folder
     * @param java the command
     */
    DebeziumServer(Path distribution, String java) {
        this.distribution = distribution;
        this.java = java;
    }

    /**
     * Finds what it needs.
     *
     * @param target where to unpack the distribution that Maven fetches, if none is given
     * @param distribution the unpacked distribution, or null
     * @param java the command, or null
     */
    static DebeziumServer find(Path target, Path distribution, String java) throws IOException, InterruptedException {
        return new DebeziumServer(
                (distribution == null ? fetch(target) : distribution).toAbsolutePath(),
                java == null ? findJava() : java);
    }

    private static Path fetch(Path target) throws IOException, InterruptedException {
        Path unpacked = target.resolve("debezium-server");
        if (Files.notExists(unpacked)) {
            // Its parent cannot be had everywhere, and only "get" of old releases of the plugin does without.
            run("mvn", "-B", "-ntp", DEPENDENCY_PLUGIN + ":get", "-Dartifact=" + ARTIFACT, "-Dtransitive=false");
            Path repository = Path.of(run(
                    "mvn",
                    "-B",
                    "-q",
                    HELP_PLUGIN + ":evaluate",
                    "-Dexpression=settings.localRepository",
                    "-DforceStdout"));
            Path packed = repository.resolve(
                    "io/debezium/debezium-server-dist/" + VERSION + "/debezium-server-dist-" + VERSION + ".tar.gz");
            run("tar", "-xzf", packed.toString(), "-C", target.toString());
        }
        return unpacked;
    }

    /** Gives what the command printed. */
    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed:\n" + output);
        }
        // Maven ends the colours of a terminal that is none.
        return output.replaceAll("\\e\\[\\d*m", "").strip();
    }

    private static String findJava() throws IOException {
        try (Stream<Path> homes = Files.list(Path.of("/usr/lib/jvm"))) {
            return homes.filter(home -> version(home) >= MIN_JAVA)
                    .map(home -> home.resolve("bin/java").toString())
                    .findAny()
                    .orElseThrow(
                            () -> new IOException(
                                    "Debezium Server needs Java " + MIN_JAVA
                                            + " or newer; name its java command with --debezium-java, or leave debezium-server out of --contenders"));
        }
    }

    /** Its major version, by the file that every JDK has; 0 if it is none. */
    private static int version(Path home) {
        Properties release = new Properties();
        try (Reader reader = Files.newBufferedReader(home.resolve("release"))) {
            release.load(reader);
        } catch (IOException e) {
            return 0;
        }
        return Runtime.Version.parse(release.getProperty("JAVA_VERSION", "0").replace("\"", ""))
                .feature();
    }

    @Override
    public String title() {
        return "debezium-server";
    }

    @Override
    public String routingKey(Workload workload) {
        return routingKey(workload.table());
    }

    private static String routingKey(String table) {
        return String.join(".", PREFIX, BenchServers.DATABASE, table);
    }

    @Override
    public void prime(Workload workload, BenchServers servers, Path folder) throws IOException, InterruptedException {
        try (Connection connection = servers.connect();
                Statement sql = connection.createStatement();
                CountingConsumer consumer =
                        new CountingConsumer(servers, routingKey(PRIME_TABLE), Long.MAX_VALUE, () -> {}, true)) {
            sql.execute("CREATE TABLE IF NOT EXISTS " + PRIME_TABLE + " (id BIGINT AUTO_INCREMENT PRIMARY KEY)");
            try (MeasuredProcess process = start(workload, servers, null, folder, List.of())) {
                for (int second = 0; consumer.count() == 0; second++) {
                    if (second == PRIME_SECONDS || !process.isAlive()) {
                        throw new IOException("Debezium Server published nothing; see " + process.log());
                    }
                    sql.execute("INSERT INTO " + PRIME_TABLE + " VALUES ()");
                    consumer.awaitFirst(1);
                }
            }
        } catch (SQLException | TimeoutException e) {
            throw new IOException(e);
        }
    }

    @Override
    public MeasuredProcess start(
            Workload workload, BenchServers servers, BenchServers.Position start, Path folder, List<String> jvmOptions)
            throws IOException {
        Contender.write(
                folder.resolve("config/application.properties"),
                """
                debezium.source.connector.class=io.debezium.connector.mysql.MySqlConnector
                debezium.source.topic.prefix=%s
                debezium.source.database.hostname=%s
                debezium.source.database.port=%d
                debezium.source.database.user=%s
                debezium.source.database.password=%s
                debezium.source.database.server.id=4712
                debezium.source.database.ssl.mode=disabled
                debezium.source.table.include.list=%s.%s,%s.%s
                debezium.source.snapshot.mode=no_data
                debezium.source.include.schema.changes=false
                debezium.source.offset.storage.file.filename=data/offsets.dat
                debezium.source.schema.history.internal=io.debezium.storage.file.history.FileSchemaHistory
                debezium.source.schema.history.internal.file.filename=data/history.dat
                debezium.format.value=json
                debezium.format.value.schemas.enable=false
                debezium.format.key=json
                debezium.format.key.schemas.enable=false
                debezium.sink.type=rabbitmq
                debezium.sink.rabbitmq.connection.host=%s
                debezium.sink.rabbitmq.connection.port=%d
                debezium.sink.rabbitmq.connection.username=%s
                debezium.sink.rabbitmq.connection.password=%s
                debezium.sink.rabbitmq.exchange=%s
                debezium.sink.rabbitmq.routingKey.source=topic
                quarkus.http.port=0
                quarkus.log.console.json=false
                """
                        .formatted(
                                PREFIX,
                                servers.mysqlHost(),
                                BenchServers.MYSQL_PORT,
                                BenchServers.USER,
                                BenchServers.PASSWORD,
                                BenchServers.DATABASE,
                                workload.watched(),
                                BenchServers.DATABASE,
                                PRIME_TABLE,
                                servers.rabbitmqHost(),
                                BenchServers.RABBITMQ_PORT,
                                BenchServers.RABBITMQ_USER,
                                BenchServers.PASSWORD,
                                CountingConsumer.EXCHANGE));
        Files.createDirectories(folder.resolve("data"));
        List<String> command = new ArrayList<>(List.of(java, "-Xmx1g"));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", runner() + ":config:" + distribution + "/lib/*", "io.debezium.server.Main"));
        return MeasuredProcess.start(folder, command);
    }

    private Path runner() throws IOException {
        try (Stream<Path> files = Files.list(distribution)) {
            return files.filter(file -> file.toString().endsWith("-runner.jar"))
                    .findAny()
                    .orElseThrow(() -> new IOException("no Debezium Server in " + distribution));
        }
    }
}

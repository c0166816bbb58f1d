package io.mysqlmonitor.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This program, by its launcher; without or with the archive that its first run leaves. */
final class MonitorContender implements Contender {

    private final Path root;
    private final String java;
    private final Path archive;

    /**
     * @param root of the repository
     * @param java the command
     * @param archive where its first run leaves an archive for those after it; null: no archive
     */
    MonitorContender(Path root, String java, Path archive) {
        this.root = root;
        this.java = java;
        this.archive = archive;
    }

    @Override
    public String title() {
        return archive == null ? "monitor" : "monitor-trained";
    }

    /** Whether its next run makes the archive, and so tells nothing. */
    boolean isToBeTrained() {
        return archive != null && Files.notExists(archive);
    }

    @Override
    public MeasuredProcess start(
            Workload workload, BenchServers servers, BenchServers.Position start, Path folder, List<String> jvmOptions)
            throws IOException {
        Contender.write(
                folder.resolve("application.properties"),
                """
                mysql.host=%s
                mysql.user=%s
                mysql.password=%s
                mysql.ssl-mode=disabled
                mysql.tables=%s.%s
                rabbitmq.addresses=%s:%d
                rabbitmq.user=%s
                rabbitmq.password=%s
                rabbitmq.exchange=%s
                rabbitmq.exchange-type=topic
                rabbitmq.routing-key=%s
                monitor.start=%s
                monitor.dedupe.window=%ds
                monitor.heartbeat.idle=1h
                monitor.http.port=%d
                """
                        .formatted(
                                servers.mysqlHost(),
                                BenchServers.USER,
                                BenchServers.PASSWORD,
                                BenchServers.DATABASE,
                                workload.watched(),
                                servers.rabbitmqHost(),
                                BenchServers.RABBITMQ_PORT,
                                BenchServers.RABBITMQ_USER,
                                BenchServers.PASSWORD,
                                CountingConsumer.EXCHANGE,
                                routingKey(workload),
                                start,
                                workload.windowSeconds(),
                                freePort()));
        List<String> command = new ArrayList<>(List.of(
                "env",
                "JAVA=" + java,
                "JAVA_OPTS=" + String.join(" ", jvmOptions),
                "MONITOR_ARCHIVE=" + (archive == null ? folder.resolve("none") : archive),
                root.resolve("mysql-monitor").toString()));
        if (isToBeTrained()) {
            command.add("train");
        }
        command.add("run");
        return MeasuredProcess.start(folder, command);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}

package io.mysqlmonitor.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This program, from its jar, with the JVM options that come with it. */
final class MonitorContender implements Contender {

    private final Path root;
    private final String java;

    /**
     * @param root of the repository
     * @param java the command
     */
    MonitorContender(Path root, String java) {
        this.root = root;
        this.java = java;
    }

    @Override
    public String title() {
        return "monitor";
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
        List<String> command = new ArrayList<>(List.of(java));
        Path shipped = root.resolve("jvm.options");
        if (Files.exists(shipped)) {
            command.add("@" + shipped);
        }
        command.addAll(jvmOptions);
        command.addAll(List.of("-jar", root.resolve("target/mysql-monitor.jar").toString(), "run"));
        return MeasuredProcess.start(folder, command);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}

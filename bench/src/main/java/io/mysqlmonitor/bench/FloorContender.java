package io.mysqlmonitor.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The {@link Floor} in a JVM of its own. */
final class FloorContender implements Contender {

    private final String java;
    private final boolean headers;

    /**
     * @param java the command
     * @param headers whether its messages have the properties and headers of those of MySQL Monitor
     */
    FloorContender(String java, boolean headers) {
        this.java = java;
        this.headers = headers;
    }

    @Override
    public String title() {
        return headers ? "floor-headers" : "floor";
    }

    @Override
    public MeasuredProcess start(
            Workload workload, BenchServers servers, BenchServers.Position start, Path folder, List<String> jvmOptions)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(java, "-XX:+UseSerialGC", "-Xmx512m"));
        command.addAll(jvmOptions);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                Floor.class.getName(),
                servers.mysqlHost(),
                servers.rabbitmqHost(),
                workload.table(),
                start.file(),
                Long.toString(start.offset()),
                Boolean.toString(headers)));
        return MeasuredProcess.start(folder, command);
    }
}

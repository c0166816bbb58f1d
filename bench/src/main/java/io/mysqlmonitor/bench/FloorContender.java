package io.mysqlmonitor.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The {@link Floor} in a JVM of its own. */
final class FloorContender implements Contender {

    private final String java;

    /**
     * @param java the command
     */
    FloorContender(String java) {
        this.java = java;
    }

    @Override
    public String title() {
        return "floor";
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
                Long.toString(start.offset())));
        return MeasuredProcess.start(folder, command);
    }
}

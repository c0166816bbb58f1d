package io.mysqlmonitor.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A program that is measured. */
interface Contender {

    /** Its name on the command line and in the report. */
    String title();

    /** With which its messages about rows of the workload's table are routed. */
    default String routingKey(Workload workload) {
        return workload.table();
    }

    /**
     * Brings it to the place before the backlog, if it cannot be started there.
     *
     * @param folder its own for this workload
     */
    default void prime(Workload workload, BenchServers servers, Path folder) throws IOException, InterruptedException {}

    /**
     * Starts it.
     *
     * @param start where it has to begin to read
     * @param folder to run in; what {@link #prime} left is there
     * @param jvmOptions options of the JVM, beside its own
     */
    MeasuredProcess start(
            Workload workload, BenchServers servers, BenchServers.Position start, Path folder, List<String> jvmOptions)
            throws IOException;

    /** Writes a file of the contender's, with its folder. */
    static void write(Path file, String content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }
}

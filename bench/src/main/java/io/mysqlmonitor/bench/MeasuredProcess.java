package io.mysqlmonitor.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A contender's process, and what it takes; from /proc, so for Linux only. */
final class MeasuredProcess implements AutoCloseable {

    private static final int STOP_SECONDS = 60;
    private static final int KILOBYTES_PER_MEGABYTE = 1024;

    private final Process process;
    private final Path log;
    private final long startNanos = System.nanoTime();

    private MeasuredProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Starts it in the folder, with its output in {@code output.log} there. */
    static MeasuredProcess start(Path folder, List<String> command) throws IOException {
        File log = folder.resolve("output.log").toFile();
        Process process = new ProcessBuilder(new ArrayList<>(command))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        return new MeasuredProcess(process, log.toPath());
    }

    long startNanos() {
        return startNanos;
    }

    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** The most memory that it had, in megabytes. */
    double peakMegabytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            if (line.startsWith("VmHWM:")) {
                return Double.parseDouble(line.replaceAll("\\D", "")) / KILOBYTES_PER_MEGABYTE;
            }
        }
        throw new IOException("no VmHWM of process " + process.pid());
    }

    /** What it printed. */
    Path log() {
        return log;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Stops it cleanly, by force if that takes too long. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

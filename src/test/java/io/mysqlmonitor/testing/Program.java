package io.mysqlmonitor.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** The program as a user runs it: {@code java -jar} in a folder that holds just the jar, {@code lib/} and the configuration. */
public final class Program implements AutoCloseable {

    private static final Path JAR = Path.of(System.getProperty("mysql-monitor.jar", "target/mysql-monitor.jar"))
            .toAbsolutePath();

    private final Process process;
    private final Path errors;
    private final Path output;

    private Program(Process process, Path output, Path errors) {
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    public static void configure(Path folder, Map<String, String> settings) throws IOException {
        Properties properties = new Properties();
        properties.putAll(settings);
        try (var out = Files.newBufferedWriter(folder.resolve("monitor.properties"))) {
            properties.store(out, null);
        }
    }

    public static Program start(Path folder, String... arguments) throws IOException {
        return start(List.of(), folder, arguments);
    }

    /**
     * @param jvmOptions such as {@code -Xmx256m}
     */
    public static Program start(List<String> jvmOptions, Path folder, String... arguments) throws IOException {
        return start(jvmOptions, Map.of(), folder, arguments);
    }

    /**
     * @param jvmOptions such as {@code -Xmx256m}
     * @param environment what is added to it
     */
    public static Program start(
            List<String> jvmOptions, Map<String, String> environment, Path folder, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of("-jar", "mysql-monitor.jar"));
        command.addAll(List.of(arguments));
        return start(folder, command, environment);
    }

    /** By the launcher, which lies beside the jar with the options for the JVM. */
    public static Program launch(List<String> jvmOptions, Path folder, String... arguments) throws IOException {
        for (String file : List.of("mysql-monitor", "jvm.options")) {
            Files.copy(
                    Path.of(file),
                    folder.resolve(file),
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.COPY_ATTRIBUTES);
        }
        List<String> command = new ArrayList<>(List.of("./mysql-monitor"));
        command.addAll(List.of(arguments));
        return start(
                folder,
                command,
                Map.of("JAVA_HOME", System.getProperty("java.home"), "JAVA_OPTS", String.join(" ", jvmOptions)));
    }

    private static Program start(Path folder, List<String> command, Map<String, String> environment)
            throws IOException {
        if (Files.notExists(folder.resolve("mysql-monitor.jar"))) {
            Files.copy(JAR, folder.resolve("mysql-monitor.jar"));
            Files.createSymbolicLink(folder.resolve("lib"), JAR.resolveSibling("lib"));
        }
        Path output = Files.createTempFile(folder, "output", ".log");
        Path errors = Files.createTempFile(folder, "errors", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MYSQL_") || name.startsWith("RABBITMQ_"));
        builder.environment().putAll(environment);
        return new Program(builder.start(), output, errors);
    }

    /** Sends SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Waits for the end and gives the exit status. */
    public int await() throws InterruptedException {
        if (!process.waitFor(Patience.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the program did not end; it said: " + errors());
        }
        return process.exitValue();
    }

    public boolean isRunning() {
        return process.isAlive();
    }

    public String output() {
        return read(output);
    }

    public String errors() {
        return read(errors);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}

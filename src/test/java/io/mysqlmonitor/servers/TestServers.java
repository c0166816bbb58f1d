package io.mysqlmonitor.servers;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.LoggerFactory;
import org.testcontainers.DockerClientFactory;

/**
 * The servers that all tests of one JVM share.
 *
 * <p>They are {@link AddressedServers} if the system properties {@code test.mysql} and {@code test.rabbitmq} give addresses, else
 * {@link ContainerServers} if Docker answers, else {@link EmbeddedServers}. The system property {@code test.servers} with the
 * value {@code containers} or {@code embedded} overrides that.
 */
public final class TestServers {

    private static final String CHOICE = "test.servers";

    // Guarded by TestServers.class.
    private static Servers servers;
    private static RuntimeException failure;

    private TestServers() {}

    /**
     * Returns the servers and, on the first call, starts them and says on standard error which they are and why.
     *
     * <p>They stop with the JVM. A failed start is not tried again: every further call throws the same exception.
     */
    public static synchronized Servers get() {
        if (failure != null) {
            throw failure;
        }
        if (servers == null) {
            try {
                servers = start();
            } catch (RuntimeException e) {
                failure = e;
                throw e;
            }
            Runtime.getRuntime().addShutdownHook(new Thread(servers::close, "stop test servers"));
        }
        return servers;
    }

    private static Servers start() {
        Instant begin = Instant.now();
        Servers started;
        String reason;
        String choice = System.getProperty(CHOICE, "");
        if (!choice.isEmpty()) {
            started = forced(choice);
            reason = CHOICE + "=" + choice;
        } else if (System.getProperty(AddressedServers.MYSQL) != null
                || System.getProperty(AddressedServers.RABBITMQ) != null) {
            started = AddressedServers.connect();
            reason = "addresses are given";
        } else if (isDockerAvailable()) {
            started = ContainerServers.start();
            reason = "Docker answers";
        } else {
            started = EmbeddedServers.start();
            reason = "no Docker answers";
        }
        long millis = Duration.between(begin, Instant.now()).toMillis();
        System.err.println("Test servers: " + started.describe() + " (" + reason + "; ready after " + millis + " ms)");
        return started;
    }

    private static Servers forced(String choice) {
        return switch (choice) {
            case "containers" -> ContainerServers.start();
            case "embedded" -> EmbeddedServers.start();
            default -> throw new IllegalArgumentException(
                    "System property " + CHOICE + " must be containers or embedded, not " + choice);
        };
    }

    /** Testcontainers reports a missing Docker as an error, with stack traces; here it is one of the ways things can be. */
    private static boolean isDockerAvailable() {
        Logger logger = (Logger) LoggerFactory.getLogger("org.testcontainers");
        Level before = logger.getLevel();
        logger.setLevel(Level.OFF);
        try {
            return DockerClientFactory.instance().isDockerAvailable();
        } catch (RuntimeException | LinkageError e) {
            return false;
        } finally {
            logger.setLevel(before);
        }
    }
}

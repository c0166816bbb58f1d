package io.mysqlmonitor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.github.dockerjava.api.DockerClient;
import io.mysqlmonitor.servers.ContainerServers;
import io.mysqlmonitor.servers.TestServers;
import java.io.IOException;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;

/** A test server that can be stopped and paused, since it runs in a container; a test that asks for one is aborted where it does not. */
public final class ServerContainer {

    private final GenericContainer<?> container;
    private final DockerClient docker = DockerClientFactory.lazyClient();

    private ServerContainer(GenericContainer<?> container) {
        this.container = container;
    }

    /** The database. */
    public static ServerContainer mysql() {
        return new ServerContainer(containers().mysqlContainer());
    }

    /** The broker, which is RabbitMQ. */
    public static ServerContainer rabbitmq() {
        return new ServerContainer(containers().rabbitmqContainer());
    }

    /** Aborts the test unless its servers are the real MySQL and RabbitMQ. */
    public static void assumeContainers() {
        containers();
    }

    private static ContainerServers containers() {
        assumeThat(TestServers.get()).isInstanceOf(ContainerServers.class);
        return (ContainerServers) TestServers.get();
    }

    /** Stops the server in good order, unless that takes more than 10 s. */
    public void stop() {
        docker.stopContainerCmd(container.getContainerId()).exec();
    }

    /** Starts it again; it may not accept connections yet. */
    public void start() {
        docker.startContainerCmd(container.getContainerId()).exec();
    }

    /**
     * Stops it and starts it again; it may not accept connections yet.
     *
     * @param seconds how long it may take to stop in good order before it is killed
     */
    public void restart(int seconds) {
        docker.restartContainerCmd(container.getContainerId())
                .withTimeout(seconds)
                .exec();
    }

    /** Freezes its processes: it accepts connections and answers nothing. */
    public void pause() {
        docker.pauseContainerCmd(container.getContainerId()).exec();
    }

    public void unpause() {
        docker.unpauseContainerCmd(container.getContainerId()).exec();
    }

    /** Its address for other containers, which is right after a restart, too. */
    public String address() {
        return docker.inspectContainerCmd(container.getContainerId())
                .exec()
                .getNetworkSettings()
                .getNetworks()
                .values()
                .iterator()
                .next()
                .getIpAddress();
    }

    /** Runs a command in it, {@code rabbitmqctl} for example, which must succeed. */
    public void run(String... command) throws IOException, InterruptedException {
        ExecResult result = container.execInContainer(command);
        assertThat(result.getExitCode()).as(result.toString()).isZero();
    }
}

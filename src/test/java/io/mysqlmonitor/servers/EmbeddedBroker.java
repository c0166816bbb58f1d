package io.mysqlmonitor.servers;

import java.net.URL;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.qpid.server.SystemLauncher;
import org.apache.qpid.server.SystemLauncherListener.DefaultSystemLauncherListener;
import org.apache.qpid.server.model.Broker;
import org.apache.qpid.server.model.SystemConfig;

/** A Qpid Broker-J that keeps everything in memory and speaks AMQP 0-9-1, as RabbitMQ does. */
final class EmbeddedBroker implements AutoCloseable {

    private final TemporaryFolder folder;
    private final SystemLauncher launcher;
    private final Servers.Rabbitmq address;

    private EmbeddedBroker(TemporaryFolder folder, SystemLauncher launcher, Servers.Rabbitmq address) {
        this.folder = folder;
        this.launcher = launcher;
        this.address = address;
    }

    /** Starts it; returns when it accepts connections. */
    static EmbeddedBroker start() {
        TemporaryFolder folder = TemporaryFolder.create("mysql-monitor-broker");
        Startup startup = new Startup();
        SystemLauncher launcher = new SystemLauncher(startup);
        try {
            launcher.startup(Map.of(
                    SystemConfig.TYPE,
                    "Memory",
                    SystemConfig.INITIAL_CONFIGURATION_LOCATION,
                    initialConfiguration().toExternalForm(),
                    SystemConfig.STARTUP_LOGGED_TO_SYSTEM_OUT,
                    false,
                    SystemConfig.CONTEXT,
                    Map.of(SystemConfig.QPID_WORK_DIR, folder.path().toString())));
            // Defined in broker.json.
            return new EmbeddedBroker(
                    folder, launcher, new Servers.Rabbitmq("127.0.0.1", startup.boundPort(), "guest", "guest"));
        } catch (Exception e) {
            launcher.shutdown();
            folder.close();
            throw new IllegalStateException("Qpid Broker-J did not start", e);
        }
    }

    private static URL initialConfiguration() {
        return Objects.requireNonNull(
                EmbeddedBroker.class.getResource("broker.json"), "broker.json is not on the class path");
    }

    Servers.Rabbitmq address() {
        return address;
    }

    @Override
    public void close() {
        launcher.shutdown();
        folder.close();
    }

    /** Learns from the launcher how the start went. */
    private static final class Startup extends DefaultSystemLauncherListener {

        private final AtomicReference<SystemConfig<?>> resolved = new AtomicReference<>();
        private final AtomicReference<RuntimeException> error = new AtomicReference<>();

        @Override
        public void onContainerResolve(SystemConfig<?> systemConfig) {
            resolved.set(systemConfig);
        }

        @Override
        public void errorOnStartup(RuntimeException e) {
            error.set(e);
        }

        int boundPort() {
            if (error.get() != null) {
                throw error.get();
            }
            Broker<?> broker = (Broker<?>) resolved.get().getContainer();
            return broker.getPorts().iterator().next().getBoundPort();
        }
    }
}

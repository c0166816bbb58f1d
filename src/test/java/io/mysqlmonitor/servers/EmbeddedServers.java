package io.mysqlmonitor.servers;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Servers that need nothing but Maven: MariaDB as a child process, and Qpid Broker-J, which speaks RabbitMQ's protocol, in this
 * JVM.
 *
 * <p>Both listen on the loopback address on free ports, keep their files in a temporary folder and log through slf4j. MariaDB's
 * program is for Linux on x86-64.
 */
public final class EmbeddedServers implements Servers {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServers.class);

    private final EmbeddedMariadb mariadb;
    private final EmbeddedBroker broker;
    private final String description;

    private EmbeddedServers(EmbeddedMariadb mariadb, EmbeddedBroker broker, String description) {
        this.mariadb = mariadb;
        this.broker = broker;
        this.description = description;
    }

    /**
     * Starts both, side by side, and returns when both accept connections; the caller closes them, for they keep the JVM alive.
     *
     * @throws IllegalStateException if one does not start; nothing is left running then
     */
    public static EmbeddedServers start() {
        LOG.info("Starting MariaDB and Qpid Broker-J");
        CompletableFuture<EmbeddedMariadb> mariadb = CompletableFuture.supplyAsync(EmbeddedMariadb::start);
        CompletableFuture<EmbeddedBroker> broker = CompletableFuture.supplyAsync(EmbeddedBroker::start);
        try {
            CompletableFuture.allOf(mariadb, broker).join();
            String description = mariadb.join().address().product() + " and "
                    + broker.join().address().product() + ", embedded";
            return new EmbeddedServers(mariadb.join(), broker.join(), description);
        } catch (Exception e) {
            mariadb.thenAccept(EmbeddedMariadb::close);
            broker.thenAccept(EmbeddedBroker::close);
            Throwable cause = e instanceof CompletionException ? e.getCause() : e;
            throw new IllegalStateException("The embedded servers did not start", cause);
        }
    }

    @Override
    public Mysql mysql() {
        return mariadb.address();
    }

    @Override
    public Rabbitmq rabbitmq() {
        return broker.address();
    }

    @Override
    public String describe() {
        return description;
    }

    @Override
    public void close() {
        broker.close();
        mariadb.close();
    }
}

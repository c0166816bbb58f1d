package io.mysqlmonitor.capture;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.BinaryLogClient.AbstractLifecycleListener;
import java.util.function.Consumer;

/**
 * Tells which Error, such as OutOfMemoryError, ended the thread that reads the binary log.
 *
 * <p>The binlog client catches exceptions alone: by an Error its thread ends, the connection is closed, and Debezium waits for events that
 * never come. The client calls its listeners on that thread once it is connected.
 */
final class ReaderErrors extends AbstractLifecycleListener {

    private final Consumer<Throwable> failed;

    /**
     * @param failed told on the thread that ends; with a full heap, it must do without memory
     */
    ReaderErrors(Consumer<Throwable> failed) {
        this.failed = failed;
    }

    @Override
    public void onConnect(BinaryLogClient client) {
        Thread.currentThread().setUncaughtExceptionHandler((thread, error) -> failed.accept(error));
    }
}

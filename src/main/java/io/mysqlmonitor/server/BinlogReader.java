package io.mysqlmonitor.server;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.NullEventDataDeserializer;
import com.github.shyiko.mysql.binlog.network.SSLMode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Reads the server's binary log for a {@link BinlogScan}, from the start of its file until it has seen enough or the end of the log is
 * reached; without what rows contain.
 *
 * <p>For one thread and one reading.
 */
final class BinlogReader {

    private static final int MUTE_MILLIS = (int) Duration.ofMinutes(1).toMillis();

    private final BinaryLogClient client;
    private final BinlogScan scan;
    private Exception failure;

    private BinlogReader(MysqlSettings settings, BinlogScan scan) {
        this.scan = scan;
        client = new BinaryLogClient(settings.host(), settings.port(), settings.user(), settings.password());
        client.setServerId(Long.parseLong(settings.serverId()));
        client.setSSLMode(SSLMode.valueOf(settings.sslMode().toUpperCase(Locale.ROOT)));
        if (TlsSocketFactory.isNeeded(settings)) {
            client.setSslSocketFactory(new TlsSocketFactory(settings));
        }
        client.setSocketFactory(() -> {
            Socket socket = new Socket();
            socket.setSoTimeout(MUTE_MILLIS);
            return socket;
        });
        client.setKeepAlive(false);
        client.setBlocking(false); // ends where the log ends, instead of waiting for more
        client.setBinlogFilename(scan.file());
        client.setEventDeserializer(boundariesOnly());
        client.registerEventListener(this::onEvent);
        client.registerLifecycleListener(new BinaryLogClient.AbstractLifecycleListener() {
            @Override
            public void onCommunicationFailure(BinaryLogClient ended, Exception cause) {
                failure = cause;
            }

            @Override
            public void onEventDeserializationFailure(BinaryLogClient ended, Exception cause) {
                failure = cause;
            }
        });
    }

    private static EventDeserializer boundariesOnly() {
        Set<EventType> needed = EnumSet.of(
                EventType.ROTATE,
                EventType.FORMAT_DESCRIPTION,
                EventType.PREVIOUS_GTIDS,
                EventType.GTID,
                EventType.MARIADB_GTID,
                EventType.QUERY,
                EventType.TABLE_MAP);
        EventDeserializer deserializer = new EventDeserializer();
        for (EventType type : EnumSet.complementOf(EnumSet.copyOf(needed))) {
            deserializer.setEventDataDeserializer(type, new NullEventDataDeserializer());
        }
        return deserializer;
    }

    /**
     * Keeps the calling thread until the scan is over.
     *
     * @throws IOException if the log cannot be read
     */
    static void read(MysqlSettings settings, BinlogScan scan) throws IOException {
        BinlogReader reader = new BinlogReader(settings, scan);
        reader.client.connect();
        if (reader.failure != null && !scan.isEnough()) {
            throw new IOException(reader.failure.getMessage(), reader.failure);
        }
    }

    private void onEvent(Event event) {
        boolean wasEnough = scan.isEnough();
        scan.meet(event);
        if (!wasEnough && (scan.isEnough() || Thread.currentThread().isInterrupted())) {
            failure = scan.isEnough() ? null : new InterruptedIOException("interrupted");
            disconnect();
        }
    }

    private void disconnect() {
        try {
            client.disconnect();
        } catch (IOException e) {
            failure = scan.isEnough() ? null : e;
        }
    }
}

package io.mysqlmonitor.capture;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.GtidSet;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.GtidEventData;
import com.github.shyiko.mysql.binlog.event.PreviousGtidSetEventData;
import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.NullEventDataDeserializer;
import com.github.shyiko.mysql.binlog.network.DefaultSSLSocketFactory;
import com.github.shyiko.mysql.binlog.network.SSLMode;
import io.mysqlmonitor.change.BinlogCoordinates;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * One reading of the binary log from the begin of a file, event by event, that knows where transactions begin and end; rows are
 * not looked at.
 *
 * <p>For one thread, which {@link #read} keeps until a subclass has seen enough or the end of the log is reached.
 */
abstract class BinlogScan {

    private static final int MUTE_MILLIS = (int) Duration.ofMinutes(1).toMillis();

    /** Events that belong to no transaction. */
    private static final Set<EventType> CONTROL = EnumSet.of(
            EventType.ROTATE,
            EventType.FORMAT_DESCRIPTION,
            EventType.PREVIOUS_GTIDS,
            EventType.STOP,
            EventType.HEARTBEAT,
            EventType.INCIDENT,
            EventType.IGNORABLE,
            EventType.MARIADB_GTID_LIST,
            EventType.BINLOG_CHECKPOINT,
            EventType.UNKNOWN);

    private final BinaryLogClient client;
    private String file;
    private GtidSet executed = new GtidSet("");
    private String gtid;
    private long transaction = -1;
    private boolean statements;
    private boolean anonymous;
    private long end;
    private boolean enough;
    private Exception failure;

    BinlogScan(MysqlSettings settings, String file) {
        this.file = file;
        client = new BinaryLogClient(settings.host(), settings.port(), settings.user(), settings.password());
        client.setServerId(Long.parseLong(settings.serverId()));
        client.setSSLMode(SSLMode.valueOf(settings.sslMode().toUpperCase(Locale.ROOT)));
        if (settings.trustStore() != null) {
            client.setSslSocketFactory(new TrustingSocketFactory(settings.trustStore()));
        }
        client.setSocketFactory(() -> {
            Socket socket = new Socket();
            socket.setSoTimeout(MUTE_MILLIS);
            return socket;
        });
        client.setKeepAlive(false);
        client.setBlocking(false); // ends where the log ends, instead of waiting for more
        client.setBinlogFilename(file);
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

    /** TLS with the certificates of a trust store. */
    private static final class TrustingSocketFactory extends DefaultSSLSocketFactory {

        private final Path trustStore;

        TrustingSocketFactory(Path trustStore) {
            this.trustStore = trustStore;
        }

        @Override
        protected void initSSLContext(SSLContext context) throws GeneralSecurityException {
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            try {
                managers.init(
                        KeyStore.getInstance(trustStore.toFile(), MysqlSettings.TRUST_STORE_PASSWORD.toCharArray()));
            } catch (IOException e) {
                throw new GeneralSecurityException(trustStore + " cannot be read", e);
            }
            context.init(null, managers.getTrustManagers(), null);
        }
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
     * Looks at an event before it counts.
     *
     * @param position where it stands
     * @param control whether it belongs to no transaction
     * @return whether that is enough
     */
    abstract boolean look(long position, Instant time, boolean control);

    /**
     * @throws IOException if the log cannot be read
     */
    void read() throws IOException {
        client.connect();
        if (failure != null && !enough) {
            throw new IOException(failure.getMessage(), failure);
        }
    }

    private void onEvent(Event event) {
        EventHeaderV4 header = event.getHeader();
        if (enough || header.getNextPosition() == 0) { // made up by the server for this client
            if (event.getData() instanceof RotateEventData next) {
                file = next.getBinlogFilename();
            }
            return;
        }
        boolean control = CONTROL.contains(header.getEventType());
        enough = look(header.getPosition(), Instant.ofEpochMilli(header.getTimestamp()), control);
        if (enough || Thread.currentThread().isInterrupted()) {
            failure = enough ? null : new InterruptedIOException("interrupted");
            disconnect();
        } else if (header.getEventType() == EventType.PREVIOUS_GTIDS) {
            String previous = event.<PreviousGtidSetEventData>getData().getGtidSet();
            // The client's set knows no tags. Where there are any, it is the place alone that counts.
            executed = new GtidSet(MysqlServer.isTagged(previous) ? "" : previous);
        } else if (!control) {
            follow(header, event.getData());
        }
        end = header.getNextPosition();
    }

    private void follow(EventHeaderV4 header, EventData data) {
        if (transaction < 0) {
            transaction = header.getPosition();
            gtid = null;
            statements = false;
        }
        switch (header.getEventType()) {
            case GTID -> gtid = ((GtidEventData) data).getMySqlGtid().toString();
            case XID, XA_PREPARE, TRANSACTION_PAYLOAD -> endTransaction();
            case QUERY -> followStatement(((QueryEventData) data).getSql());
            default -> {
                // within a transaction
            }
        }
    }

    private void followStatement(String sql) {
        if (sql.equals("BEGIN") || sql.startsWith("XA START")) {
            statements = true;
        } else if (!statements || sql.equals("COMMIT") || sql.equals("ROLLBACK")) {
            endTransaction(); // of tables without transactions, or a statement that is a transaction by itself
        }
    }

    private void endTransaction() {
        transaction = -1;
        if (gtid != null) {
            executed.add(gtid);
        } else {
            anonymous = true;
        }
    }

    private void disconnect() {
        try {
            client.disconnect();
        } catch (IOException e) {
            failure = enough ? null : e;
        }
    }

    /** The file that is read. */
    String file() {
        return file;
    }

    /** Where the transaction begins that is not over yet; negative between two. */
    long transaction() {
        return transaction;
    }

    /** Where the last event ended. */
    long end() {
        return end;
    }

    /** Whether there was a transaction without a GTID. */
    boolean isAnonymous() {
        return anonymous;
    }

    /** The given place in this file, which must stand before the transaction that is not over yet, if there is one. */
    BinlogCoordinates at(long position) {
        return new BinlogCoordinates(file, position, executed.toString());
    }
}

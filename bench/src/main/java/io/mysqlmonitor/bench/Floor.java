package io.mysqlmonitor.bench;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.DeleteRowsEventData;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.UpdateRowsEventData;
import com.github.shyiko.mysql.binlog.event.WriteRowsEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.SocketFactory;

/**
 * The least program that does the work: the binary log client, JSON by hand, the RabbitMQ client. One thread reads and publishes, up to
 * {@value #IN_FLIGHT} messages await their confirms, and what is published goes to the socket by the buffer.
 *
 * <p>It keeps no checkpoint, knows eight columns of simple types, and survives no fault: the limit that others are measured by.
 */
final class Floor {

    private static final int IN_FLIGHT = 10_000;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int PERSISTENT = 2;
    private static final int MIN_PRINTABLE = 0x20;

    private final Semaphore room = new Semaphore(IN_FLIGHT);
    private final Map<Long, TableMapEventData> tables = new HashMap<>();
    private final StringBuilder json = new StringBuilder(1024);
    private final String table;
    private final List<String> columns;
    private final Channel channel;
    private final boolean headers;
    private String binlogFile;
    private long confirmed;

    private Floor(String table, List<String> columns, Channel channel, boolean headers) {
        this.table = table;
        this.columns = columns;
        this.channel = channel;
        this.headers = headers;
    }

    /**
     * @param args MySQL's host, RabbitMQ's host, table, binary log file, position, whether messages have the properties and headers of those of
     *     MySQL Monitor
     */
    public static void main(String[] args) throws IOException, TimeoutException, SQLException {
        String mysqlHost = args[0];
        String table = args[2];
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(args[1]);
        factory.setUsername(BenchServers.RABBITMQ_USER);
        factory.setPassword(BenchServers.PASSWORD);
        factory.setSocketFactory(new BufferingSocketFactory());
        Channel channel = factory.newConnection().createChannel();
        channel.confirmSelect();
        Floor floor = new Floor(table, columns(mysqlHost, table), channel, Boolean.parseBoolean(args[5]));
        channel.addConfirmListener(floor::confirmed, (tag, multiple) -> System.exit(1));

        BinaryLogClient client =
                new BinaryLogClient(mysqlHost, BenchServers.MYSQL_PORT, BenchServers.USER, BenchServers.PASSWORD);
        client.setServerId(4713);
        client.setBinlogFilename(args[3]);
        client.setBinlogPosition(Long.parseLong(args[4]));
        EventDeserializer deserializer = new EventDeserializer();
        deserializer.setCompatibilityMode(EventDeserializer.CompatibilityMode.DATE_AND_TIME_AS_LONG);
        client.setEventDeserializer(deserializer);
        client.registerEventListener(floor::received);
        client.connect();
    }

    private static List<String> columns(String host, String table) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:mysql://" + host + '/' + BenchServers.DATABASE
                                + "?sslMode=DISABLED&allowPublicKeyRetrieval=true",
                        BenchServers.USER,
                        BenchServers.PASSWORD);
                Statement sql = connection.createStatement();
                ResultSet rows =
                        sql.executeQuery("SELECT column_name FROM information_schema.columns WHERE table_schema = '"
                                + BenchServers.DATABASE + "' AND table_name = '" + table
                                + "' ORDER BY ordinal_position")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    private void received(Event event) {
        EventData data = event.getData();
        EventHeaderV4 header = event.getHeader();
        try {
            if (data instanceof RotateEventData rotate) {
                binlogFile = rotate.getBinlogFilename();
            } else if (data instanceof TableMapEventData map) {
                tables.put(map.getTableId(), map);
            } else if (data instanceof WriteRowsEventData rows && isWatched(rows.getTableId())) {
                for (Serializable[] row : rows.getRows()) {
                    publish("row_insert", header, row, null);
                }
            } else if (data instanceof UpdateRowsEventData rows && isWatched(rows.getTableId())) {
                for (Map.Entry<Serializable[], Serializable[]> row : rows.getRows()) {
                    publish("row_update", header, row.getKey(), row.getValue());
                }
            } else if (data instanceof DeleteRowsEventData rows && isWatched(rows.getTableId())) {
                for (Serializable[] row : rows.getRows()) {
                    publish("row_delete", header, row, null);
                }
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean isWatched(long tableId) {
        TableMapEventData map = tables.get(tableId);
        return table.equals(map.getTable()) && BenchServers.DATABASE.equals(map.getDatabase());
    }

    private void publish(String type, EventHeaderV4 header, Serializable[] row, Serializable[] after)
            throws IOException, InterruptedException {
        json.setLength(0);
        json.append("{\"type\":\"").append(type).append("\",\"table_name\":\"").append(table);
        json.append("\",\"timestamp\":").append(header.getTimestamp() / 1000).append(",\"keys\":{");
        append(0, row);
        json.append('}');
        if (after == null) {
            appendRow("values", row);
        } else {
            appendChanged("before_values", row, row, after);
            appendChanged("after_values", after, row, after);
        }
        json.append('}');
        AMQP.BasicProperties.Builder properties = new AMQP.BasicProperties.Builder()
                .contentType("application/json")
                .deliveryMode(PERSISTENT)
                .type(type)
                .messageId(Long.toString(header.getPosition()));
        if (headers) {
            properties
                    .contentEncoding("utf-8")
                    .appId("mysql-monitor")
                    .timestamp(new Date())
                    .headers(Map.of(
                            "database",
                            BenchServers.DATABASE,
                            "table",
                            table,
                            "type",
                            type,
                            "binlog_file",
                            binlogFile,
                            "binlog_position",
                            header.getPosition(),
                            "merged",
                            1));
        }
        room.acquire();
        channel.basicPublish(
                CountingConsumer.EXCHANGE,
                table,
                properties.build(),
                json.toString().getBytes(StandardCharsets.UTF_8));
    }

    private void appendRow(String name, Serializable[] row) {
        json.append(",\"").append(name).append("\":{");
        for (int i = 0; i < row.length; i++) {
            if (i > 0) {
                json.append(',');
            }
            append(i, row);
        }
        json.append('}');
    }

    private void appendChanged(String name, Serializable[] row, Serializable[] before, Serializable[] after) {
        json.append(",\"").append(name).append("\":{");
        boolean any = false;
        for (int i = 0; i < row.length; i++) {
            if (!Objects.deepEquals(before[i], after[i])) {
                if (any) {
                    json.append(',');
                }
                any = true;
                append(i, row);
            }
        }
        json.append('}');
    }

    private void append(int column, Serializable[] row) {
        json.append('"').append(columns.get(column)).append("\":");
        Serializable value = row[column];
        if (value == null || value instanceof Integer || value instanceof Long) {
            json.append(value);
            return;
        }
        String text = value instanceof byte[] bytes ? Arrays.toString(bytes) : value.toString();
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < MIN_PRINTABLE) {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }

    /** On the connection's one thread. */
    private void confirmed(long tag, boolean multiple) {
        int count = multiple ? (int) (tag - confirmed) : 1;
        confirmed = Math.max(confirmed, tag);
        room.release(count);
    }

    /** Gives sockets that keep what is flushed until their buffer is full or a millisecond has passed. */
    private static final class BufferingSocketFactory extends SocketFactory {

        @Override
        public Socket createSocket() {
            return new Socket() {
                @Override
                public OutputStream getOutputStream() throws IOException {
                    return new Buffer(super.getOutputStream());
                }
            };
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
            throw new UnsupportedOperationException();
        }
    }

    private static final class Buffer extends BufferedOutputStream {

        private boolean dirty;

        Buffer(OutputStream out) {
            super(out, BUFFER_BYTES);
            Thread flusher = new Thread(this::flushOften, "flusher");
            flusher.setDaemon(true);
            flusher.start();
        }

        @Override
        public synchronized void flush() {
            dirty = true;
        }

        private void flushOften() {
            try {
                while (true) {
                    TimeUnit.MILLISECONDS.sleep(1);
                    synchronized (this) {
                        if (dirty) {
                            dirty = false;
                            super.flush();
                        }
                    }
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}

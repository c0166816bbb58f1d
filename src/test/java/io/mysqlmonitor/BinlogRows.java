package io.mysqlmonitor;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.DeleteRowsEventData;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.TransactionPayloadEventData;
import com.github.shyiko.mysql.binlog.event.UpdateRowsEventData;
import com.github.shyiko.mysql.binlog.event.WriteRowsEventData;
import com.github.shyiko.mysql.binlog.network.SSLMode;
import io.mysqlmonitor.SelectedTables.Place;
import io.mysqlmonitor.servers.Servers;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;

/** The changes of rows that a server's binary log holds between two places, counted by a reader that knows nothing of the monitor. */
final class BinlogRows {

    private static final int FIRST_SERVER_ID = 1_000_000;

    private final String database;
    private final Place from;
    private final Place to;
    private final BinaryLogClient client;
    private final Map<Long, String> tables = new HashMap<>();
    private final Map<String, Integer> rows = new TreeMap<>();
    private String file;

    private BinlogRows(Servers.Mysql server, String database, Place from, Place to) {
        this.database = database;
        this.from = from;
        this.to = to;
        this.file = from.file();
        client = new BinaryLogClient(server.host(), server.port(), server.user(), server.password());
        client.setSSLMode(SSLMode.PREFERRED);
        client.setServerId(FIRST_SERVER_ID + ThreadLocalRandom.current().nextInt(FIRST_SERVER_ID));
        client.setBlocking(false); // the server ends the stream at the end of the log
        client.setKeepAlive(false);
        client.setBinlogFilename(from.file());
        client.setBinlogPosition(from.position());
        client.registerEventListener(this::read);
    }

    /**
     * @param database whose tables count
     * @param from where a transaction begins
     * @return number of changed rows by table
     */
    static Map<String, Integer> count(Servers.Mysql server, String database, Place from, Place to) throws IOException {
        BinlogRows reader = new BinlogRows(server, database, from, to);
        reader.client.connect();
        return reader.rows;
    }

    private void read(Event event) {
        if (event.getData() instanceof RotateEventData rotation) {
            file = rotation.getBinlogFilename();
            return;
        }
        if (event.getHeader() instanceof EventHeaderV4 header && header.getPosition() > 0) {
            Place place = new Place(file, header.getPosition());
            if (place.compareTo(to) >= 0 || place.compareTo(from) < 0) {
                return;
            }
        }
        count(event);
    }

    private void count(Event event) {
        if (event.getData() instanceof TransactionPayloadEventData payload) {
            payload.getUncompressedEvents().forEach(this::count);
        } else if (event.getData() instanceof TableMapEventData table) {
            tables.put(table.getTableId(), table.getDatabase().equals(database) ? table.getTable() : null);
        } else if (event.getData() instanceof WriteRowsEventData insert) {
            add(insert.getTableId(), insert.getRows().size());
        } else if (event.getData() instanceof UpdateRowsEventData update) {
            add(update.getTableId(), update.getRows().size());
        } else if (event.getData() instanceof DeleteRowsEventData delete) {
            add(delete.getTableId(), delete.getRows().size());
        }
    }

    private void add(long table, int count) {
        String name = tables.get(table);
        if (name != null) {
            rows.merge(name, count, Integer::sum);
        }
    }
}

package io.mysqlmonitor.testing;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.GtidSet;
import com.github.shyiko.mysql.binlog.event.DeleteRowsEventData;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.GtidEventData;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.TransactionPayloadEventData;
import com.github.shyiko.mysql.binlog.event.UpdateRowsEventData;
import com.github.shyiko.mysql.binlog.event.WriteRowsEventData;
import com.github.shyiko.mysql.binlog.network.SSLMode;
import io.mysqlmonitor.servers.Servers;
import io.mysqlmonitor.testing.SelectedTables.Place;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** The changes of rows that a server's binary log holds between two places, counted by a reader that knows nothing of the monitor. */
final class BinlogRows {

    private static final int FIRST_SERVER_ID = 1_000_000;

    private final String database;
    private final Place from;
    private final Place to;
    private final BinaryLogClient client;
    /** Transactions that do not count; null if their GTIDs are not known. */
    private final GtidSet before;

    private final Map<Long, String> tables = new HashMap<>();
    private final List<Rows> rows = new ArrayList<>();
    private Place place;
    private String file;
    private boolean counts = true;
    private Exception failure;

    /**
     * An event of the binary log that changes rows of a table.
     *
     * @param place where it stands; in a compressed transaction the place of that
     * @param operation {@code insert}, {@code update} or {@code delete}
     * @param count how many rows
     */
    record Rows(Place place, String table, String operation, int count) {}

    private BinlogRows(Servers.Mysql server, String database, Place from, String before, Place to) {
        this.before = before.contains(":") ? new GtidSet(before) : null; // not those of MariaDB
        this.database = database;
        this.from = from;
        this.to = to;
        this.file = from.file();
        this.place = from;
        client = new BinaryLogClient(server.host(), server.port(), server.user(), server.password());
        client.setSSLMode(SSLMode.PREFERRED);
        client.setServerId(FIRST_SERVER_ID + ThreadLocalRandom.current().nextInt(FIRST_SERVER_ID));
        client.setBlocking(false); // the server ends the stream at the end of the log
        client.setKeepAlive(false);
        client.setBinlogFilename(from.file());
        client.setBinlogPosition(from.position());
        client.registerEventListener(this::read);
        client.registerLifecycleListener(new BinaryLogClient.AbstractLifecycleListener() {
            @Override
            public void onCommunicationFailure(BinaryLogClient failed, Exception e) {
                failure = e;
            }
        });
    }

    /**
     * @param database whose tables count
     * @param from where a transaction begins
     * @param before the GTID set of transactions after that which do not count; empty for none
     * @return the events that change rows, in order
     * @throws IOException if the server does not have that part of its binary log
     */
    static List<Rows> read(Servers.Mysql server, String database, Place from, String before, Place to)
            throws IOException {
        BinlogRows reader = new BinlogRows(server, database, from, before, to);
        reader.client.connect();
        if (reader.failure != null) {
            throw new IOException(reader.failure); // the client itself ends in silence
        }
        return reader.rows;
    }

    private void read(Event event) {
        if (event.getData() instanceof RotateEventData rotation) {
            file = rotation.getBinlogFilename();
            return;
        }
        if (event.getHeader() instanceof EventHeaderV4 header && header.getPosition() > 0) {
            place = new Place(
                    file, header.getPosition()); // else it has that of its transaction, as on MariaDB from 11.4 on
        }
        if (event.getData() instanceof GtidEventData transaction) {
            counts = before == null || !new GtidSet(transaction.getMySqlGtid().toString()).isContainedWithin(before);
        }
        if (counts && place.compareTo(from) >= 0 && place.compareTo(to) < 0) {
            count(event);
        }
    }

    private void count(Event event) {
        if (event.getData() instanceof TransactionPayloadEventData payload) {
            payload.getUncompressedEvents().forEach(this::count);
        } else if (event.getData() instanceof TableMapEventData table) {
            tables.put(table.getTableId(), table.getDatabase().equals(database) ? table.getTable() : null);
        } else if (event.getData() instanceof WriteRowsEventData insert) {
            add(insert.getTableId(), "insert", insert.getRows().size());
        } else if (event.getData() instanceof UpdateRowsEventData update) {
            add(update.getTableId(), "update", update.getRows().size());
        } else if (event.getData() instanceof DeleteRowsEventData delete) {
            add(delete.getTableId(), "delete", delete.getRows().size());
        }
    }

    private void add(long table, String operation, int count) {
        String name = tables.get(table);
        if (name != null) {
            rows.add(new Rows(place, name, operation, count));
        }
    }
}

package io.mysqlmonitor.binlog;

import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.TableMapEventDataDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Reads the names of a table and of its database, which are UTF-8; the client's own takes them for text in the JVM's character set. */
final class TableMapDeserializer extends TableMapEventDataDeserializer {

    /** Of the table's number and of flags. */
    private static final int BEFORE_NAMES = 8;

    @Override
    public TableMapEventData deserialize(ByteArrayInputStream input) throws IOException {
        byte[] event = input.read(input.available());
        TableMapEventData table = super.deserialize(new ByteArrayInputStream(event));
        int databaseLength = event[BEFORE_NAMES] & 0xFF;
        int database = BEFORE_NAMES + 1;
        int name = database + databaseLength + 2; // behind a zero and the name's length
        table.setDatabase(new String(event, database, databaseLength, StandardCharsets.UTF_8));
        table.setTable(new String(event, name, event[name - 1] & 0xFF, StandardCharsets.UTF_8));
        return table;
    }
}

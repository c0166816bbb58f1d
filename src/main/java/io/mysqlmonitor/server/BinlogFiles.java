package io.mysqlmonitor.server;

import io.mysqlmonitor.change.BinlogPosition;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files of the binary log that the server still has.
 *
 * @param sizes their sizes in bytes by their names, from the oldest to the newest
 */
record BinlogFiles(Map<String, Long> sizes) {

    /** Where the first event of every file stands. */
    private static final long FIRST_EVENT = 4;

    static BinlogFiles of(Statement server) throws SQLException {
        Map<String, Long> sizes = new LinkedHashMap<>();
        try (ResultSet rows = server.executeQuery("SHOW BINARY LOGS")) {
            while (rows.next()) {
                sizes.put(rows.getString(1), rows.getLong(2));
            }
        }
        return new BinlogFiles(sizes);
    }

    List<String> names() {
        return List.copyOf(sizes.keySet());
    }

    /** Where the binary log begins, without GTIDs. */
    BinlogPosition begin() {
        return new BinlogPosition(names().get(0), FIRST_EVENT, "");
    }

    /** Whether a place is in one of them, or at its end. */
    boolean contain(BinlogPosition place) {
        return place.position() <= sizes.getOrDefault(place.file(), -1L);
    }
}

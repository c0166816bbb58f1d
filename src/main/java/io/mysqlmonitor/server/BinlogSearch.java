package io.mysqlmonitor.server;

import io.mysqlmonitor.change.BinlogOrigin;
import io.mysqlmonitor.change.BinlogPosition;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the place in the server's binary log that {@code monitor.start} names. It only reads, and holds one event at a time.
 *
 * <p>Every place that it finds lies between two transactions.
 */
public final class BinlogSearch {

    private static final Logger LOG = LoggerFactory.getLogger(BinlogSearch.class);

    private static final int MALFORMED_GTID_SET = 1772;
    private static final int TABLES_TO_NAME = 10;

    private final MysqlServer server;
    private final MysqlSettings settings;

    public BinlogSearch(MysqlServer server, MysqlSettings settings) {
        this.server = server;
        this.settings = settings;
    }

    /**
     * A place, and when it was written.
     *
     * @param time when what follows was committed, or a little earlier; null if that is not known
     */
    public record Found(BinlogPosition place, Instant time) {}

    /**
     * @param start {@code latest}, {@code earliest}, {@code <file>:<position>}, {@code gtid:<set>} or {@code time:<instant>}
     * @param status what the server said of itself
     * @throws StartRefusedException if there is no such place
     * @throws SQLException if the server cannot be asked, or its binary log cannot be read
     */
    public Found find(String start, MysqlServer.Status status) throws StartRefusedException, SQLException {
        try {
            if (start.equals("latest")) {
                return new Found(status.end(), Instant.now());
            }
            if (start.equals("earliest")) {
                return new Found(status.begin(), begin(status.begin().file()));
            }
            if (start.startsWith("gtid:")) {
                return new Found(afterGtids(start.substring("gtid:".length()), status), null);
            }
            if (start.startsWith("time:")) {
                return atTime(
                        OffsetDateTime.parse(start.substring("time:".length())).toInstant(), status);
            }
            int colon = start.lastIndexOf(':');
            return atPosition(start.substring(0, colon), Long.parseLong(start.substring(colon + 1)), status);
        } catch (IOException e) {
            throw new SQLException("the binary log cannot be read: " + e.getMessage(), "08S01", e);
        }
    }

    private BinlogPosition afterGtids(String set, MysqlServer.Status status)
            throws StartRefusedException, SQLException {
        if (status.taggedGtids()) {
            throw new StartRefusedException("the server has GTIDs with tags, which the connector cannot ask for; "
                    + "begin at a <file>:<position> or a time: instead");
        }
        if (!status.gtids()) {
            throw new StartRefusedException("the server does not assign GTIDs"
                    + (status.mariadb() ? " of MySQL" : " (gtid_mode is not ON)")
                    + "; begin at a <file>:<position> or a time: instead");
        }
        try (Connection connection = server.connect();
                PreparedStatement query = connection.prepareStatement(
                        "SELECT GTID_SUBSET(@@GLOBAL.gtid_purged, ?), GTID_SUBTRACT(?, @@GLOBAL.gtid_executed)")) {
            query.setString(1, set);
            query.setString(2, set);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                String unknown = row.getString(2).replaceAll("\\s", "");
                if (!unknown.isEmpty()) {
                    throw new StartRefusedException("the server has not executed " + unknown);
                }
                if (!row.getBoolean(1)) {
                    throw new StartRefusedException("the server no longer has what follows it: it has purged "
                            + status.begin().gtids() + ", which is not in the set");
                }
            }
        } catch (SQLException e) {
            if (e.getErrorCode() == MALFORMED_GTID_SET) {
                throw new StartRefusedException("it is not a GTID set such as <uuid>:1-5,<uuid>:1-7");
            }
            throw e;
        }
        // With GTIDs the engine does not look at file and position.
        return new BinlogPosition(status.begin().file(), status.begin().position(), set.replaceAll("\\s", ""));
    }

    private Found atPosition(String file, long position, MysqlServer.Status status)
            throws StartRefusedException, SQLException, IOException {
        requireFile(file, status);
        PositionScan scan = new PositionScan(file, position);
        BinlogReader.read(settings, scan);
        return withGtids(scan.found(), scan, status);
    }

    /**
     * The place from which no row behind a position is missing that stands between two events, as other readers of the binary log
     * note it: the end of the transaction in which the position stands if nothing but its commit follows, else the transaction's start.
     *
     * @throws StartRefusedException if there is no such position
     * @throws SQLException if the server cannot be asked, or its binary log cannot be read
     */
    public BinlogPosition after(String file, long position, MysqlServer.Status status)
            throws StartRefusedException, SQLException {
        requireFile(file, status);
        EventScan scan = new EventScan(file, position);
        try {
            BinlogReader.read(settings, scan);
        } catch (IOException e) {
            throw new SQLException("the binary log cannot be read: " + e.getMessage(), "08S01", e);
        }
        return withGtids(new Found(scan.found(), null), scan, status).place();
    }

    private Found atTime(Instant time, MysqlServer.Status status)
            throws StartRefusedException, SQLException, IOException {
        if (time.isAfter(Instant.now())) {
            throw new StartRefusedException("it is in the future");
        }
        List<String> files = files().names();
        Instant begin = begin(files.get(0));
        if (time.isBefore(begin)) {
            throw new StartRefusedException(
                    "the server's binary log reaches back to " + begin + " only; monitor.start=earliest begins there");
        }
        Instant second = time.truncatedTo(ChronoUnit.SECONDS); // as exact as the binary log is
        TimeScan scan = new TimeScan(fileOf(second, files, this::begin), second);
        BinlogReader.read(settings, scan);
        return scan.found() == null
                ? new Found(status.end(), Instant.now())
                : withGtids(new Found(scan.found(), time), scan, status);
    }

    /** When a file begins. */
    interface Begins {

        Instant of(String file) throws IOException;
    }

    /**
     * The file in which to look for the first event of a second: the last that begins before it, or else the first.
     *
     * @param files from the oldest to the newest
     */
    static String fileOf(Instant second, List<String> files, Begins begins) throws IOException {
        int low = 0;
        int high = files.size();
        while (high - low > 1) {
            int middle = (low + high) / 2;
            if (begins.of(files.get(middle)).isBefore(second)) {
                low = middle;
            } else {
                high = middle; // what the file before it ends with may be of the same second
            }
        }
        return files.get(low);
    }

    /** A server with GTIDs sends whatever is not in the given set, and would send from its start if that is empty. */
    private static Found withGtids(Found found, BinlogScan scan, MysqlServer.Status status)
            throws StartRefusedException {
        boolean first = found.place().file().equals(status.begin().file()) && !scan.isAnonymous();
        if (status.gtids() && found.place().gtids().isEmpty() && !first) {
            throw new StartRefusedException(
                    "it is before the first transaction with a GTID, and the server takes GTIDs only; begin at the latest");
        }
        return found;
    }

    private void requireFile(String file, MysqlServer.Status status) throws StartRefusedException, SQLException {
        if (!files().names().contains(file)) {
            throw new StartRefusedException("the server has no file " + file
                    + " (any more); its binary log reaches from " + status.begin() + " to " + status.end());
        }
    }

    /**
     * Why a checkpoint is not one of this server's binary log; empty if it may be.
     *
     * @param origin what the checkpoint says of its server
     * @throws SQLException if the server cannot be asked
     */
    public Optional<String> contradiction(BinlogOrigin origin, BinlogPosition checkpoint, MysqlServer.Status status)
            throws SQLException {
        boolean byGtids =
                (status.gtids() || status.mariadb()) && !checkpoint.gtids().isEmpty();
        Set<String> files = files().sizes().keySet();
        boolean comparable = origin.server().equals(status.id()) && files.contains(origin.file());
        return origin.contradiction(status.id(), byGtids, files, comparable ? begun(origin.file()) : null);
    }

    /** The newest file of the server, by which its binary log is known again. */
    public BinlogOrigin origin(MysqlServer.Status status) {
        String file = status.end().file();
        return new BinlogOrigin(status.id(), file, begun(file));
    }

    private Instant begun(String file) {
        try {
            return begin(file);
        } catch (IOException e) {
            LOG.warn(
                    "It cannot be read when {} was started ({}): a reset of the server's binary log may not be noticed",
                    file,
                    e.toString());
            return null;
        }
    }

    private BinlogFiles files() throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            return BinlogFiles.of(statement);
        }
    }

    private Instant begin(String file) throws IOException {
        BeginScan scan = new BeginScan(file);
        BinlogReader.read(settings, scan);
        return scan.begin();
    }

    /**
     * Tables that were created, or altered in a way that the server notes, since then, at most {@value #TABLES_TO_NAME}: rows that
     * were changed before may have had other columns.
     */
    public List<String> tablesDefinedSince(Instant time) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (Connection connection = server.connect();
                PreparedStatement query = connection.prepareStatement(
                        "SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) FROM information_schema.TABLES "
                                + "WHERE CREATE_TIME > FROM_UNIXTIME(?) AND TABLE_SCHEMA NOT IN "
                                + "('mysql', 'sys', 'information_schema', 'performance_schema') LIMIT "
                                + TABLES_TO_NAME)) {
            query.setLong(1, time.getEpochSecond());
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    tables.add(rows.getString(1));
                }
            }
        }
        return tables;
    }
}

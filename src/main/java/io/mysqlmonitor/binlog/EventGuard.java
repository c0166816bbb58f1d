package io.mysqlmonitor.binlog;

import com.github.shyiko.mysql.binlog.event.DeleteRowsEventData;
import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.UpdateRowsEventData;
import com.github.shyiko.mysql.binlog.event.WriteRowsEventData;
import io.mysqlmonitor.statement.LoggedStatement;
import io.mysqlmonitor.statement.TableStatement;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * Tells the events that may hold changes of watched tables which the connector would miss or misread.
 *
 * <p>What is neither handled by the connector nor known to hold no changes is such an event.
 */
final class EventGuard {

    private static final int QUERY = 2;
    private static final int EXECUTE_LOAD_QUERY = 18;
    private static final int INCIDENT = 26;
    private static final int PARTIAL_UPDATE_ROWS = 39;
    private static final int MARIADB_QUERY_COMPRESSED = 165;

    /** Rows by the formats of MySQL 5.1 before its release. */
    private static final Set<Integer> OLD_ROWS = Set.of(20, 21, 22);

    private static final Set<Integer> OLD_LOADS = Set.of(6, 8, 10, 12);

    private static final Set<Integer> MARIADB_COMPRESSED_ROWS = Set.of(166, 167, 168, 169, 170, 171);

    /** Rows as the connector reads them. */
    private static final Set<Integer> ROWS = Set.of(23, 24, 25, 30, 31, 32);

    /** They hold no changes, or only such as another event tells of. */
    private static final Set<Integer> HARMLESS = Set.of(
            3, // STOP: the server ended
            4, // ROTATE: the next file
            5, // INTVAR: a value for the statement that follows
            9, // APPEND_BLOCK: part of a file for LOAD DATA, see EXECUTE_LOAD_QUERY
            11, // DELETE_FILE: that file is not needed any more
            13, // RAND: a value for the statement that follows
            14, // USER_VAR: a value for the statement that follows
            15, // FORMAT_DESCRIPTION: the start of a file
            16, // XID: a commit
            17, // BEGIN_LOAD_QUERY: the first part of a file for LOAD DATA
            19, // TABLE_MAP: names the table of the rows that follow
            27, // HEARTBEAT: made up for the connection
            28, // IGNORABLE: by its name
            29, // ROWS_QUERY: the statement behind the rows that follow
            33, // GTID
            34, // ANONYMOUS_GTID
            35, // PREVIOUS_GTIDS
            36, // TRANSACTION_CONTEXT: of group replication
            37, // VIEW_CHANGE: of group replication
            38, // XA_PREPARE: the end of the first phase; its rows have come
            40, // TRANSACTION_PAYLOAD: its events are looked at one by one
            41, // HEARTBEAT of long positions
            42, // GTID with a tag
            160, // ANNOTATE_ROWS: MariaDB's ROWS_QUERY
            161, // BINLOG_CHECKPOINT: MariaDB's, for its own recovery
            162, // GTID of MariaDB
            163, // GTID_LIST of MariaDB
            164); // START_ENCRYPTION: MariaDB decrypts what it sends

    private final Map<Long, TableMapEventData> tables;
    private final BiPredicate<String, String> watched;

    /**
     * @param tables the table of each number, as the events tell
     * @param watched whether a table, or all of a database for null, is watched
     */
    EventGuard(Map<Long, TableMapEventData> tables, BiPredicate<String, String> watched) {
        this.tables = tables;
        this.watched = watched;
    }

    /**
     * What there is to say against an event.
     *
     * @param database null if it is not known
     * @param table null if it is not known
     * @param reason what it is, and which setting makes such events
     * @param defines whether the connector has to read it nevertheless, since it defines a table
     */
    record Objection(String database, String table, String reason, boolean defines) {

        Objection(String database, String table, String reason) {
            this(database, table, reason, false);
        }
    }

    /** Empty if the event holds no changes of watched tables, or such that the connector reads. */
    Optional<Objection> objection(BinlogEventHeader header, EventData data) {
        int type = header.typeNumber();
        if (ROWS.contains(type)) {
            return partialRow(data);
        }
        if (HARMLESS.contains(type)) {
            return Optional.empty();
        }
        if (type == QUERY || type == EXECUTE_LOAD_QUERY) {
            return statement((QueryEventData) data);
        }
        if (type == PARTIAL_UPDATE_ROWS) {
            return ofTable(
                    data, "an update that holds JSON in part; a session set binlog_row_value_options=PARTIAL_JSON");
        }
        if (MARIADB_COMPRESSED_ROWS.contains(type)) {
            return ofTable(data, "rows that are compressed; log_bin_compress is or was ON");
        }
        if (OLD_ROWS.contains(type)) {
            return ofTable(data, "rows in the format of an early MySQL 5.1");
        }
        if (type == MARIADB_QUERY_COMPRESSED) {
            return any("a statement that is compressed; log_bin_compress is or was ON");
        }
        if (type == INCIDENT) {
            return any("the server noted that changes were lost before they reached its binary log (INCIDENT)");
        }
        if (OLD_LOADS.contains(type)) {
            return any("a LOAD DATA of a server before MySQL 5.0.3");
        }
        return header.isIgnorable() ? Optional.empty() : any("the type of the event, " + type + ", is not known");
    }

    private Optional<Objection> partialRow(EventData data) {
        long number;
        BitSet columns;
        BitSet before = null;
        if (data instanceof WriteRowsEventData insert) {
            number = insert.getTableId();
            columns = insert.getIncludedColumns();
        } else if (data instanceof UpdateRowsEventData update) {
            number = update.getTableId();
            columns = update.getIncludedColumns();
            before = update.getIncludedColumnsBeforeUpdate();
        } else {
            DeleteRowsEventData delete = (DeleteRowsEventData) data;
            number = delete.getTableId();
            columns = delete.getIncludedColumns();
        }
        TableMapEventData table = tables.get(number);
        if (table == null) {
            return Optional.empty(); // a dummy of the server's, without rows
        }
        int all = table.getColumnTypes().length;
        boolean whole = columns.cardinality() == all && (before == null || before.cardinality() == all);
        return whole || !watched.test(table.getDatabase(), table.getTable())
                ? Optional.empty()
                : Optional.of(new Objection(
                        table.getDatabase(),
                        table.getTable(),
                        "rows without all of their columns; a session set binlog_row_image to other than FULL"));
    }

    private Optional<Objection> ofTable(EventData data, String reason) {
        TableMapEventData table = data instanceof TableNumber number ? tables.get(number.value()) : null;
        if (table == null) {
            return any(reason);
        }
        return watched.test(table.getDatabase(), table.getTable())
                ? Optional.of(new Objection(table.getDatabase(), table.getTable(), reason))
                : Optional.empty();
    }

    private Optional<Objection> statement(QueryEventData query) {
        LoggedStatement statement = LoggedStatement.of(query.getSql(), query.getDatabase());
        if (!statement.changesRows()) {
            return Optional.empty();
        }
        String reason = "the statement (" + statement.verb() + ") is logged instead of its rows; a session set "
                + "binlog_format to STATEMENT or MIXED";
        TableStatement.Name table = statement.table();
        if (table == null) {
            String database = query.getDatabase() == null || query.getDatabase().isEmpty() ? null : query.getDatabase();
            return Optional.of(new Objection(database, null, reason));
        }
        return watched.test(table.database(), table.table())
                ? Optional.of(new Objection(table.database(), table.table(), reason, statement.defines()))
                : Optional.empty();
    }

    private static Optional<Objection> any(String reason) {
        return Optional.of(new Objection(null, null, reason));
    }
}

package io.mysqlmonitor.testing;

import io.mysqlmonitor.servers.Servers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One connection of a {@link Workload}: each call runs one random transaction, or one statement in auto-commit.
 *
 * <p>What the transactions do depends on the seed alone; how those of several writers interleave does not. A lost connection is
 * opened again by the next call. Keys come from small ranges, so that rows meet: they are inserted, changed and deleted again and
 * again, often several times within one de-dupe window.
 */
final class Writer implements Runnable {

    private static final int LOCK_WAIT = 1205;
    private static final int NO_SUCH_TABLE = 1146;
    private static final int DEFINITION_CHANGED = 1412;
    private static final int ITEMS = 30;
    private static final int CHILDREN = 40;
    private static final int WAREHOUSES = 6;
    private static final int BULK_ROWS = 300;
    private static final String[] WORDS = {"plain", "naïve", "日本", "😀", "", "it''s", "a\nb", "0", "null"};

    private final int number;
    private final Random random;
    private final Servers.Mysql mysql;
    private final Workload workload;
    private final List<Operation> keyedOperations = new ArrayList<>(List.of(
            this::insertItems,
            this::insertOrUpdateItem,
            this::replaceItem,
            this::updateItems,
            this::noteItem,
            this::changeItemThereAndBack,
            this::deleteItems,
            this::deleteAndInsertItem,
            this::changeItemKey,
            this::swapItemKeys,
            this::insertStock,
            this::updateWarehouse,
            this::moveWarehouse,
            this::renameSku,
            this::deleteStock,
            this::insertMeasures,
            this::updateMeasures,
            this::deleteMeasures,
            this::insertFamily,
            this::insertFamily,
            this::insertChild,
            this::noteFamily,
            this::changeChildKey,
            this::changeParentKey,
            this::deleteFamily,
            this::deleteAndInsertFamily));

    // used by one thread at a time
    private Connection connection;
    private Statement statement;
    private List<String> journal = new ArrayList<>();
    private int serial;

    private interface Operation {
        void run() throws SQLException;
    }

    /**
     * @param number tells this writer's rows of the table without a key from those of others
     * @param movesChildren whether a child may come to another parent
     */
    Writer(int number, long seed, Servers.Mysql mysql, Workload workload, boolean movesChildren) {
        this.number = number;
        this.random = new Random(31 * seed + number);
        this.mysql = mysql;
        this.workload = workload;
        if (movesChildren) {
            keyedOperations.add(this::moveChild);
        }
    }

    @Override
    public void run() {
        try {
            if (connection == null) {
                connect();
            }
            if (number == 1 && random.nextInt(25) == 0) {
                connection.setAutoCommit(true);
                changeTable();
            } else if (random.nextInt(6) == 0) {
                connection.setAutoCommit(true);
                keyedOperation().run();
            } else {
                connection.setAutoCommit(false);
                transaction();
            }
            workload.done();
        } catch (SQLException e) {
            abandon(e);
        } catch (RuntimeException | Error e) {
            workload.failed(e);
        }
    }

    private void connect() throws SQLException {
        connection = mysql.connect();
        statement = connection.createStatement();
        execute("USE " + workload.database());
        execute("SET SESSION innodb_lock_wait_timeout = 2, lock_wait_timeout = 10");
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    }

    private void abandon(SQLException cause) {
        String state = String.valueOf(cause.getSQLState());
        boolean refused = state.startsWith("23")
                || state.startsWith("40")
                || List.of(LOCK_WAIT, NO_SUCH_TABLE, DEFINITION_CHANGED).contains(cause.getErrorCode());
        if (!refused && !state.startsWith("08")) {
            workload.failed(cause);
        }
        try {
            if (connection != null && refused) {
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                }
                return;
            }
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
        close();
    }

    void close() {
        try (Connection closing = connection) {
            connection = null;
        } catch (SQLException e) {
            // it was lost before
        }
    }

    private void transaction() throws SQLException {
        long transaction = workload.nextTransaction();
        journal = new ArrayList<>();
        execute("INSERT INTO ledger VALUES (%d)", transaction);
        for (int operations = 1 + random.nextInt(5); operations > 0; operations--) {
            if (random.nextInt(10) == 0) {
                int kept = journal.size();
                execute("SAVEPOINT here");
                operation().run();
                execute("ROLLBACK TO SAVEPOINT here");
                journal.subList(kept, journal.size()).clear();
            } else {
                operation().run();
            }
        }
        if (random.nextInt(8) == 0) {
            connection.rollback();
            return;
        }
        workload.committing(transaction, journal); // before the answer, which may get lost
        connection.commit();
    }

    private Operation operation() {
        return switch (random.nextInt(12)) {
            case 0, 1 -> this::insertJournal;
            case 2 -> this::updateJournal;
            case 3 -> this::deleteJournal;
            default -> keyedOperation();
        };
    }

    private Operation keyedOperation() {
        return random.nextInt(80) == 0
                ? this::changeManyRows
                : keyedOperations.get(random.nextInt(keyedOperations.size()));
    }

    private int execute(String sql, Object... arguments) throws SQLException {
        return statement.executeUpdate(String.format(sql, arguments));
    }

    private String word() {
        return random.nextInt(5) == 0 ? "NULL" : "'" + text() + "'";
    }

    private String text() {
        return WORDS[random.nextInt(WORDS.length)] + random.nextInt(100);
    }

    private int item() {
        return 1 + random.nextInt(ITEMS);
    }

    private int child() {
        return 1 + random.nextInt(CHILDREN);
    }

    private int warehouse() {
        return 1 + random.nextInt(WAREHOUSES);
    }

    private String sku() {
        return String.valueOf((char) ((random.nextBoolean() ? 'a' : 'A') + random.nextInt(8)));
    }

    private String itemValues(int id) {
        return String.format("(%d, '%s', %d, %s)", id, text(), random.nextInt(1_000), word());
    }

    private void insertItems() throws SQLException {
        String rows = IntStream.range(0, 1 + random.nextInt(4))
                .mapToObj(i -> itemValues(item()))
                .collect(Collectors.joining(","));
        execute("INSERT IGNORE INTO item VALUES " + rows);
    }

    private void insertOrUpdateItem() throws SQLException {
        execute("INSERT INTO item VALUES " + itemValues(item()) + " ON DUPLICATE KEY UPDATE amount = item.amount + 1");
    }

    private void replaceItem() throws SQLException {
        execute("REPLACE INTO item VALUES " + itemValues(item()) + "," + itemValues(item()));
    }

    private void updateItems() throws SQLException {
        int from = item();
        execute("UPDATE item SET amount = amount + 1 WHERE id BETWEEN %d AND %d", from, from + random.nextInt(6));
    }

    private void noteItem() throws SQLException {
        execute("UPDATE item SET note = %s WHERE id = %d", word(), item());
    }

    private void changeItemThereAndBack() throws SQLException {
        int id = item();
        execute("UPDATE item SET amount = amount + 7 WHERE id = %d", id);
        execute("UPDATE item SET amount = amount - 7 WHERE id = %d", id);
    }

    private void deleteItems() throws SQLException {
        int from = item();
        execute("DELETE FROM item WHERE id BETWEEN %d AND %d", from, from + random.nextInt(3));
    }

    private void deleteAndInsertItem() throws SQLException {
        int id = item();
        execute("DELETE FROM item WHERE id = %d", id);
        execute("INSERT INTO item VALUES " + itemValues(id));
    }

    private void changeItemKey() throws SQLException {
        execute("UPDATE IGNORE item SET id = %d WHERE id = %d", item(), item());
    }

    private void swapItemKeys() throws SQLException {
        int one = item();
        int other = item();
        execute("UPDATE IGNORE item SET id = %d WHERE id = %d", -number, one);
        execute("UPDATE IGNORE item SET id = %d WHERE id = %d", one, other);
        execute("UPDATE IGNORE item SET id = %d WHERE id = %d", other, -number);
    }

    private void insertStock() throws SQLException {
        String rows = IntStream.range(0, 1 + random.nextInt(6))
                .mapToObj(i -> String.format("(%d, '%s', %d.5)", warehouse(), sku(), random.nextInt(1_000)))
                .collect(Collectors.joining(","));
        execute("INSERT IGNORE INTO stock VALUES " + rows);
    }

    private void updateWarehouse() throws SQLException {
        execute("UPDATE stock SET amount = amount + 0.25 WHERE warehouse = %d", warehouse());
    }

    private void moveWarehouse() throws SQLException {
        execute("UPDATE IGNORE stock SET warehouse = %d WHERE warehouse = %d", warehouse(), warehouse());
    }

    private void renameSku() throws SQLException {
        execute("UPDATE IGNORE stock SET sku = '%s', amount = 1 WHERE sku = '%s'", sku(), sku());
    }

    private void deleteStock() throws SQLException {
        execute("DELETE FROM stock WHERE warehouse = %d AND sku <= '%s'", warehouse(), sku());
    }

    private String measures() {
        return random.nextInt(3) > 0 ? "measure" : "archive";
    }

    /** A row of {@code archive} must fit the partition for which it is exchanged. */
    private void insertMeasures() throws SQLException {
        String table = measures();
        int ids = table.equals("archive") ? Workload.HIGH : 2 * Workload.HIGH;
        String rows = IntStream.range(0, 1 + random.nextInt(4))
                .mapToObj(i -> String.format("(%d, %d)", random.nextInt(ids), random.nextInt(1_000)))
                .collect(Collectors.joining(","));
        execute("INSERT IGNORE INTO %s VALUES %s", table, rows);
    }

    private void updateMeasures() throws SQLException {
        execute("UPDATE %s SET amount = amount + 1 WHERE id < %d", measures(), random.nextInt(2 * Workload.HIGH));
    }

    private void deleteMeasures() throws SQLException {
        int from = random.nextInt(2 * Workload.HIGH);
        execute("DELETE FROM %s WHERE id BETWEEN %d AND %d", measures(), from, from + random.nextInt(3));
    }

    /** One statement, hundreds of rows: inserted, changed, given another key, deleted. */
    private void changeManyRows() throws SQLException {
        int warehouse = 100 * number;
        switch (random.nextInt(5)) {
            case 0 -> execute("DELETE FROM stock WHERE warehouse >= %d AND warehouse < %d", warehouse, warehouse + 100);
            case 1 -> execute("UPDATE stock SET amount = amount + 1 WHERE warehouse = %d", warehouse);
            case 2 -> execute(
                    "UPDATE IGNORE stock SET warehouse = %d WHERE warehouse = %d",
                    warehouse + random.nextInt(100), warehouse);
            default -> execute("INSERT IGNORE INTO stock VALUES "
                    + IntStream.range(0, BULK_ROWS)
                            .mapToObj(i -> String.format("(%d, 's%d', %d)", warehouse, i, random.nextInt(1_000)))
                            .collect(Collectors.joining(",")));
        }
    }

    /** One writer alone does this: what it drops is created again by its next statement, or by the next try. */
    private void changeTable() throws SQLException {
        switch (random.nextInt(6)) {
            case 0 -> execute("TRUNCATE TABLE stock");
            case 1 -> execute("ALTER TABLE measure TRUNCATE PARTITION low");
            case 2 -> execute("ALTER TABLE measure EXCHANGE PARTITION low WITH TABLE archive");
            case 3 -> {
                execute("DROP TABLE IF EXISTS stock");
                execute(Workload.STOCK);
            }
            default -> execute("RENAME TABLE item TO swapped, spare TO item, swapped TO spare");
        }
    }

    private void insertFamily() throws SQLException {
        int parent = workload.nextId();
        execute("INSERT INTO parent VALUES (%d, '%s')", parent, text());
        insertChildren(parent);
    }

    private void insertChildren(int parent) throws SQLException {
        for (int children = random.nextInt(4); children > 0; children--) {
            execute("INSERT IGNORE INTO child VALUES (%d, %d, %s)", child(), parent, word());
        }
    }

    private void insertChild() throws SQLException {
        int parent = anyParent();
        if (parent > 0) {
            execute("INSERT IGNORE INTO child VALUES (%d, %d, %s)", child(), parent, word());
        }
    }

    private void noteFamily() throws SQLException {
        int parent = anyParent();
        execute("UPDATE parent SET name = '%s' WHERE id = %d", text(), parent);
        execute("UPDATE child SET note = %s WHERE parent_id = %d", word(), parent);
    }

    private void changeChildKey() throws SQLException {
        execute("UPDATE IGNORE child SET id = %d WHERE id = %d", child(), child());
    }

    private void changeParentKey() throws SQLException {
        int parent = anyParent();
        execute("DELETE FROM child WHERE parent_id = %d", parent);
        execute("UPDATE parent SET id = %d WHERE id = %d", workload.nextId(), parent);
    }

    private void deleteFamily() throws SQLException {
        int parent = anyParent();
        execute("DELETE FROM child WHERE parent_id = %d", parent);
        execute("DELETE FROM parent WHERE id = %d", parent);
    }

    private void deleteAndInsertFamily() throws SQLException {
        int parent = anyParent();
        execute("DELETE FROM child WHERE parent_id = %d", parent);
        if (execute("DELETE FROM parent WHERE id = %d", parent) > 0) {
            execute("INSERT INTO parent VALUES (%d, '%s')", parent, text());
            insertChildren(parent);
        }
    }

    private void moveChild() throws SQLException {
        int parent = anyParent();
        if (parent > 0) {
            execute("UPDATE child SET parent_id = %d WHERE id = %d", parent, child());
        }
    }

    /** One of the newest parents, or 0 if there is none. */
    private int anyParent() throws SQLException {
        int offset = random.nextInt(15);
        try (ResultSet ids = statement.executeQuery("SELECT id FROM (SELECT id FROM parent ORDER BY id DESC LIMIT "
                + (offset + 1) + ") newest ORDER BY id LIMIT 1")) {
            return ids.next() ? ids.getInt(1) : 0;
        }
    }

    /** Rows of which some are equal. */
    private void insertJournal() throws SQLException {
        List<String> rows = new ArrayList<>();
        for (int different = 1 + random.nextInt(3); different > 0; different--) {
            serial++;
            String note = text().replace("''", "'");
            for (int equal = 1 + random.nextInt(2); equal > 0; equal--) {
                rows.add(String.format("(%d, %d, '%s')", number, serial, note.replace("'", "''")));
                journal.add(JournalEntry.insert(number, serial, note));
            }
        }
        execute("INSERT INTO journal VALUES " + String.join(",", rows));
    }

    private void updateJournal() throws SQLException {
        int from = ownSerial();
        int to = from + random.nextInt(4);
        String note = "changed " + workload.nextId();
        for (String before : journalNotes(from, to)) {
            journal.add(JournalEntry.update(before, note));
        }
        execute(
                "UPDATE journal SET note = '%s' WHERE writer = %d AND serial BETWEEN %d AND %d",
                note, number, from, to);
    }

    private void deleteJournal() throws SQLException {
        int from = ownSerial();
        int deleted = execute(
                "DELETE FROM journal WHERE writer = %d AND serial BETWEEN %d AND %d",
                number, from, from + random.nextInt(2));
        for (int i = 0; i < deleted; i++) {
            journal.add(JournalEntry.delete());
        }
    }

    private int ownSerial() {
        return Math.max(1, serial - random.nextInt(20));
    }

    private List<String> journalNotes(int from, int to) throws SQLException {
        List<String> notes = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(String.format(
                "SELECT note FROM journal WHERE writer = %d AND serial BETWEEN %d AND %d", number, from, to))) {
            while (rows.next()) {
                notes.add(rows.getString(1));
            }
        }
        return notes;
    }
}

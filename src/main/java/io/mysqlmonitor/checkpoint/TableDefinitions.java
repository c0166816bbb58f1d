package io.mysqlmonitor.checkpoint;

import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.statement.TableStatement;
import java.util.function.BiPredicate;

/**
 * Which tables are watched, and as of which place in the binary log their definitions were read from the server.
 *
 * <p>Thread-safe: written by the supervisor's thread before each run, read by the engine's.
 */
final class TableDefinitions {

    private volatile BiPredicate<String, String> watched = (database, table) -> true;
    private volatile boolean charsetsNamed = true;
    private volatile EventPosition definedAt;

    void watch(BiPredicate<String, String> tables, boolean withCharsets) {
        watched = tables;
        charsetsNamed = withCharsets;
    }

    boolean isWatched(TableStatement.Name table) {
        return watched.test(table.database(), table.table());
    }

    /** Whether the binary log names the character sets of columns before rows. */
    boolean areCharsetsNamed() {
        return charsetsNamed;
    }

    /** The engine reads the definitions from the server, whose binary log reaches to that place. */
    void definedAt(EventPosition place) {
        definedAt = place;
    }

    /** Whether the definitions were read from the server after a statement that ends at that place. */
    boolean areDefinedAfter(EventPosition place) {
        EventPosition asOf = definedAt;
        return asOf != null && !asOf.isBefore(place);
    }
}

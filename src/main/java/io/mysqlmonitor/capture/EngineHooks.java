package io.mysqlmonitor.capture;

import io.debezium.relational.HistorizedRelationalDatabaseSchema;
import io.mysqlmonitor.binlog.UnreadableEvent;
import io.mysqlmonitor.binlog.UnreadableEventException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Consumer;

/**
 * What the monitor wants of one engine of its own, which {@link EngineSetup} finds by a name among the engine's settings.
 *
 * @param watched whether a table of a database is captured
 * @param unreadable what becomes of an event that may hold changes of watched tables and cannot be read
 * @param onBegin told of the engine's definitions before it reads the binary log
 * @param byGtid whether the engine asks the server for transactions by their GTIDs
 * @param failed told why the engine cannot go on, if it does not know that itself
 */
record EngineHooks(
        BiPredicate<String, String> watched,
        UnreadableEvents unreadable,
        Consumer<HistorizedRelationalDatabaseSchema> onBegin,
        boolean byGtid,
        Consumer<Throwable> failed) {

    private static final Map<String, EngineHooks> OF_ENGINES = new ConcurrentHashMap<>();

    /** Returns if the event is to be passed over. */
    interface UnreadableEvents {

        /**
         * @throws UnreadableEventException if the engine has to end before the event
         */
        void met(UnreadableEvent event) throws UnreadableEventException;
    }

    /** Makes them known; returns the name for the engine's settings. */
    String register() {
        String engine = UUID.randomUUID().toString();
        OF_ENGINES.put(engine, this);
        return engine;
    }

    /** The engine of that name is not set up any more. */
    static void forget(String engine) {
        OF_ENGINES.remove(engine);
    }

    /** Null for an engine that has none or is not to be set up. */
    static EngineHooks of(String engine) {
        return engine == null ? null : OF_ENGINES.get(engine);
    }
}

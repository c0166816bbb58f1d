package io.mysqlmonitor.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A place in the binary log in the Debezium engine's own terms, which only the engine reads.
 *
 * @param partition JSON of the source partition: {@code ["<engine name>",{"server":"<topic prefix>"}]}
 * @param offset JSON of the source offset: file, position, GTID set and how much of the transaction to skip
 */
record EngineOffset(JsonNode partition, JsonNode offset) {

    /** Whether this is a place between two transactions and not within one. */
    boolean isBetweenTransactions() {
        return !offset.has("event") && !offset.has("row");
    }
}

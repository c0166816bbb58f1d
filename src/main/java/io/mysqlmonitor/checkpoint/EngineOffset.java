package io.mysqlmonitor.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mysqlmonitor.change.BinlogCoordinates;

/**
 * A place in the binary log in the Debezium engine's own terms.
 *
 * @param partition JSON of the source partition: {@code ["<engine name>",{"server":"<topic prefix>"}]}
 * @param offset JSON of the source offset: file, position, GTID set and how much of the transaction to skip
 */
record EngineOffset(JsonNode partition, JsonNode offset) {

    /** An offset for an engine that has to begin at a place between two transactions. */
    static EngineOffset at(BinlogCoordinates place, String engineName) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        JsonNode partition =
                json.arrayNode().add(engineName).add(json.objectNode().put("server", engineName));
        ObjectNode offset = json.objectNode().put("file", place.file()).put("pos", place.position());
        if (!place.gtids().isEmpty()) {
            offset.put("gtids", place.gtids());
        }
        return new EngineOffset(partition, offset);
    }

    /** Whether this is a place between two transactions and not within one. */
    boolean isBetweenTransactions() {
        return !offset.has("event") && !offset.has("row");
    }

    /** Whether a snapshot runs of which nothing is done until all is: the place itself does not move meanwhile. */
    boolean isWithinSnapshot() {
        return "INITIAL".equalsIgnoreCase(offset.path("snapshot").asText());
    }

    /** This place or, within a transaction, that transaction's begin. */
    BinlogCoordinates coordinates() {
        return new BinlogCoordinates(
                offset.path("file").asText(),
                offset.path("pos").asLong(),
                offset.path("gtids").asText(""));
    }
}

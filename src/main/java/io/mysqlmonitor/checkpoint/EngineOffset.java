package io.mysqlmonitor.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mysqlmonitor.change.BinlogPosition;

/**
 * A place in the binary log in the Debezium engine's own terms.
 *
 * @param partition JSON of the source partition: {@code ["<engine name>",{"server":"<topic prefix>"}]}
 * @param offset JSON of the source offset: file, position, GTID set and how much of the transaction to skip
 */
record EngineOffset(JsonNode partition, JsonNode offset) {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** Where Debezium keeps what it has still to read; see its AbstractIncrementalSnapshotContext. */
    private static final String TABLES = "incremental_snapshot_collections";

    /** An offset for an engine that has to begin at a place between two transactions. */
    static EngineOffset at(BinlogPosition place, String engineName) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        JsonNode partition =
                json.arrayNode().add(engineName).add(json.objectNode().put("server", engineName));
        ObjectNode offset = json.objectNode().put("file", place.file()).put("pos", place.position());
        if (!place.gtids().isEmpty()) {
            offset.put("gtids", place.gtids());
        }
        return new EngineOffset(partition, offset);
    }

    /** Whether a snapshot runs of which nothing is done until all is: the place itself does not move meanwhile. */
    boolean isWithinSnapshot() {
        return "INITIAL".equalsIgnoreCase(offset.path("snapshot").asText());
    }

    /** Whether tables are being read while the binary log is, chunk by chunk; the offset says up to which key. */
    boolean isWithinTableSnapshot() {
        return offset.has(TABLES);
    }

    /**
     * This place, with a table for the engine to read in chunks while it reads on from there.
     *
     * @param table {@code database.table}
     * @param where an SQL condition; empty for all rows
     */
    EngineOffset withTableSnapshot(String table, String where) {
        ObjectNode next = offset.deepCopy();
        try {
            ArrayNode tables = isWithinTableSnapshot()
                    ? (ArrayNode) JSON.readTree(offset.path(TABLES).asText())
                    : JSON.createArrayNode();
            tables.addObject()
                    .put(TABLES + "_id", table)
                    .put(TABLES + "_additional_condition", where)
                    .put(TABLES + "_surrogate_key", "");
            next.put(TABLES, tables.toString());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the checkpoint's " + TABLES + " is not JSON", e);
        }
        return new EngineOffset(partition, next);
    }

    /** Without what the engine would take, after a restart, for a snapshot in which the offset does not count. */
    EngineOffset withoutTableSnapshotMark() {
        if (!"INCREMENTAL".equalsIgnoreCase(offset.path("snapshot").asText())) {
            return this;
        }
        ObjectNode next = offset.deepCopy();
        next.remove("snapshot");
        return new EngineOffset(partition, next);
    }

    /** The same place by file and position alone. */
    EngineOffset withoutGtids() {
        ObjectNode next = offset.deepCopy();
        next.remove("gtids");
        return new EngineOffset(partition, next);
    }

    /** This place or, within a transaction, that transaction's start. */
    BinlogPosition place() {
        return new BinlogPosition(
                offset.path("file").asText(),
                offset.path("pos").asLong(),
                offset.path("gtids").asText(""));
    }
}

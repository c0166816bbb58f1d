package io.mysqlmonitor.capture;

import io.mysqlmonitor.binlog.UnreadableEvent;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.Gap;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/** The record of the engine's that stands for a {@link Gap}, so that it keeps its place among those of rows. */
final class GapRecord {

    private static final Schema SCHEMA = SchemaBuilder.struct()
            .name("io.mysqlmonitor.Gap")
            .field("database", Schema.OPTIONAL_STRING_SCHEMA)
            .field("table", Schema.OPTIONAL_STRING_SCHEMA)
            .field("reason", Schema.STRING_SCHEMA)
            .field("file", Schema.STRING_SCHEMA)
            .field("from", Schema.INT64_SCHEMA)
            .field("to", Schema.INT64_SCHEMA)
            .field("committed_at", Schema.INT64_SCHEMA)
            .build();

    private GapRecord() {}

    /**
     * @param server the engine's logical name
     * @param offset the engine's offset before the event
     */
    static SourceRecord of(UnreadableEvent event, String server, Map<String, ?> offset) {
        Struct gap = new Struct(SCHEMA)
                .put("database", event.database())
                .put("table", event.table())
                .put("reason", event.reason())
                .put("file", event.from().file())
                .put("from", event.from().position())
                .put("to", event.to().position())
                .put("committed_at", event.committedAt());
        return new SourceRecord(Map.of("server", server), offset, server, SCHEMA, gap);
    }

    static boolean is(SourceRecord record) {
        return SCHEMA.equals(record.valueSchema());
    }

    static Gap gap(SourceRecord record) {
        Struct gap = (Struct) record.value();
        String file = gap.getString("file");
        return new Gap(
                new BinlogPosition(file, gap.getInt64("from"), ""),
                new BinlogPosition(file, gap.getInt64("to"), ""),
                gap.getString("database"),
                gap.getString("table"),
                gap.getString("reason"),
                gap.getInt64("committed_at"));
    }
}

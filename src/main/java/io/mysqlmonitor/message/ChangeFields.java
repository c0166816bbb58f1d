package io.mysqlmonitor.message;

import com.fasterxml.jackson.core.JsonGenerator;
import io.mysqlmonitor.change.Change;
import java.io.IOException;
import java.time.Clock;
import java.util.Set;

/** The fields with which every message about a change begins, those that may be asked for included. */
final class ChangeFields {

    private final Clock clock;
    private final boolean database;
    private final boolean position;
    private final boolean gtid;
    private final boolean merged;

    /**
     * @param clock gives {@code timestamp}
     * @param include the names out of {@link MessageModule#ADDITIONS} to write
     */
    ChangeFields(Clock clock, Set<String> include) {
        this.clock = clock;
        this.database = include.contains("database");
        this.position = include.contains("position");
        this.gtid = include.contains("gtid");
        this.merged = include.contains("merged");
    }

    void write(JsonGenerator json, Change change, String type) throws IOException {
        json.writeNumberField("timestamp", clock.instant().getEpochSecond());
        json.writeNumberField("binlog_timestamp", change.committedAt());
        json.writeStringField("type", type);
        json.writeStringField("table_name", change.tableName());
        if (database) {
            json.writeStringField("database", change.database());
        }
        if (position) {
            json.writeStringField("position", change.position().id());
        }
        if (gtid) {
            json.writeStringField("gtid", change.position().gtid());
        }
        if (merged) {
            json.writeNumberField("merged", change.merged());
        }
    }
}

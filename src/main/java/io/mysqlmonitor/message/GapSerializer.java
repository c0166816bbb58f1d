package io.mysqlmonitor.message;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.Gap;
import java.io.IOException;
import java.time.Clock;

/** {@code gap}: between which places of the binary log changes are missing, and why. */
final class GapSerializer extends JsonSerializer<Gap> {

    private final Clock clock;

    GapSerializer(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void serialize(Gap gap, JsonGenerator json, SerializerProvider provider) throws IOException {
        json.writeStartObject();
        json.writeNumberField("timestamp", clock.instant().getEpochSecond());
        json.writeStringField("type", Gap.WIRE_NAME);
        write(json, "from", gap.from());
        write(json, "to", gap.to());
        write(json, "database", gap.database());
        write(json, "table", gap.tableName());
        write(json, "reason", gap.reason());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, String field, String value) throws IOException {
        if (value != null) {
            json.writeStringField(field, value);
        }
    }

    private static void write(JsonGenerator json, String field, BinlogPosition place) throws IOException {
        json.writeObjectFieldStart(field);
        json.writeStringField("file", place.file());
        json.writeNumberField("position", place.position());
        if (!place.gtids().isEmpty()) {
            json.writeStringField("gtids", place.gtids());
        }
        json.writeEndObject();
    }
}

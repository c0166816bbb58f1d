package io.mysqlmonitor.message;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import io.mysqlmonitor.change.Heartbeat;
import java.io.IOException;
import java.time.Clock;

/** {@code heartbeat}. */
final class HeartbeatSerializer extends JsonSerializer<Heartbeat> {

    private final Clock clock;

    HeartbeatSerializer(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void serialize(Heartbeat heartbeat, JsonGenerator json, SerializerProvider provider) throws IOException {
        json.writeStartObject();
        json.writeNumberField("timestamp", clock.instant().getEpochSecond());
        json.writeStringField("type", Heartbeat.WIRE_NAME);
        json.writeEndObject();
    }
}

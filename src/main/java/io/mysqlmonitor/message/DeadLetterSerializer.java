package io.mysqlmonitor.message;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.DeadLetter;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.change.Unconvertible;
import java.io.IOException;

/** {@code dead_letter}: which change cannot be published, and why; a key that cannot be converted is null. */
final class DeadLetterSerializer extends JsonSerializer<DeadLetter> {

    private final ChangeFields fields;

    /**
     * @param fields with the database
     */
    DeadLetterSerializer(ChangeFields fields) {
        this.fields = fields;
    }

    @Override
    public void serialize(DeadLetter letter, JsonGenerator json, SerializerProvider provider) throws IOException {
        Change change = letter.change();
        json.writeStartObject();
        fields.write(json, change, DeadLetter.WIRE_NAME);
        json.writeStringField("change_type", change.typeName());
        json.writeStringField("position", change.position().id());
        json.writeObjectFieldStart("keys");
        if (change instanceof RowChange row && letter.hasKeys()) {
            for (int column : row.table().keyColumns()) {
                Object value = row.row().get(column);
                json.writeFieldName(row.table().columns().get(column));
                JsonValues.write(json, value instanceof Unconvertible ? null : value);
            }
        }
        json.writeEndObject();
        json.writeStringField("reason", letter.reason());
        json.writeEndObject();
    }
}

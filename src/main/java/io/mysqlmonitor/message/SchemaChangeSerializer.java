package io.mysqlmonitor.message;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import io.mysqlmonitor.change.SchemaChange;
import java.io.IOException;

/** {@code schema_change}: the statement, and the table's columns after it. */
final class SchemaChangeSerializer extends JsonSerializer<SchemaChange> {

    private final ChangeFields fields;

    SchemaChangeSerializer(ChangeFields fields) {
        this.fields = fields;
    }

    @Override
    public void serialize(SchemaChange change, JsonGenerator json, SerializerProvider provider) throws IOException {
        json.writeStartObject();
        fields.write(json, change, SchemaChange.WIRE_NAME);
        json.writeStringField("kind", change.kind().wireName());
        if (change.formerName() != null) {
            json.writeStringField("former_name", change.formerName().toString());
        }
        json.writeStringField("ddl", change.ddl());
        if (!change.columns().isEmpty()) {
            writeColumns(json, change);
        }
        json.writeEndObject();
    }

    private static void writeColumns(JsonGenerator json, SchemaChange change) throws IOException {
        json.writeArrayFieldStart("columns");
        for (SchemaChange.Column column : change.columns()) {
            json.writeStartObject();
            json.writeStringField("name", column.name());
            json.writeStringField("type", column.type());
            json.writeBooleanField("nullable", column.nullable());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("key_columns");
        for (String column : change.keyColumns()) {
            json.writeString(column);
        }
        json.writeEndArray();
    }
}

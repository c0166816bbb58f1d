package io.mysqlmonitor.message;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import io.mysqlmonitor.change.TableTruncate;
import java.io.IOException;

/** {@code table_truncate}. */
final class TableTruncateSerializer extends JsonSerializer<TableTruncate> {

    private final ChangeFields fields;

    TableTruncateSerializer(ChangeFields fields) {
        this.fields = fields;
    }

    @Override
    public void serialize(TableTruncate truncate, JsonGenerator json, SerializerProvider provider) throws IOException {
        json.writeStartObject();
        fields.write(json, truncate, TableTruncate.WIRE_NAME);
        json.writeEndObject();
    }
}

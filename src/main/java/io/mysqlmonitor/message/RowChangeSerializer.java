package io.mysqlmonitor.message;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.change.Table;
import io.mysqlmonitor.change.Unconvertible;
import io.mysqlmonitor.change.UnpublishableException;
import java.io.IOException;
import java.util.List;

/** {@code row_insert}, {@code row_update}, {@code row_delete} and {@code row_snapshot}. Called for each row: it allocates nothing per column. */
final class RowChangeSerializer extends JsonSerializer<RowChange> {

    private final ChangeFields fields;

    RowChangeSerializer(ChangeFields fields) {
        this.fields = fields;
    }

    @Override
    public void serialize(RowChange change, JsonGenerator json, SerializerProvider provider) throws IOException {
        Table table = change.table();
        json.writeStartObject();
        fields.write(json, change, change.typeName());
        json.writeObjectFieldStart("keys");
        for (int column : table.keyColumns()) {
            writeColumn(json, table, column, change.row());
        }
        json.writeEndObject();
        switch (change.type()) {
            case INSERT, SNAPSHOT -> {
                json.writeObjectFieldStart("values");
                for (int column = 0; column < change.after().size(); column++) {
                    writeColumn(json, table, column, change.after());
                }
                json.writeEndObject();
            }
            case UPDATE -> {
                writeChanged(json, change, "before_values", change.before());
                writeChanged(json, change, "after_values", change.after());
            }
            case DELETE -> {
                // the keys say it all
            }
        }
        json.writeEndObject();
    }

    private static void writeChanged(JsonGenerator json, RowChange change, String field, List<Object> values)
            throws IOException {
        json.writeObjectFieldStart(field);
        for (int column = 0; column < values.size(); column++) {
            if (change.isChanged(column)) {
                writeColumn(json, change.table(), column, values);
            }
        }
        json.writeEndObject();
    }

    private static void writeColumn(JsonGenerator json, Table table, int column, List<Object> values)
            throws IOException {
        Object value = values.get(column);
        if (value instanceof Unconvertible unconvertible) {
            throw new UnpublishableException("column " + table.columns().get(column) + ": " + unconvertible.reason());
        }
        json.writeFieldName(table.columns().get(column));
        JsonValues.write(json, value);
    }
}

package io.mysqlmonitor.change;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The JSON contract of the messages, as a Jackson module: how a {@link RowChange}, a {@link TableTruncate}, a
 * {@link SchemaChange}, a {@link Heartbeat}, a {@link Gap} and a {@link DeadLetter} are written.
 *
 * <p>The names and the shape are those of the predecessor, aventri/mysql-monitor. {@code timestamp} is the Unix second in
 * which the message is written.
 */
public final class MessageModule extends SimpleModule {

    /** Names that may be asked for beyond the default body, in the order in which they are written. */
    public static final List<String> ADDITIONS = List.of("database", "position", "gtid", "merged");

    private static final long serialVersionUID = 1;

    /**
     * @param clock gives {@code timestamp}
     * @param include the names out of {@link #ADDITIONS} to add to the body, after {@code table_name}
     */
    public MessageModule(Clock clock, Set<String> include) {
        addSerializer(RowChange.class, new RowChangeSerializer(clock, Set.copyOf(include)));
        addSerializer(TableTruncate.class, new TableTruncateSerializer(clock, Set.copyOf(include)));
        addSerializer(SchemaChange.class, new SchemaChangeSerializer(clock, Set.copyOf(include)));
        addSerializer(Heartbeat.class, new HeartbeatSerializer(clock));
        addSerializer(Gap.class, new GapSerializer(clock));
        addSerializer(Undecided.class, new UndecidedSerializer());
        addSerializer(DeadLetter.class, new DeadLetterSerializer(clock));
    }

    /** The fields with which every message about a change begins. */
    private static void writeBegin(JsonGenerator json, Clock clock, Change change, String type) throws IOException {
        json.writeNumberField("timestamp", clock.instant().getEpochSecond());
        json.writeNumberField("binlog_timestamp", change.committedAt());
        json.writeStringField("type", type);
        json.writeStringField("table_name", change.tableName());
    }

    private static void writeAdditions(JsonGenerator json, Set<String> include, Change change) throws IOException {
        if (include.contains("database")) {
            json.writeStringField("database", change.database());
        }
        if (include.contains("position")) {
            json.writeStringField("position", change.position().id());
        }
        if (include.contains("gtid")) {
            json.writeStringField("gtid", change.position().gtid());
        }
        if (include.contains("merged")) {
            json.writeNumberField("merged", change.merged());
        }
    }

    private static final class TableTruncateSerializer extends JsonSerializer<TableTruncate> {

        private final Clock clock;
        private final Set<String> include;

        TableTruncateSerializer(Clock clock, Set<String> include) {
            this.clock = clock;
            this.include = include;
        }

        @Override
        public void serialize(TableTruncate truncate, JsonGenerator json, SerializerProvider provider)
                throws IOException {
            json.writeStartObject();
            writeBegin(json, clock, truncate, TableTruncate.WIRE_NAME);
            writeAdditions(json, include, truncate);
            json.writeEndObject();
        }
    }

    private static final class SchemaChangeSerializer extends JsonSerializer<SchemaChange> {

        private final Clock clock;
        private final Set<String> include;

        SchemaChangeSerializer(Clock clock, Set<String> include) {
            this.clock = clock;
            this.include = new HashSet<>(include);
            this.include.add("database"); // without it a statement about a database says nothing
        }

        @Override
        public void serialize(SchemaChange change, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeStartObject();
            writeBegin(json, clock, change, SchemaChange.WIRE_NAME);
            writeAdditions(json, include, change);
            json.writeStringField("kind", change.kind().wireName());
            if (change.formerName() != null) {
                json.writeStringField("former_name", change.formerName().toString());
            }
            json.writeStringField("ddl", change.ddl());
            if (!change.columns().isEmpty()) {
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
            json.writeEndObject();
        }
    }

    /** Has no message of its own. */
    private static final class UndecidedSerializer extends JsonSerializer<Undecided> {

        @Override
        public void serialize(Undecided undecided, JsonGenerator json, SerializerProvider provider) throws IOException {
            throw new UnpublishableException(undecided.reason());
        }
    }

    private static final class DeadLetterSerializer extends JsonSerializer<DeadLetter> {

        private final Clock clock;

        DeadLetterSerializer(Clock clock) {
            this.clock = clock;
        }

        @Override
        public void serialize(DeadLetter letter, JsonGenerator json, SerializerProvider provider) throws IOException {
            Change change = letter.change();
            json.writeStartObject();
            writeBegin(json, clock, change, DeadLetter.WIRE_NAME);
            json.writeStringField("database", change.database());
            json.writeStringField("change_type", change.typeName());
            json.writeStringField("position", change.position().id());
            json.writeObjectFieldStart("keys");
            if (change instanceof RowChange row && letter.hasKeys()) {
                for (int column : row.table().keyColumns()) {
                    Object value = row.row().get(column);
                    json.writeFieldName(row.table().columns().get(column));
                    RowChangeSerializer.write(json, value instanceof Unconvertible ? null : value);
                }
            }
            json.writeEndObject();
            json.writeStringField("reason", letter.reason());
            json.writeEndObject();
        }
    }

    private static final class GapSerializer extends JsonSerializer<Gap> {

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

        private static void write(JsonGenerator json, String field, BinlogCoordinates place) throws IOException {
            json.writeObjectFieldStart(field);
            json.writeStringField("file", place.file());
            json.writeNumberField("position", place.position());
            if (!place.gtids().isEmpty()) {
                json.writeStringField("gtids", place.gtids());
            }
            json.writeEndObject();
        }
    }

    private static final class HeartbeatSerializer extends JsonSerializer<Heartbeat> {

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

    private static final class RowChangeSerializer extends JsonSerializer<RowChange> {

        private final Clock clock;
        private final Set<String> include;

        RowChangeSerializer(Clock clock, Set<String> include) {
            this.clock = clock;
            this.include = include;
        }

        @Override
        public void serialize(RowChange change, JsonGenerator json, SerializerProvider provider) throws IOException {
            Table table = change.table();
            json.writeStartObject();
            writeBegin(json, clock, change, change.typeName());
            if (!include.isEmpty()) {
                writeAdditions(json, include, change);
            }
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
                throw new UnpublishableException(
                        "column " + table.columns().get(column) + ": " + unconvertible.reason());
            }
            json.writeFieldName(table.columns().get(column));
            write(json, value);
        }

        private static void write(JsonGenerator json, Object value) throws IOException {
            if (value == null) {
                json.writeNull();
            } else if (value instanceof String text) {
                json.writeString(text);
            } else if (value instanceof Integer number) {
                json.writeNumber(number);
            } else if (value instanceof Long number) {
                json.writeNumber(number);
            } else if (value instanceof BigDecimal number) {
                json.writeNumber(number.toPlainString());
            } else if (value instanceof Boolean flag) {
                json.writeBoolean(flag);
            } else if (value instanceof RawJson raw) {
                json.writeRawValue(raw.text());
            } else if (value instanceof List<?> list) {
                json.writeStartArray();
                for (Object element : list) {
                    write(json, element);
                }
                json.writeEndArray();
            } else if (value instanceof Map<?, ?> map) {
                json.writeStartObject();
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    json.writeFieldName(String.valueOf(entry.getKey()));
                    write(json, entry.getValue());
                }
                json.writeEndObject();
            } else {
                json.writeObject(value);
            }
        }
    }
}

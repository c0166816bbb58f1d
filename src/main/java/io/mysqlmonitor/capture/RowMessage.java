package io.mysqlmonitor.capture;

import io.debezium.data.Envelope;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.debezium.DebeziumConstants;
import org.apache.camel.component.debezium.DebeziumTypeConverter;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * The body and headers of a change of a row, as camel-debezium sets them; but that looks in every record for a statement, which only
 * a schema change has, and pays for its absence with an exception.
 */
final class RowMessage {

    private RowMessage() {}

    /** Whether a record has the envelope of a row. */
    static boolean is(SourceRecord record) {
        return record.value() instanceof Struct && record.valueSchema().field(Envelope.FieldName.OPERATION) != null;
    }

    static void fill(Message message, SourceRecord record) {
        Struct value = (Struct) record.value();
        message.setHeader(DebeziumConstants.HEADER_IDENTIFIER, record.topic());
        message.setHeader(DebeziumConstants.HEADER_KEY, record.key());
        message.setHeader(
                DebeziumConstants.HEADER_SOURCE_METADATA, new Fields(value.getStruct(Envelope.FieldName.SOURCE)));
        message.setHeader(DebeziumConstants.HEADER_OPERATION, value.get(Envelope.FieldName.OPERATION));
        message.setHeader(DebeziumConstants.HEADER_BEFORE, value.get(Envelope.FieldName.BEFORE));
        Object timestamp = value.get(Envelope.FieldName.TIMESTAMP);
        message.setHeader(DebeziumConstants.HEADER_TIMESTAMP, timestamp);
        message.setHeader(Exchange.MESSAGE_TIMESTAMP, timestamp);
        message.setBody(value.get(Envelope.FieldName.AFTER));
    }

    /** The fields of a struct as a map. camel-debezium copies them for each row, of which the route reads a few. */
    private static final class Fields extends AbstractMap<String, Object> {

        private final Struct struct;

        Fields(Struct struct) {
            this.struct = struct;
        }

        @Override
        public Object get(Object name) {
            return containsKey(name) ? struct.get((String) name) : null;
        }

        @Override
        public boolean containsKey(Object name) {
            return name instanceof String field && struct.schema().field(field) != null;
        }

        @Override
        public Set<Map.Entry<String, Object>> entrySet() {
            return DebeziumTypeConverter.toMap(struct).entrySet();
        }
    }
}

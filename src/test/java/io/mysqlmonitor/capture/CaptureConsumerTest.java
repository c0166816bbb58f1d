package io.mysqlmonitor.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.relational.history.MemorySchemaHistory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.LoggingExceptionHandler;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which records go through the route; no server answers, so that all engines end at once. */
class CaptureConsumerTest {

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final List<Object> passed = new ArrayList<>();
    private final Committer committer = new Committer();
    private CaptureConsumer consumer;

    @BeforeEach
    void setUp() throws Exception {
        ConnectorSettings settings = new ConnectorSettings(
                Map.of(
                        "monitor.name", "monitor",
                        "mysql.host", "localhost",
                        "mysql.port", "1",
                        "mysql.user", "monitor",
                        "mysql.password", "secret",
                        "mysql.server-id", "4711",
                        "mysql.ssl-mode", "disabled"),
                new ConnectorSettings.Storage(
                        MemoryOffsetBackingStore.class, Path.of("none"), MemorySchemaHistory.class, Path.of("none")),
                Map.of());
        context.start();
        CaptureEndpoint endpoint = CaptureEndpoint.create(
                context, "debezium-mysql:monitor", settings, new LoggingExceptionHandler(context, getClass()));
        consumer = endpoint.createConsumer(
                exchange -> passed.add(exchange.getMessage().getHeaders()));
        consumer.start();
    }

    @AfterEach
    void tearDown() throws Exception {
        consumer.stop();
        context.close();
    }

    @Test
    void shouldTakeRecordsOfTheEngineThatWasStartedLastAlone() throws Exception {
        CaptureConsumer.Run first = consumer.run();
        consumer.handleBatch(first, List.of(record()), committer);
        assertThat(passed).hasSize(1);

        consumer.stop();
        assertRefused(first);
        consumer.start();
        assertRefused(first);

        consumer.handleBatch(consumer.run(), List.of(record()), committer);
        assertThat(passed).hasSize(2);
        assertThat(committer.processed).isEqualTo(2);
    }

    private void assertRefused(CaptureConsumer.Run run) {
        assertThatThrownBy(() -> consumer.handleBatch(run, List.of(record()), committer))
                .isInstanceOf(CaptureException.class)
                .hasStackTraceContaining("this engine was given up");
    }

    /** Without GTIDs all records of a statement have its end for their offset. */
    @ParameterizedTest
    @CsvSource({
        "DROP TABLE `a`, 0",
        "RENAME TABLE `a` TO `b`, 0",
        "CREATE TABLE a (id INT), 1",
        "ALTER TABLE a ADD b INT, 1",
        "DROP DATABASE d, 1",
    })
    void shouldTakeNoRecordForTheLastOfItsStatementBeforeTheNextComes(String sql, int reported) throws Exception {
        consumer.handleBatch(consumer.run(), List.of(record(), statement(sql)), committer);

        assertThat(passed).hasSize(2);
        assertThat(committer.offset()).isEqualTo(reported);
        consumer.handleBatch(consumer.run(), List.of(statement(sql)), committer);
        assertThat(committer.offset()).isEqualTo(reported);
        consumer.handleBatch(consumer.run(), List.of(statement(sql), record(2)), committer);
        assertThat(committer.offset()).isEqualTo(2);
        assertThat(passed).hasSize(5);
    }

    private static Event record() {
        return record(0);
    }

    private static Event record(int event) {
        return new Event(new SourceRecord(
                Map.of("server", "monitor"), Map.of("event", event), "__debezium-heartbeat.monitor", null, null));
    }

    private static Event statement(String sql) {
        Schema source = SchemaBuilder.struct()
                .field("snapshot", Schema.STRING_SCHEMA)
                .field("file", Schema.STRING_SCHEMA)
                .field("pos", Schema.INT64_SCHEMA)
                .field("gtid", Schema.OPTIONAL_STRING_SCHEMA)
                .field("ts_ms", Schema.INT64_SCHEMA)
                .build();
        Schema schema = SchemaBuilder.struct()
                .field("source", source)
                .field("databaseName", Schema.STRING_SCHEMA)
                .field("ddl", Schema.STRING_SCHEMA)
                .field(
                        "tableChanges",
                        SchemaBuilder.array(SchemaBuilder.struct().build()).build())
                .build();
        Struct value = new Struct(schema)
                .put(
                        "source",
                        new Struct(source)
                                .put("snapshot", "false")
                                .put("file", "binlog.000001")
                                .put("pos", 400L)
                                .put("ts_ms", 0L))
                .put("databaseName", "d")
                .put("ddl", sql)
                .put("tableChanges", List.of());
        return new Event(new SourceRecord(Map.of("server", "monitor"), Map.of("event", 1), "monitor", schema, value));
    }

    private record Event(SourceRecord value) implements ChangeEvent<SourceRecord, SourceRecord> {

        @Override
        public SourceRecord key() {
            return null;
        }

        @Override
        public String destination() {
            return value.topic();
        }

        @Override
        public Integer partition() {
            return null;
        }
    }

    private static final class Committer
            implements DebeziumEngine.RecordCommitter<ChangeEvent<SourceRecord, SourceRecord>> {

        private int processed;
        private SourceRecord last;

        private Object offset() {
            return last.sourceOffset().get("event");
        }

        @Override
        public void markProcessed(ChangeEvent<SourceRecord, SourceRecord> record) {
            processed++;
            last = record.value();
        }

        @Override
        public void markBatchFinished() {}

        @Override
        public void markProcessed(
                ChangeEvent<SourceRecord, SourceRecord> record, DebeziumEngine.Offsets sourceOffsets) {
            throw new UnsupportedOperationException();
        }

        @Override
        public DebeziumEngine.Offsets buildOffsets() {
            throw new UnsupportedOperationException();
        }
    }
}

package io.mysqlmonitor.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mysqlmonitor.transform.RowChangeProcessor;
import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.message.MessageModule;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.change.Table;
import io.mysqlmonitor.dedupe.Window;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.component.debezium.DebeziumConstants;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What each row goes through in this program's own code: transform, window, JSON. Nanoseconds per row. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class HotPath {

    private static final int ROWS = 1000;
    private static final int UPDATES = 10_000;

    private static final Schema KEY =
            SchemaBuilder.struct().field("id", Schema.INT64_SCHEMA).build();
    private static final Schema ROW = SchemaBuilder.struct()
            .field("id", Schema.INT64_SCHEMA)
            .field("customer", Schema.INT32_SCHEMA)
            .field("name", Schema.STRING_SCHEMA)
            .field("email", Schema.STRING_SCHEMA)
            .field("amount", Schema.STRING_SCHEMA)
            .field("state", Schema.STRING_SCHEMA)
            .field("created", Schema.STRING_SCHEMA)
            .field("note", Schema.OPTIONAL_STRING_SCHEMA)
            .build();

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final RowChangeProcessor transform = new RowChangeProcessor();
    private final ObjectMapper mapper =
            new ObjectMapper().registerModule(new MessageModule(Clock.systemUTC(), Set.of()));
    private final Struct key = new Struct(KEY).put("id", 1L);
    private final Struct before = row(1, 1);
    private final Struct after = row(1, 2);
    private final RowChange insert = change(exchange("c", null, after));
    private final RowChange update = change(exchange("u", before, after));
    private final List<RowChange> updates = updates();

    private static Struct row(long id, int customer) {
        return new Struct(ROW)
                .put("id", id)
                .put("customer", customer)
                .put("name", "Customer number 4711")
                .put("email", "customer4711@example.com")
                .put("amount", "1234.50")
                .put("state", "new")
                .put("created", "2026-01-31T12:30:00")
                .put("note", "Leave the parcel with the neighbours if nobody is in, number 4711");
    }

    private Exchange exchange(String operation, Struct from, Struct to) {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setHeader(DebeziumConstants.HEADER_IDENTIFIER, "bench.bench.w1");
        exchange.getMessage().setHeader(DebeziumConstants.HEADER_KEY, key);
        exchange.getMessage().setHeader(DebeziumConstants.HEADER_OPERATION, operation);
        exchange.getMessage().setHeader(DebeziumConstants.HEADER_BEFORE, from);
        exchange.getMessage()
                .setHeader(
                        DebeziumConstants.HEADER_SOURCE_METADATA,
                        Map.of(
                                "db",
                                "bench",
                                "table",
                                "w1",
                                "file",
                                "binlog.000001",
                                "pos",
                                4711L,
                                "row",
                                1,
                                "ts_ms",
                                1_769_860_000_000L));
        exchange.getMessage().setBody(to);
        return exchange;
    }

    private RowChange change(Exchange exchange) {
        transform.process(exchange);
        return exchange.getMessage().getBody(RowChange.class);
    }

    private static List<RowChange> updates() {
        Table table = new Table("bench", "w3", List.of("id", "customer", "note"), List.of(0));
        List<RowChange> changes = new ArrayList<>();
        for (int i = 0; i < UPDATES; i++) {
            changes.add(new RowChange(
                    ChangeType.UPDATE,
                    table,
                    List.of(i % ROWS, i / ROWS, "Leave the parcel with the neighbours"),
                    List.of(i % ROWS, i / ROWS + 1, "Leave the parcel with the neighbours"),
                    new EventPosition("binlog.000001", i, 0, 0, null),
                    1_769_860_000L,
                    null,
                    1));
        }
        return changes;
    }

    /** With the exchange that it takes apart, and its headers. */
    @Benchmark
    public Object transformInsert() {
        return change(exchange("c", null, after));
    }

    @Benchmark
    public Object transformUpdate() {
        return change(exchange("u", before, after));
    }

    @Benchmark
    @OperationsPerInvocation(UPDATES)
    public Object windowThatMerges() {
        return fill(new Window(true));
    }

    @Benchmark
    @OperationsPerInvocation(UPDATES)
    public Object windowThatKeepsAll() {
        return fill(new Window(false));
    }

    private Window fill(Window window) {
        for (RowChange change : updates) {
            window.add(change);
        }
        return window;
    }

    @Benchmark
    public byte[] jsonOfInsert() throws JsonProcessingException {
        return mapper.writeValueAsBytes(insert);
    }

    @Benchmark
    public byte[] jsonOfUpdate() throws JsonProcessingException {
        return mapper.writeValueAsBytes(update);
    }
}

package io.mysqlmonitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.debezium.data.Bits;
import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.change.Confirmation;
import io.mysqlmonitor.change.Gap;
import io.mysqlmonitor.change.Heartbeat;
import io.mysqlmonitor.checkpoint.CaptureStatus;
import io.mysqlmonitor.config.ConfigurationException;
import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.supervise.GapPublisher;
import io.mysqlmonitor.supervise.MonotonicClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.RouteConfigurationBuilder;
import org.apache.camel.component.debezium.DebeziumConstants;
import org.apache.camel.component.debezium.mysql.DebeziumMySqlComponent;
import org.apache.camel.component.debezium.mysql.configuration.MySqlConnectorEmbeddedDebeziumConfiguration;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.component.springrabbit.SpringRabbitMQComponent;
import org.apache.camel.component.springrabbit.SpringRabbitMQConstants;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.impl.engine.PooledProcessorExchangeFactory;
import org.apache.camel.processor.aggregate.AggregateController;
import org.apache.camel.spi.Policy;
import org.apache.camel.test.junit5.CamelTestSupport;
import org.apache.camel.test.junit5.TestExecutionConfiguration;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;

/** The route files as they are packed, between a binary log and a RabbitMQ exchange that are mocked. */
class RoutesTest extends CamelTestSupport {

    private static final Schema KEY =
            SchemaBuilder.struct().field("id", Schema.INT32_SCHEMA).build();
    private static final Schema ROW = SchemaBuilder.struct()
            .field("id", Schema.INT32_SCHEMA)
            .field("text", Schema.OPTIONAL_STRING_SCHEMA)
            .build();
    private static final int ROWS_IN_FLIGHT = 8;

    @TempDir
    private Path data;

    private Path routes;
    private MysqlMonitor monitor;
    private final AtomicBoolean brokerDown = new AtomicBoolean();
    private final AtomicInteger confirms = new AtomicInteger();
    private final Set<Thread> publishers = ConcurrentHashMap.newKeySet();
    private long position;
    private volatile Duration setBack = Duration.ZERO;
    private final Clock timeOfDay = ((InstantSource) () -> Instant.now().minus(setBack)).withZone(ZoneOffset.UTC);

    @Override
    public void configureTest(TestExecutionConfiguration configuration) {
        super.configureTest(configuration);
        configuration.withUseAdviceWith(true);
    }

    /** Starts the routes; everything after this goes from {@code direct:binlog} to {@code mock:rabbitmq}. */
    private CaptureStatus start(String... settings) throws Exception {
        Map<String, String> properties = new HashMap<>(Map.of(
                "mysql.user", "monitor",
                "mysql.password", "secret",
                "mysql.port", "1",
                "rabbitmq.addresses", "localhost:1",
                "monitor.data", data.toString(),
                "monitor.in-flight.rows", String.valueOf(ROWS_IN_FLIGHT)));
        for (int i = 0; i < settings.length; i += 2) {
            properties.put(settings[i], settings[i + 1]);
        }
        CamelContext context = context();
        context.getShutdownStrategy().setTimeout(1); // for tests that leave a window unconfirmed
        context.getRegistry().bind("monitorConfirms", new CountingPolicy());
        monitor = new MysqlMonitor(MonitorConfiguration.of(properties), routes, timeOfDay, new MonotonicClock());
        monitor.addTo(context);
        AdviceWith.adviceWith(context, "mysql-monitor-capture", advice -> advice.replaceFromWith("direct:binlog"));
        AdviceWith.adviceWith(context, "mysql-monitor-send", advice -> advice.weaveByToUri("spring-rabbitmq:*")
                .replace()
                .process(exchange -> {
                    if (brokerDown.get()) {
                        throw new IOException("no broker");
                    }
                    publishers.add(Thread.currentThread());
                })
                .to("mock:rabbitmq"));
        context.start();
        context.getRouteController().startRoute("mysql-monitor-capture");
        return monitor.status();
    }

    @AfterEach
    void close() {
        brokerDown.set(false);
        monitor.close();
    }

    @Test
    void shouldRefuseAContextThatPoolsExchanges() {
        context().getCamelContextExtension().setProcessorExchangeFactory(new PooledProcessorExchangeFactory());

        assertThatThrownBy(this::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("camel.main.exchangeFactory=pooled");
    }

    @Test
    void shouldRefuseASecondMonitorOnTheSameDataFolder() throws Exception {
        start();
        MonitorConfiguration same = MonitorConfiguration.of(
                Map.of("mysql.user", "u", "mysql.password", "p", "monitor.data", data.toString()));
        try (CamelContext other = new DefaultCamelContext();
                MysqlMonitor second = new MysqlMonitor(same)) {
            assertThatThrownBy(() -> second.addTo(other))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageStartingWith("monitor.data: the folder " + data)
                    .hasMessageContaining("another monitor of this process");
            assertThat(other.getRoutes()).isEmpty();

            monitor.close();
            second.addTo(other);
        }
    }

    @Test
    void shouldLeaveWhatIsTheApplicationsAlone() throws Exception {
        DebeziumMySqlComponent binlog = context().getComponent("debezium-mysql", DebeziumMySqlComponent.class);
        binlog.getConfiguration().setTableIncludeList("other.item");
        binlog.getConfiguration().setDatabasePassword("of the application");
        SpringRabbitMQComponent publishing = context().getComponent("spring-rabbitmq", SpringRabbitMQComponent.class);

        start("mysql.databases", "shop");

        assertThat(binlog.getConfiguration().getTableIncludeList()).isEqualTo("other.item");
        assertThat(binlog.getConfiguration().getDatabasePassword()).isEqualTo("of the application");
        assertThat(binlog.getConfiguration().getMaxBatchSize())
                .isEqualTo(new MySqlConnectorEmbeddedDebeziumConfiguration().getMaxBatchSize());
        assertThat(publishing.getConnectionFactory()).isNull();
        assertThat(context().getRegistry().findByType(ConnectionFactory.class)).isEmpty();
        assertThat(context().getRegistry().lookupByNameAndType("monitorRabbitmq", ConnectionFactory.class))
                .isNotNull();
        assertThat(context().resolvePropertyPlaceholders("{{?rabbitmq.exchange}}"))
                .isNull();
    }

    @Test
    void shouldMergeChangesOfOneRowInOneWindow() throws Exception {
        CaptureStatus checkpoint = start("monitor.dedupe.window", "200ms", "monitor.in-flight.rows", "100");
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        rabbitmq.expectedMessageCount(2);

        insert(1, "a");
        insert(2, "b");
        update(1, "a", "c");
        update(1, "c", "d");

        rabbitmq.assertIsSatisfied();
        assertThat(body(rabbitmq, 0)).contains("\"type\":\"row_insert\"", "\"values\":{\"id\":1,\"text\":\"d\"}");
        assertThat(body(rabbitmq, 1)).contains("\"values\":{\"id\":2,\"text\":\"b\"}");
        await().untilAsserted(() -> assertThat(checkpoint.captured()).isEqualTo(4));
        assertThat(checkpoint.merged()).isEqualTo(2);
        assertThat(confirms).hasValue(1);
    }

    @Test
    void shouldPublishEveryChangeInOrderWithoutWindow() throws Exception {
        start("monitor.dedupe.window", "0");
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        rabbitmq.expectedMessageCount(20);

        insert(1, "0");
        for (int i = 1; i < 20; i++) {
            update(1, String.valueOf(i - 1), String.valueOf(i));
        }

        rabbitmq.assertIsSatisfied();
        for (int i = 1; i < 20; i++) {
            assertThat(body(rabbitmq, i)).contains("\"after_values\":{\"text\":\"" + i + "\"}");
        }
    }

    @Test
    void shouldNotLetASteadyStreamKeepAWindowOpen() throws Exception {
        start("monitor.dedupe.window", "300ms", "monitor.in-flight.rows", "1000000");
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        AtomicInteger updates = new AtomicInteger();

        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(5))
                .until(() -> {
                    update(1, String.valueOf(updates.get()), String.valueOf(updates.incrementAndGet()));
                    return rabbitmq.getReceivedCounter() >= 3;
                });

        assertThat(updates).hasValueGreaterThan(3);
    }

    @Test
    void shouldGiveAmqpPropertiesAndNoOtherHeader() throws Exception {
        start("monitor.dedupe.window", "0");
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        rabbitmq.expectedMessageCount(1);

        insert(1, "a");

        rabbitmq.assertIsSatisfied();
        Map<String, Object> headers =
                rabbitmq.getExchanges().get(0).getMessage().getHeaders();
        assertThat(headers)
                .containsEntry(SpringRabbitMQConstants.MESSAGE_ID, "binlog.000001:1:0")
                .containsEntry(SpringRabbitMQConstants.CONTENT_TYPE, "application/json")
                .containsEntry(SpringRabbitMQConstants.TYPE, "row_insert")
                .containsEntry("database", "shop")
                .containsEntry("merged", 1);
        assertThat(headers.keySet().stream().filter(name -> !name.startsWith("Camel") && !name.equals("Content-Type")))
                .containsExactlyInAnyOrder(
                        "database", "table", "type", "binlog_file", "binlog_position", "gtid", "merged");
        assertThat(headers)
                .doesNotContainKeys(
                        SpringRabbitMQConstants.ROUTING_OVERRIDE_KEY, SpringRabbitMQConstants.EXCHANGE_OVERRIDE_NAME);
    }

    @Test
    void shouldAddressEachMessageByTemplates() throws Exception {
        start(
                "monitor.dedupe.window",
                "0",
                "rabbitmq.declare",
                "false",
                "rabbitmq.exchange",
                "{value.text}",
                "rabbitmq.routing-key",
                "{table}.{key}");
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        rabbitmq.expectedMessageCount(3);

        insert(1, "a.b");
        insert(2, "Default");
        insert(3, null);

        rabbitmq.assertIsSatisfied();
        assertThat(rabbitmq.getExchanges())
                .extracting(exchange -> exchange.getMessage().getHeader(SpringRabbitMQConstants.EXCHANGE_OVERRIDE_NAME))
                .containsExactly("a%2Eb", "mysql-monitor.dead-letter", "_");
        assertThat(rabbitmq.getExchanges())
                .extracting(exchange -> exchange.getMessage().getHeader(SpringRabbitMQConstants.ROUTING_OVERRIDE_KEY))
                .containsExactly("article.1", null, "article.3");
        assertThat(rabbitmq.getExchanges())
                .as("what is left for steps after the first endpoint")
                .extracting(exchange -> exchange.getProperty("MysqlMonitorRoutingKey"))
                .containsExactly("article.1", null, "article.3");
        assertThat(body(rabbitmq, 1)).contains("rabbitmq.exchange={value.text} gives a reserved name");
    }

    @Test
    void shouldTakeAFilterStepOfOnesOwn() throws Exception {
        editRoute(
                "capture",
                "        - to: direct:mysql-monitor-window\n",
                """
                        - filter:
                            simple: ${body.value('text')} == 'kept'
                            steps:
                              - to: direct:mysql-monitor-window
                """);
        start("monitor.dedupe.window", "0");
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        rabbitmq.expectedMessageCount(1);

        insert(1, "dropped");
        insert(2, "kept");

        rabbitmq.assertIsSatisfied();
        assertThat(body(rabbitmq, 0)).contains("\"keys\":{\"id\":2}");
    }

    @Test
    void shouldStartCaptureAgainWhenTheClockIsSetBack() throws Exception {
        CaptureStatus checkpoint = start();
        assertThat(checkpoint.isAlive()).isTrue();

        setBack = Duration.ofMinutes(10);

        await().until(() -> context()
                .getRouteController()
                .getRouteStatus("mysql-monitor-capture")
                .isStopped());
        assertThat(checkpoint.isAlive()).as("nor is it ready").isFalse();
    }

    @Test
    void shouldIgnoreRecordsThatAreNoRowChange() throws Exception {
        start("monitor.dedupe.window", "0");
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        rabbitmq.expectedMessageCount(1);

        template().sendBody("direct:binlog", null);
        insert(1, "a");

        rabbitmq.assertIsSatisfied();
    }

    @Test
    void shouldSendWholeWindowAgainUntilTheBrokerTakesIt() throws Exception {
        CaptureStatus checkpoint = start("monitor.dedupe.window", "100ms");
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        brokerDown.set(true);

        insert(1, "a");
        insert(2, "b");
        await().until(() -> confirms.get() >= 2);
        assertThat(checkpoint.captured()).isZero();
        assertThat(rabbitmq.getReceivedCounter()).isZero();
        rabbitmq.expectedMessageCount(2);
        brokerDown.set(false);

        rabbitmq.assertIsSatisfied();
        await().untilAsserted(() -> assertThat(checkpoint.published()).isEqualTo(2));
    }

    @Test
    void shouldPutAChangeThatCannotBeConvertedIntoTheDeadLetters() throws Exception {
        CaptureStatus checkpoint = start("monitor.dedupe.window", "0");
        Schema schema = SchemaBuilder.struct()
                .field("id", Schema.INT32_SCHEMA)
                .field("bits", SchemaBuilder.string().name(Bits.LOGICAL_NAME).build())
                .build();
        MockEndpoint endpoint = getMockEndpoint("mock:rabbitmq");
        endpoint.expectedMessageCount(2);

        send("c", 1, null, new Struct(schema).put("id", 1).put("bits", "none"));
        insert(2, "b");

        endpoint.assertIsSatisfied();
        assertThat(body(endpoint, 0))
                .matches(
                        "\\{\"timestamp\":\\d+,\"binlog_timestamp\":1539710709,\"type\":\"dead_letter\",\"table_name\":\"article\","
                                + "\"database\":\"shop\",\"change_type\":\"row_insert\",\"position\":\"binlog.000001:1:0\",\"keys\":\\{\"id\":1},"
                                + "\"reason\":\"column bits: ClassCastException: .*\"}");
        assertThat(endpoint.getExchanges().get(0).getMessage().getHeaders())
                .containsEntry(SpringRabbitMQConstants.EXCHANGE_OVERRIDE_NAME, "mysql-monitor.dead-letter")
                .containsEntry("type", "dead_letter");
        assertThat(body(endpoint, 1)).contains("\"keys\":{\"id\":2}");
        await().until(() -> checkpoint.published() == 2);
    }

    @Test
    void shouldSendAgainAndMakeNoDeadLetterWhenAStepOfOnesOwnFails() throws Exception {
        editRoute(
                "publish",
                "                          - marshal:\n                              json: &json\n",
                """
                                          - process:
                                              ref: ownStep
                                          - marshal:
                                              json: &json
                """);
        AtomicBoolean diskFull = new AtomicBoolean(true);
        context().getRegistry().bind("ownStep", (Processor) exchange -> {
            if (diskFull.get()) {
                throw new IOException("No space left on device");
            }
        });
        CaptureStatus checkpoint = start("monitor.dedupe.window", "0");
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");

        insert(1, "a");
        await().until(() -> confirms.get() >= 2);
        assertThat(monitor.publishingProblem().orElseThrow())
                .startsWith("Windows cannot be published: java.io.IOException: No space left on device")
                .doesNotContain("rabbitmq.addresses");
        assertThat(rabbitmq.getReceivedCounter()).isZero();
        rabbitmq.expectedMessageCount(1);
        diskFull.set(false);

        rabbitmq.assertIsSatisfied();
        assertThat(body(rabbitmq, 0)).contains("\"type\":\"row_insert\"");
        await().until(() -> checkpoint.published() == 1);
    }

    @Test
    void shouldLeaveKeysOutOfADeadLetterThatWouldBeTooLarge() throws Exception {
        start("monitor.dedupe.window", "0", "monitor.message.max-bytes", "1MB");
        Schema schema = SchemaBuilder.struct().field("id", Schema.STRING_SCHEMA).build();
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        rabbitmq.expectedMessageCount(1);

        Struct row = new Struct(schema).put("id", "k".repeat(2_000_000));
        send("c", row, null, row);

        rabbitmq.assertIsSatisfied();
        assertThat(body(rabbitmq, 0))
                .hasSizeLessThan(10_000)
                .contains("\"keys\":{}", "the message has 4000", "the keys are left out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"monitorRabbitmq", "monitorPublisher", "monitorWindow"})
    void shouldRefuseBeansOnWhichTheGuaranteeRests(String name) {
        context().getRegistry().bind(name, new Object());

        assertThatThrownBy(this::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("a bean " + name + " already");
    }

    @Test
    void shouldReadNoFurtherWhileTheLimitInFlightIsReached() throws Exception {
        start("monitor.dedupe.window", "100ms");
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        brokerDown.set(true);
        AtomicInteger read = new AtomicInteger();

        Thread binlog = new Thread(() -> {
            for (int i = 0; i < 5 * ROWS_IN_FLIGHT; i++) {
                insert(i, "x");
                read.incrementAndGet();
            }
        });
        binlog.start();

        await().until(() -> binlog.getState() == Thread.State.TIMED_WAITING);
        await().during(Duration.ofMillis(500)).until(() -> read.get() == ROWS_IN_FLIGHT);
        rabbitmq.expectedMessageCount(5 * ROWS_IN_FLIGHT);
        brokerDown.set(false);
        rabbitmq.assertIsSatisfied();
        binlog.join();
    }

    @ParameterizedTest
    @ValueSource(strings = {"as it is packed", "executorService", "aggregateController"})
    void shouldPublishByOneThreadInOrderHoweverManyWindowsWait(String missing) throws Exception {
        if (!missing.startsWith("as ")) {
            editRoute("capture", "            " + missing + ": ", "            # " + missing + ": ");
        }
        int windows = 1200; // more than a thread pool of Camel's keeps in its queue
        start("monitor.dedupe.window", "1h", "monitor.in-flight.rows", "1000000");
        AggregateController controller =
                context().getRegistry().lookupByNameAndType("monitorWindowController", AggregateController.class);
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        brokerDown.set(true);
        AtomicInteger closed = new AtomicInteger();

        Thread binlog = new Thread(() -> {
            for (int i = 0; i < windows; i++) {
                insert(i, "x");
                controller.forceCompletionOfAllGroups();
                closed.incrementAndGet();
            }
        });
        binlog.setDaemon(true);
        binlog.start();
        await().untilAtomic(closed, equalTo(windows));
        rabbitmq.expectedMessageCount(windows);
        brokerDown.set(false);

        rabbitmq.assertIsSatisfied();
        for (int i = 0; i < windows; i++) {
            assertThat(body(rabbitmq, i)).contains("\"keys\":{\"id\":" + i + "}");
        }
        assertThat(publishers).hasSize(1);
        await().untilAsserted(() -> assertThat(monitor.status().published()).isEqualTo(windows));
    }

    @Test
    void shouldRefuseAnotherThreadPoolForWindows() throws Exception {
        editRoute("capture", "executorService: monitorPublisher", "executorService: pool");

        assertThatThrownBy(this::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("route mysql-monitor-window: executorService: pool")
                .hasMessageContaining("use monitorPublisher");
    }

    /** Edits of the publish route after which its exchange ends well, whatever the broker says. */
    private static Stream<String> waysPastTheBroker() {
        String failing =
                """
                        - doTry:
                            steps:
                              - to: direct:mysql-monitor-send
                            doCatch:
                              - exception: java.lang.Exception
                                steps:
                                  - log: swallowed
                """;
        String filtered =
                """
                        - filter:
                            simple: ${body.size} == 0
                            steps:
                              - to: direct:mysql-monitor-send
                """;
        String stopped = """
                        - stop: {}
                """;
        String tapped =
                """
                        - wireTap:
                            uri: direct:mysql-monitor-send
                """;
        String queued =
                """
                        - to: seda:queue
                - route:
                    from:
                      uri: seda:queue
                      steps:
                        - to: direct:mysql-monitor-send
                """;
        return Stream.of(failing, filtered, stopped, tapped, queued);
    }

    @ParameterizedTest
    @MethodSource("waysPastTheBroker")
    void shouldNotTakeAWindowForPublishedWithoutTheBrokersWord(String steps) throws Exception {
        editRoute("publish", "        - to: direct:mysql-monitor-send\n", steps);
        CaptureStatus checkpoint = start("monitor.dedupe.window", "0");
        brokerDown.set(true);

        insert(1, "a");

        await().untilAsserted(() -> assertThat(checkpoint.failure()).isPresent());
        assertThat(checkpoint.published()).isZero();
    }

    @Test
    void shouldSayWhereAWindowWasLostFromItsWay() throws Exception {
        editRoute("publish", "        - to: direct:mysql-monitor-send\n", "        - stop: {}\n");
        CaptureStatus checkpoint = start("monitor.dedupe.window", "0");

        insert(1, "a");

        await().untilAsserted(() -> assertThat(checkpoint.failure())
                .get()
                .extracting(Throwable::getMessage)
                .asString()
                .contains("window of 1 changes", "without a confirm from the broker", "publish.camel.yaml", "doTry"));
    }

    @Test
    void shouldNotTakeAGapMessageForPublishedWithoutTheBrokersWord() throws Exception {
        editRoute(
                "publish",
                "      uri: direct:mysql-monitor-send\n      steps:\n",
                "      uri: direct:mysql-monitor-send\n      steps:\n        - stop: {}\n");
        start();
        GapPublisher gaps = new GapPublisher(context());
        Gap gap = new Gap(new BinlogPosition("binlog.000001", 4, ""), new BinlogPosition("binlog.000003", 4, ""));

        assertThatThrownBy(() -> gaps.publish(gap))
                .hasRootCauseMessage(
                        "the broker's confirm is missing: a step of publish.camel.yaml swallowed an error or left the message out");
    }

    @Test
    void shouldNotPublishByAnotherThread() throws Exception {
        editRoute(
                "publish",
                "        - to: direct:mysql-monitor-send\n",
                """
                        - threads:
                            poolSize: 3
                        - to: direct:mysql-monitor-send
                """);
        CaptureStatus checkpoint = start("monitor.dedupe.window", "0");
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");

        insert(1, "a");

        rabbitmq.expectedMessageCount(0);
        rabbitmq.setAssertPeriod(500);
        rabbitmq.assertIsSatisfied();
        assertThat(checkpoint.inFlight()).isEqualTo(1);

        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(checkpoint.failure())
                .get()
                .extracting(Throwable::getMessage)
                .asString()
                .contains("window of 1 changes", "was not published", "another thread"));
    }

    /** Edits of the capture route after which a change is on its way to the window when the route is done. */
    private static Stream<String> waysPastTheWindow() {
        String later =
                """
                - route:
                    from:
                      uri: \"%s\"
                      steps:
                        - delay:
                            constant: 1000
                        - to: direct:mysql-monitor-window
                """;
        String queued = "        - to: seda:later\n" + later.formatted("seda:later");
        String tapped = "        - wireTap:\n            uri: direct:later\n" + later.formatted("direct:later");
        String gathered =
                """
                        - aggregate:
                            correlationExpression:
                              constant: all
                            aggregationStrategy: \"#class:org.apache.camel.processor.aggregate.UseLatestAggregationStrategy\"
                            completionTimeout: 1000
                            steps:
                              - to: direct:mysql-monitor-window
                """;
        String chosen =
                """
                        - choice:
                            when:
                              - simple: ${body.value('id')} == 3
                                steps:
                                  - to: direct:mysql-monitor-window
                """;
        return Stream.of(queued, tapped, gathered, chosen);
    }

    @ParameterizedTest
    @MethodSource("waysPastTheWindow")
    void shouldNotPassAChangeThatIsOnItsWayToTheWindow(String steps) throws Exception {
        editRoute("capture", "        - to: direct:mysql-monitor-window\n", steps);
        CaptureStatus checkpoint = start("monitor.dedupe.window", "0");

        insert(1, "a");
        insert(2, "b");

        assertThat(checkpoint.failure())
                .get()
                .extracting(Throwable::getMessage)
                .asString()
                .contains("a change left capture.camel.yaml without", "seda, wireTap");
        HealthCheck.Result health = HealthCheckRegistry.get(context())
                .getCheck("mysql-monitor-capture")
                .orElseThrow()
                .call();
        assertThat(health.getState()).isEqualTo(HealthCheck.State.DOWN);
        assertThat(health.getMessage())
                .hasValueSatisfying(why -> assertThat(why).contains("seda, wireTap"));
    }

    @Test
    void shouldNoticeAChangeThatComesToTheWindowLater() throws Exception {
        editRoute(
                "capture",
                "        - to: direct:mysql-monitor-window\n",
                """
                        - wireTap:
                            uri: direct:later
                        - stop: {}
                - route:
                    from:
                      uri: direct:later
                      steps:
                        - delay:
                            constant: 500
                        - to: direct:mysql-monitor-window
                """);
        CaptureStatus checkpoint = start("monitor.dedupe.window", "0");

        insert(1, "a");
        insert(2, "b");

        await().untilAsserted(() -> assertThat(checkpoint.failure()).isPresent());
    }

    @Test
    void shouldLetStepsOfOnesOwnCopyAndFilterChanges() throws Exception {
        editRoute(
                "capture",
                "        - to: direct:mysql-monitor-window\n",
                """
                        - filter:
                            simple: ${body.value('id')} != 1
                            steps:
                              - wireTap:
                                  uri: mock:audit
                              - threads:
                                  poolSize: 3
                              - multicast:
                                  steps:
                                    - to: mock:copy
                                    - to: direct:mysql-monitor-window
                """);
        CaptureStatus checkpoint = start("monitor.dedupe.window", "0");
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        rabbitmq.expectedMessageCount(2);

        insert(1, "a");
        insert(2, "b");
        insert(3, "c");

        rabbitmq.assertIsSatisfied();
        assertThat(checkpoint.failure()).isEmpty();
    }

    @Test
    void shouldTakeNoPartInARouteConfigurationOfTheHost() throws Exception {
        context().addRoutesConfigurations(new RouteConfigurationBuilder() {
            @Override
            public void configuration() {
                routeConfiguration().onException(Exception.class).handled(true).setBody(constant("handled"));
            }
        });
        context().addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:own").throwException(new IOException("of the host's own"));
            }
        });
        CaptureStatus checkpoint = start("monitor.dedupe.window", "0");

        assertPublishedOnlyWhenTheBrokerIsBack(checkpoint);
        assertThat(template().requestBody("direct:own", "a")).isEqualTo("handled");
    }

    private void assertPublishedOnlyWhenTheBrokerIsBack(CaptureStatus checkpoint) throws Exception {
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        brokerDown.set(true);

        insert(1, "a");
        await().until(() -> confirms.get() >= 2);
        assertThat(checkpoint.published()).isZero();
        rabbitmq.expectedMessageCount(1);
        brokerDown.set(false);

        rabbitmq.assertIsSatisfied();
        await().untilAsserted(() -> assertThat(checkpoint.published()).isEqualTo(1));
        assertThat(checkpoint.failure()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                """
                - onException:
                    handled:
                      constant: "true"
                    exception:
                      - java.lang.Exception
                    steps:
                      - log: handled
                """,
                """
                - routeConfiguration:
                    onException:
                      - onException:
                          handled:
                            constant: "true"
                          exception:
                            - java.lang.Exception
                          steps:
                            - log: handled
                """
            })
    void shouldTakeNoPartInAFileForAllRoutes(String file) throws Exception {
        routes = Files.createDirectories(data.resolve("routes"));
        Files.writeString(routes.resolve("errors.camel.yaml"), file);
        CaptureStatus checkpoint = start("monitor.dedupe.window", "0");

        assertPublishedOnlyWhenTheBrokerIsBack(checkpoint);
    }

    @Test
    void shouldRefuseARouteOfAnOlderFileThatTakesPartInOne() throws Exception {
        context().addRoutesConfigurations(new RouteConfigurationBuilder() {
            @Override
            public void configuration() {
                routeConfiguration().onException(Exception.class).handled(true);
            }
        });
        editRoute("publish", "    routeConfigurationId: mysql-monitor\n", "");

        assertThatThrownBy(this::start)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("route mysql-monitor-send")
                .hasMessageContaining("add the line routeConfigurationId: mysql-monitor");
    }

    @Test
    void shouldTellWhichErrorEndedTheWayOfAWindow() throws Exception {
        context().getRegistry().bind("full", (Processor) exchange -> {
            throw new OutOfMemoryError("thrown by a test");
        });
        editRoute(
                "publish",
                "        - to: direct:mysql-monitor-send\n",
                """
                        - process:
                            ref: full
                        - to: direct:mysql-monitor-send
                """);
        CaptureStatus checkpoint = start("monitor.dedupe.window", "0");

        insert(1, "a");

        await().dontCatchUncaughtExceptions()
                .atMost(Duration.ofSeconds(20))
                .until(() -> checkpoint.failure().isPresent());
        assertThat(checkpoint.failure().orElseThrow()).hasRootCauseInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void shouldSendHeartbeatsAgainAfterAnErrorOfOne() throws Exception {
        AtomicInteger errors = new AtomicInteger(1);
        context().getRegistry().bind("monitorHeartbeat", (Processor) exchange -> {
            if (errors.getAndDecrement() > 0) {
                throw new OutOfMemoryError("thrown by a test");
            }
            exchange.getMessage().setBody(List.of(new Heartbeat()));
        });
        start();
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        rabbitmq.expectedMinimumMessageCount(1);

        rabbitmq.assertIsSatisfied();

        assertThat(errors).hasValueLessThan(0);
    }

    @Test
    void shouldSendHeartbeatAfterIdleTime() throws Exception {
        start("monitor.heartbeat.idle", "1s");
        MockEndpoint rabbitmq = getMockEndpoint("mock:rabbitmq");
        rabbitmq.expectedMinimumMessageCount(1);

        rabbitmq.assertIsSatisfied();

        assertThat(body(rabbitmq, 0)).matches("\\{\"timestamp\":\\d+,\"type\":\"heartbeat\"}");
    }

    /** Puts an edited copy of a route file beside the packed ones. */
    private void editRoute(String name, String from, String to) throws IOException {
        String route = Files.readString(Path.of("routes", name + ".camel.yaml"));
        assertThat(route).contains(from);
        routes = Files.createDirectories(data.resolve("routes"));
        Files.writeString(routes.resolve(name + ".camel.yaml"), route.replace(from, to));
    }

    private void insert(int id, String text) {
        send("c", id, null, row(id, text));
    }

    private void update(int id, String before, String after) {
        send("u", id, row(id, before), row(id, after));
    }

    private void send(String operation, int id, Struct before, Struct after) {
        send(operation, new Struct(KEY).put("id", id), before, after);
    }

    private void send(String operation, Struct key, Struct before, Struct after) {
        position++;
        template().send("direct:binlog", exchange -> {
            exchange.getMessage().setBody(after);
            exchange.getMessage().setHeader(DebeziumConstants.HEADER_OPERATION, operation);
            exchange.getMessage().setHeader(DebeziumConstants.HEADER_BEFORE, before);
            exchange.getMessage().setHeader(DebeziumConstants.HEADER_IDENTIFIER, "mysql-monitor.shop.article");
            exchange.getMessage().setHeader(DebeziumConstants.HEADER_KEY, key);
            exchange.getMessage()
                    .setHeader(
                            DebeziumConstants.HEADER_SOURCE_METADATA,
                            Map.of(
                                    "db", "shop",
                                    "table", "article",
                                    "file", "binlog.000001",
                                    "pos", position,
                                    "row", 0,
                                    "gtid", "g:1",
                                    "ts_ms", 1_539_710_709_000L));
        });
    }

    private static Struct row(int id, String text) {
        return new Struct(ROW).put("id", id).put("text", text);
    }

    private static String body(MockEndpoint endpoint, int index) {
        return endpoint.getExchanges().get(index).getMessage().getBody(String.class);
    }

    /** Stands for {@code PublisherConfirmsPolicy}; counts the blocks it was asked to confirm. */
    private final class CountingPolicy implements Policy {

        @Override
        public void beforeWrap(Route route, NamedNode definition) {}

        @Override
        public Processor wrap(Route route, Processor steps) {
            return exchange -> {
                Confirmation confirmation = exchange.getProperty(Confirmation.PROPERTY, Confirmation.class);
                if (confirmation != null) {
                    confirmation.begin();
                }
                steps.process(exchange);
                confirms.incrementAndGet();
                if (confirmation != null && exchange.getException() == null) {
                    confirmation.confirm();
                }
            };
        }
    }
}

package io.mysqlmonitor.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.mysqlmonitor.servers.TlsCertificates;
import io.mysqlmonitor.testing.CaptureSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class MonitorConfigurationTest {

    private static final Map<String, String> LEAST = Map.of("mysql.user", "monitor", "mysql.password", "secret");

    @TempDir
    private Path directory;

    private final Logger log = (Logger) LoggerFactory.getLogger(MonitorConfiguration.class);
    private final ListAppender<ILoggingEvent> remarks = new ListAppender<>();

    @BeforeEach
    void listen() {
        remarks.start();
        log.setLevel(Level.INFO);
        log.setAdditive(false);
        log.addAppender(remarks);
    }

    @AfterEach
    void stopListening() {
        log.detachAppender(remarks);
        log.setLevel(null);
        log.setAdditive(true);
    }

    @Test
    void shouldHaveDefaultsOfThePredecessor() {
        MonitorConfiguration configuration = MonitorConfiguration.of(LEAST);

        assertThat(configuration.get("rabbitmq.exchange")).isEqualTo("mysql-monitor");
        assertThat(configuration.get("rabbitmq.exchange-type")).isEqualTo("fanout");
        assertThat(configuration.get("rabbitmq.routing-key")).isEqualTo("monitor");
        assertThat(configuration.dedupeWindow()).hasSeconds(2);
        assertThat(configuration.heartbeatIdle()).hasSeconds(30);
    }

    @Test
    void shouldTakeAQuarterOfTheHeapForWhatIsInFlightAndNoMoreThan64Megabytes() {
        assertThat(MonitorProperties.bytesInFlight(100_000_000)).isEqualTo("25000000");
        assertThat(MonitorProperties.bytesInFlight(Long.MAX_VALUE)).isEqualTo("64MB");
    }

    @Test
    void shouldPreferEnvironmentToFile() throws IOException {
        Path file = directory.resolve("application.properties");
        Files.writeString(file, "mysql.host=file\nmysql.user=u\nmysql.ssl-mode=required\n");

        MonitorConfiguration configuration = MonitorConfiguration.load(
                file,
                Map.of(
                        "MYSQL_HOST", "environment",
                        "MYSQL_PASSWORD", "p",
                        "MYSQL_SSL_MODE", "disabled",
                        "MYSQL_ROOT_PASSWORD", "not ours",
                        "DEBEZIUM_MAX_BATCH_SIZE", "17"));

        assertThat(configuration.get("mysql.host")).isEqualTo("environment");
        assertThat(configuration.get("mysql.ssl-mode")).isEqualTo("disabled");
        assertThat(configuration.below("debezium.")).containsEntry("max.batch.size", "17");
    }

    @Test
    void shouldRefuseInTheEnvironmentWhatItRefusesInTheFile() {
        assertThatThrownBy(() -> MonitorConfiguration.load(
                        null,
                        Map.of(
                                "MYSQL_USER", "u",
                                "MYSQL_PASSWORD", "p",
                                "DEBEZIUM_OFFSET_STORAGE", "x",
                                "DEBEZIUM_SNAPSHOT_MODE", "initial")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("debezium.offset.storage cannot be set")
                .hasMessageContaining("debezium.snapshot.mode cannot be set");
    }

    @Test
    void shouldNameEveryMissingProperty() {
        List<String> problems = problems(Map.of());

        assertThat(problems).hasSize(2);
        assertThat(problems.get(0)).isEqualTo("mysql.user is missing in the given properties; set it there");
        assertThat(problems.get(1)).startsWith("mysql.password is missing");
    }

    @Test
    void shouldSayWhereElseAMissingPropertyCanBeSet() throws IOException {
        Path file = Files.writeString(directory.resolve("application.properties"), "mysql.password=p\n");

        assertThatThrownBy(() -> MonitorConfiguration.load(file, Map.of()))
                .hasMessage("mysql.user is missing in " + file + "; set it there or in the environment as MYSQL_USER");
    }

    @Test
    void shouldSayOnceThatThereIsNoFile() {
        String folder = Path.of("").toAbsolutePath().toString();

        assertThatThrownBy(() -> MonitorConfiguration.load(null, Map.of()))
                .hasMessage(
                        "there is no application.properties in " + folder + ", and MYSQL_USER and MYSQL_PASSWORD (or "
                                + "MYSQL_PASSWORD_FILE) are not set; copy application.properties.example to application.properties, or "
                                + "name a file with --config");
        assertThatThrownBy(() -> MonitorConfiguration.load(null, Map.of("MYSQL_PASSWORD", "p")))
                .hasMessageStartingWith(
                        "there is no application.properties in " + folder + ", and MYSQL_USER is not set; copy");
    }

    @ParameterizedTest
    @CsvSource({
        "mysql.hots, did you mean mysql.host?",
        "MySQL.Host, did you mean mysql.host?",
        "mysql.table, did you mean mysql.tables?",
        "rabbitmq.host, use rabbitmq.addresses=host:port",
        "rabbitmq.port, use rabbitmq.addresses=host:port",
        "mysql.url, use mysql.host and mysql.port",
        "mysql.ssl, use mysql.ssl-mode",
        "logging.level, use monitor.log.level",
        "mysql.foo, remove it; properties of your own routes start with",
    })
    void shouldSuggestWhatWasMeant(String name, String suggestion) {
        assertThat(problems(with(name, "x")))
                .singleElement()
                .asString()
                .startsWith("unknown property " + name + " in the given properties; " + suggestion);
    }

    @ParameterizedTest
    @CsvSource({
        "mysql.ssl-mode, verify-ca, did you mean verify_ca?",
        "mysql.ssl-mode, Required, did you mean required?",
        "monitor.on-gap, stopp, did you mean stop?",
        "logging.level.root, inof, 'expected: one of trace, debug, info, warn, error, off'",
        "monitor.on-gap, drop, 'expected: one of stop, latest, earliest'",
        "monitor.operations, drop, 'expected: a comma-separated list of insert, update, delete'",
    })
    void shouldSuggestTheNearestChoice(String name, String value, String end) {
        assertThat(problems(with(name, value))).singleElement().asString().endsWith(end);
    }

    @ParameterizedTest
    @CsvSource({
        "mysql.tables, 'shop.a,[', (Unclosed character class in [)",
        "mysql.columns.truncate, shop.(:3, (Unclosed group in shop.(:3)",
        "monitor.message.key.columns, shop.(:id, (Unclosed group in shop.()",
        "monitor.filter, ${body.value('a') == 1, (expected } but was the end at location 21)",
        "monitor.filter, ${bodi} == 1, (Unknown function: bodi at location 0)",
        "mysql.tables, shop.a\\, (Unterminated escape sequence at the end of the string)",
    })
    void shouldSayWhatAParserSays(String name, String value, String reason) {
        assertThat(problems(with(name, value)))
                .singleElement()
                .asString()
                .contains(" is not valid " + reason + "; expected: ");
    }

    @Test
    void shouldShowNothingThatAParserSaysOfASecret() {
        assertThat(problems(with("mysql.tables", "amqp://user:secret@[")))
                .singleElement()
                .asString()
                .doesNotContain("secret");
    }

    @Test
    void shouldRefuseUnknownProperty() {
        assertThat(problems(with("kafka.topic", "x")).get(0)).startsWith("unknown property kafka.topic");
    }

    @Test
    void shouldLeaveOtherPrefixesAlone() {
        assertThat(MonitorConfiguration.of(with("routes.mine", "x")).get("routes.mine"))
                .isEqualTo("x");
        assertThat(MonitorConfiguration.of(with("camel.main.name", "x")).get("camel.main.name"))
                .isEqualTo("x");
    }

    @Test
    void shouldRefuseConnectorSettingsOnWhichTheGuaranteesRest() {
        assertThat(problems(with("debezium.offset.storage", "x")).get(0)).contains("cannot be set");
        assertThat(problems(with("debezium.schema.history.internal.store.only.captured.tables.ddl", "true"))
                        .get(0))
                .contains("cannot be set");
    }

    @Test
    void shouldRefuseConnectorSettingsThatTheRouteGives() {
        assertThat(problems(with("debezium.snapshot.mode", "initial")).get(0))
                .startsWith("debezium.snapshot.mode cannot be set");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "extended.headers.enabled",
                "schema.history.internal.file.filename",
                "driver.yearIsDateType",
                "driver.netTimeoutForStreamingResults",
                "exact.type",
                "event.processing.failure.handling.mode",
                "snapshot.mode.custom.name",
                "read.only",
                "signal.data.collection",
                "signal.enabled.channels",
                "gtid.source.includes",
                "gtid.source.excludes",
                "transforms",
                "transforms.filter.type",
                "predicates",
                "heartbeat.action.query"
            })
    void shouldRefuseConnectorSettingsThatHaveNoEffectOrBreakThePromise(String name) {
        assertThat(problems(with("debezium." + name, "x")))
                .containsExactly("debezium." + name + " cannot be set: the monitor's guarantees rest on it; remove it");
    }

    @Test
    void shouldRefuseAuthoritiesWithoutTls() throws IOException {
        Path pem = TlsCertificates.createAuthority(directory).authority();
        Map<String, String> properties = with("mysql.ssl-ca", pem.toString());
        properties.put("mysql.ssl-mode", "disabled");
        properties.put("rabbitmq.ssl-ca", pem.toString());

        assertThat(problems(properties))
                .containsExactly(
                        "mysql.ssl-ca has no effect with mysql.ssl-mode=disabled; set verify_ca or verify_identity, or remove "
                                + "mysql.ssl-ca",
                        "rabbitmq.ssl-ca has no effect without TLS; switch it on by rabbitmq.ssl or amqps:// in rabbitmq.uri, or remove it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"preferred", "required"})
    void shouldRefuseAuthoritiesWithTlsThatVerifiesNothing(String mode) throws IOException {
        Map<String, String> properties = with(
                "mysql.ssl-ca",
                TlsCertificates.createAuthority(directory).authority().toString());
        properties.put("mysql.ssl-mode", mode);

        assertThat(problems(properties))
                .containsExactly("mysql.ssl-ca has no effect with mysql.ssl-mode=" + mode
                        + "; set verify_ca or verify_identity, or remove mysql.ssl-ca");
    }

    @Test
    void shouldReadDurationsWithAUnitAndZero() {
        assertThat(MonitorConfiguration.of(with("monitor.dedupe.window", "500ms"))
                        .dedupeWindow())
                .hasMillis(500);
        assertThat(MonitorConfiguration.of(with("monitor.dedupe.window", "0")).dedupeWindow())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"maxBatchSize", "max-batch-size"})
    void shouldRefuseNamesThatTheConnectorDoesNotKnow(String name) {
        assertThat(problems(with("debezium." + name, "7")))
                .containsExactly(
                        "debezium." + name
                                + " cannot be set: it is not a name of the connector, which writes it max.batch.size; use that");
    }

    @Test
    void shouldRefuseTwoNamesForOneList() {
        Map<String, String> properties = with("mysql.tables", "shop.a");
        properties.put("debezium.table.include.list", "shop.b");

        assertThat(problems(properties))
                .containsExactly("debezium.table.include.list duplicates mysql.tables; remove one of them");
    }

    @Test
    void shouldKeepBlanksOfPassword() throws IOException {
        Path file = directory.resolve("application.properties");
        Files.writeString(file, "mysql.user=u \nmysql.password=p \n");

        MonitorConfiguration configuration = MonitorConfiguration.load(file, Map.of());

        assertThat(configuration.get("mysql.user")).isEqualTo("u");
        assertThat(configuration.get("mysql.password")).isEqualTo("p ");
    }

    @ParameterizedTest
    @CsvSource({
        "mysql.port, 0",
        "mysql.port, many",
        "mysql.port, ''",
        "monitor.log.level, loud",
        "monitor.log.format, xml",
        "logging.level.io.debezium, verbose",
        "mysql.server-id, -1",
        "mysql.ssl-mode, yes",
        "mysql.tables, shop.(",
        "monitor.decimal, double",
        "monitor.message.key.columns, shop.audit",
        "monitor.message.key.columns, 'shop.(:id'",
        "monitor.message.key.columns, 'shop.audit:id, seq'",
        "rabbitmq.addresses, localhost",
        "rabbitmq.addresses, 'a:1,b:70000'",
        "rabbitmq.exchange, ''",
        "rabbitmq.exchange, Default",
        "rabbitmq.exchange, '{db}'",
        "rabbitmq.exchange-type, queue",
        "rabbitmq.exchange-arguments, hash-header",
        "rabbitmq.exchange-arguments, alternate-exchange=other",
        "rabbitmq.routing-key, '{table}.{value}'",
        "rabbitmq.declare, maybe",
        "monitor.name, a b",
        "monitor.start, newest",
        "monitor.start, time:yesterday",
        "monitor.start, time:2026-01-31T12:00:00",
        "monitor.start, gtid:1-5",
        "monitor.start, binlog.000003:x",
        "monitor.dedupe.window, soon",
        "monitor.dedupe.window, -1s",
        "monitor.dedupe.window, 2",
        "rabbitmq.confirm-timeout, 60000",
        "monitor.in-flight.bytes, 12XB",
        "monitor.in-flight.rows, 1",
        "monitor.message.include, everything",
        "monitor.message.types, row_insert",
        "mysql.tables.exclude, shop.(",
        "mysql.columns.truncate, shop.article.body",
        "mysql.columns.truncate, shop.(:3",
        "monitor.operations, ''",
        "monitor.operations, 'insert, drop'",
        "monitor.filter, ${bodi} == 1",
        "monitor.filter, ${body} ==",
    })
    void shouldRefuseValueAndSayWhatIsAllowed(String name, String value) {
        List<String> problems = problems(with(name, value));

        assertThat(problems).hasSize(1);
        assertThat(problems.get(0))
                .startsWith(name + "=\"" + value + "\" is not valid")
                .containsPattern("is not valid( \\([^\n]+\\))?; expected: ");
    }

    @ParameterizedTest
    @CsvSource({
        "rabbitmq.alternate-exchange, other, rabbitmq.unroutable, park",
        "rabbitmq.alternate-exchange, other, rabbitmq.declare, false",
        "rabbitmq.unroutable, stop, rabbitmq.declare, false",
        "rabbitmq.exchange-arguments, a=b, rabbitmq.declare, false",
        "rabbitmq.routing-key, same, rabbitmq.exchange-type, x-consistent-hash",
    })
    void shouldRefuseWhatContradicts(String name, String value, String otherName, String otherValue) {
        Map<String, String> properties = with(name, value);
        properties.put(otherName, otherValue);

        assertThat(problems(properties)).singleElement().asString().contains(name, otherName);
    }

    @Test
    void shouldReadTypesOfExchangeArguments() {
        assertThat(MonitorConfiguration.of(with("rabbitmq.exchange-arguments", "a=1, b=true,c=x=y"))
                        .rabbitmq()
                        .exchangeArguments())
                .isEqualTo(Map.of("a", 1L, "b", true, "c", "x=y"));
    }

    @Test
    void shouldMakeOneListOfWhatToWatchAndWhatToLeaveOut() {
        Map<String, String> properties = with("mysql.tables", "shop.order.*, shop\\.user|crm\\.user");
        properties.put("mysql.tables.exclude", "shop.order_tmp, .*_old");

        Map<String, String> connector = connector(properties);

        assertThat(connector).doesNotContainKey("table.exclude.list");
        List<String> patterns = Patterns.split(connector.get("table.include.list"));
        assertThat(List.of("shop.orders", "shop.order", "shop.user", "crm.user", "shop.order_tmp2"))
                .allMatch(table -> patterns.stream().anyMatch(table::matches));
        assertThat(List.of("shop.order_tmp", "shop.orders_old", "crm.users", "shop.users"))
                .noneMatch(table -> patterns.stream().anyMatch(table::matches));
    }

    @Test
    void shouldHashWithASaltThatIsNotShown() {
        Map<String, String> properties = with("mysql.columns.hash", "shop.user.mail");
        assertThat(problems(properties).get(0)).startsWith("mysql.columns.hash.salt is missing");

        properties.put("mysql.columns.hash.salt", "secret salt");
        MonitorConfiguration configuration = MonitorConfiguration.of(properties);

        assertThat(configuration.placeholders()).doesNotContainValue("secret salt");
        assertThat(configuration.columnMasks().toString()).doesNotContain("secret salt");
    }

    @Test
    void shouldNotShowPassword() {
        Map<String, String> properties = with("mysql.password", "");

        assertThat(problems(properties))
                .containsExactly(
                        "mysql.password is empty; set it, or name a file that holds it with mysql.password-file");
        assertThat(MonitorConfiguration.of(LEAST).toString()).doesNotContain("secret");
        assertThat(MonitorConfiguration.of(LEAST).placeholders()).doesNotContainValue("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"amqp://user:secret@mq", "user:secret@mq:5672", "amqps://user:secret@mq:5671/vhost,mq2:5671"})
    void shouldShowNoPasswordOfAnAddress(String addresses) {
        assertThat(problems(with("rabbitmq.addresses", addresses)))
                .singleElement()
                .asString()
                .startsWith("rabbitmq.addresses=(not shown) is not valid; expected: host:port")
                .doesNotContain("secret");
        assertThat(problems(with("monitor.start", addresses)))
                .allSatisfy(problem -> assertThat(problem).doesNotContain("secret"));
    }

    @Test
    void shouldIgnoreWhatKubernetesPutsIntoTheEnvironment() throws IOException {
        Path file = directory.resolve("application.properties");
        Files.writeString(file, "mysql.user=u\nmysql.password=p\nmysql.port=3307\n");

        MonitorConfiguration configuration = MonitorConfiguration.load(
                file,
                Map.of(
                        "MYSQL_PORT", "tcp://10.43.7.2:3306",
                        "MYSQL_PORT_3306_TCP_ADDR", "10.43.7.2",
                        "MYSQL_SERVICE_HOST", "10.43.7.2",
                        "MYSQL_SERVICE_PORT_MYSQL", "3306",
                        "MONITOR_HTTP_PORT", "tcp://10.43.7.9:80",
                        "RABBITMQ_PORT", "tcp://10.43.7.3:5672",
                        "DEBEZIUM_OFFSET_PORT", "tcp://10.43.7.4:8083",
                        "DEBEZIUM_OFFSET_SERVICE_HOST", "10.43.7.4",
                        "DEBEZIUM_OFFSET_PORT_8083_TCP", "tcp://10.43.7.4:8083"));

        assertThat(configuration.get("mysql.port")).isEqualTo("3307");
        assertThat(configuration.get("monitor.http.port")).isEqualTo("8090");
        assertThat(configuration.below("debezium.")).isEmpty();
    }

    @Test
    void shouldSayHowToLogBeforeItLogs() {
        List<LogSettings> told = new ArrayList<>();

        MonitorConfiguration.load(
                null,
                Map.of(
                        "MYSQL_USER", "u",
                        "MYSQL_PASSWORD", "p",
                        "MYSQL_PORT", "tcp://10.43.7.2:3306",
                        "MONITOR_LOG_LEVEL", "DEBUG",
                        "MONITOR_LOG_FORMAT", "json",
                        "LOGGING_LEVEL_IO_DEBEZIUM", "Off"),
                settings -> {
                    assertThat(remarks.list).isEmpty();
                    told.add(settings);
                });

        assertThat(told).containsExactly(new LogSettings("debug", true, Map.of("io.debezium", "off")));
        assertThat(remarks.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .singleElement()
                .asString()
                .startsWith("MYSQL_PORT=tcp://10.43.7.2:3306 in the environment describes a service of Kubernetes");
    }

    @Test
    void shouldRefuseAPortOfTheEnvironmentThatIsNone() {
        assertThatThrownBy(() -> MonitorConfiguration.load(
                        null, Map.of("MYSQL_USER", "u", "MYSQL_PASSWORD", "p", "MYSQL_PORT", "many")))
                .hasMessageContaining("mysql.port=\"many\" is not valid");
    }

    @Test
    void shouldSplitListsAtCommasThatAreNotEscaped() {
        Map<String, String> properties = with("mysql.tables", "shop.order_\\d{1\\,3}, shop\\.a+");
        properties.put("mysql.tables.exclude", "shop.order_\\d{2\\,2}");
        properties.put("mysql.columns.truncate", "shop.order_\\d{1\\,3}.note:5");

        List<String> patterns = Patterns.split(connector(properties).get("table.include.list"));
        assertThat(List.of("shop.order_1", "shop.order_123", "shop.aa"))
                .allMatch(table -> patterns.stream().anyMatch(table::matches));
        assertThat(List.of("shop.order_12", "shop.order_1234"))
                .noneMatch(table -> patterns.stream().anyMatch(table::matches));
        assertThat(problems(with("mysql.tables", "shop.order_\\d{1,3}")))
                .singleElement()
                .asString()
                .contains("within an expression a comma is written \\,");
    }

    @Test
    void shouldRefuseFileThatDoesNotExist() {
        assertThatThrownBy(() -> MonitorConfiguration.load(directory.resolve("none.properties"), Map.of()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("does not exist");
    }

    @Test
    void shouldRefuseFileThatIsNoText() throws IOException {
        Path file = directory.resolve("application.properties");
        Files.write(file, new byte[] {'a', '=', (byte) 0xff, (byte) 0xfe});

        assertThatThrownBy(() -> MonitorConfiguration.load(file, Map.of())).hasMessageContaining("not UTF-8");
    }

    @Test
    void shouldKeepServerIdOfMonitor() {
        String one = MonitorConfiguration.of(LEAST).get("mysql.server-id");

        assertThat(MonitorConfiguration.of(LEAST).get("mysql.server-id")).isEqualTo(one);
        assertThat(MonitorConfiguration.of(with("monitor.name", "other")).get("mysql.server-id"))
                .isNotEqualTo(one);
    }

    private static Map<String, String> connector(Map<String, String> properties) {
        return CaptureSettings.of(MonitorConfiguration.of(properties));
    }

    private static Map<String, String> with(String name, String value) {
        Map<String, String> properties = new HashMap<>(LEAST);
        properties.put(name, value);
        return properties;
    }

    private static List<String> problems(Map<String, String> properties) {
        return catchThrowableOfType(ConfigurationException.class, () -> MonitorConfiguration.of(properties))
                .problems();
    }
}

package io.mysqlmonitor.operation;

import static io.mysqlmonitor.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.config.Certificates;
import io.mysqlmonitor.server.MysqlServer;
import io.mysqlmonitor.server.MysqlSettings;
import io.mysqlmonitor.servers.DatabaseServer;
import io.mysqlmonitor.servers.TlsCertificates;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same on every server that can be had and with every setting that changes what its binary log looks like or how one gets to
 * it: each kind of change, a failure in the middle of a transaction, a clean restart, a restart from an old position, heartbeats.
 */
class ServersMatrixIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<Kind, DatabaseServer> RUNNING = new EnumMap<>(Kind.class);

    /** In one transaction of five row events. */
    private static final List<String> TRANSACTION = List.of(
            "BEGIN",
            "INSERT INTO item VALUES (1, 'ä😀', 1.50, 18446744073709551615, 'b', 0x00FF, '2018-01-01 12:30:00', NULL),"
                    + " (2, 'two', NULL, 2, 'a', NULL, '2018-01-01 12:30:00', 2.5),"
                    + " (3, 'three', 0, 3, 'a', '', '2018-01-01 12:30:00', 3.5)",
            "INSERT INTO item (id, name) VALUES (4, 'four'), (5, 'five')",
            "UPDATE item SET name = CONCAT(name, '!') WHERE id IN (1, 2)",
            "UPDATE item SET id = 40 WHERE id = 4",
            "DELETE FROM item WHERE id = 5",
            "COMMIT");

    private static final List<String> MESSAGES = List.of(
            "row_insert 1",
            "row_insert 2",
            "row_insert 3",
            "row_insert 4",
            "row_insert 5",
            "row_update 1",
            "row_update 2",
            "row_delete 4",
            "row_insert 40",
            "row_delete 5");

    @TempDir
    private static Path certificatesFolder;

    private static TlsCertificates certificates;

    @TempDir
    private Path directory;

    private Scene scene;
    private RunningMonitor monitor;
    private boolean refused;

    /** A server, with what it is started with and cannot be changed later. */
    private enum Kind {
        MYSQL,
        MYSQL_56,
        MYSQL_56_GTID,
        MARIADB_10_11,
        MARIADB_11_4;

        DatabaseServer start() {
            return switch (this) {
                case MYSQL -> DatabaseServer.mysql(certificates, "--log-bin=shop-log.v1", "--log-replica-updates=OFF");
                case MYSQL_56 -> DatabaseServer.mysql56("--log-bin=mysql-bin", "--binlog-format=ROW");
                case MYSQL_56_GTID -> DatabaseServer.mysql56(
                        "--log-bin=mysql-bin",
                        "--binlog-format=ROW",
                        "--gtid-mode=ON",
                        "--enforce-gtid-consistency",
                        "--log-slave-updates");
                case MARIADB_10_11 -> DatabaseServer.mariadb(
                        certificates, "--log-bin=mariadb-bin", "--binlog-format=ROW");
                case MARIADB_11_4 -> DatabaseServer.embeddedMariadb(certificates);
            };
        }
    }

    /**
     * A row of the matrix.
     *
     * @param globals statements that make the setting, and those that undo it
     * @param settings the monitor's
     */
    private record Row(
            Kind kind, String setting, List<String> globals, List<String> undo, Map<String, String> settings) {

        Row(Kind kind, String setting) {
            this(kind, setting, List.of(), List.of(), Map.of());
        }

        static Row global(Kind kind, String variable, String value, String usual) {
            return new Row(
                    kind,
                    variable + '=' + value,
                    List.of("SET GLOBAL " + variable + " = " + value),
                    List.of("SET GLOBAL " + variable + " = " + usual),
                    Map.of());
        }

        static Row ssl(Kind kind, String mode) {
            return new Row(
                    kind,
                    "require_secure_transport=ON, mysql.ssl-mode=" + mode,
                    List.of("SET GLOBAL require_secure_transport = ON"),
                    List.of("SET GLOBAL require_secure_transport = OFF"),
                    mode.startsWith("verify")
                            ? Map.of(
                                    "mysql.ssl-mode",
                                    mode,
                                    "mysql.ssl-ca",
                                    certificates.authority().toString())
                            : Map.of("mysql.ssl-mode", mode));
        }

        Row and(Row other) {
            List<String> both = new ArrayList<>(globals);
            both.addAll(other.globals);
            List<String> undoBoth = new ArrayList<>(other.undo);
            undoBoth.addAll(undo);
            Map<String, String> all = new LinkedHashMap<>(settings);
            all.putAll(other.settings);
            return new Row(kind, setting + ", " + other.setting, both, undoBoth, all);
        }

        @Override
        public String toString() {
            return kind + ": " + setting;
        }
    }

    static Stream<Row> rows() {
        Row withoutGtids = new Row(
                Kind.MYSQL,
                "gtid_mode=OFF",
                List.of(
                        "SET GLOBAL gtid_mode = ON_PERMISSIVE",
                        "SET GLOBAL gtid_mode = OFF_PERMISSIVE",
                        "SET GLOBAL gtid_mode = OFF"),
                List.of(
                        "SET GLOBAL gtid_mode = OFF_PERMISSIVE",
                        "SET GLOBAL gtid_mode = ON_PERMISSIVE",
                        "SET GLOBAL gtid_mode = ON",
                        "FLUSH BINARY LOGS"), // no reader by GTID gets past a transaction without one
                Map.of());
        Row compression = Row.global(Kind.MYSQL, "binlog_transaction_compression", "ON", "OFF");
        Row withoutTls = new Row(
                Kind.MYSQL,
                "caching_sha2_password, mysql.ssl-mode=disabled",
                List.of("FLUSH PRIVILEGES"), // forgets who has logged in
                List.of(),
                Map.of("mysql.ssl-mode", "disabled"));
        return Stream.of(
                new Row(Kind.MYSQL, "as it comes (gtid_mode=ON)"),
                withoutGtids,
                withoutTls,
                Row.ssl(Kind.MYSQL, "required"),
                Row.ssl(Kind.MYSQL, "verify_ca"),
                Row.ssl(Kind.MYSQL, "verify_identity"),
                Row.global(Kind.MYSQL, "binlog_row_metadata", "FULL", "MINIMAL")
                        .and(Row.global(Kind.MYSQL, "binlog_checksum", "NONE", "CRC32")),
                compression,
                withoutGtids.and(compression),
                Row.global(Kind.MYSQL_56, "binlog_checksum", "NONE", "CRC32"),
                new Row(Kind.MYSQL_56_GTID, "gtid_mode=ON"),
                new Row(Kind.MARIADB_10_11, "as it comes"),
                Row.ssl(Kind.MARIADB_10_11, "verify_identity"),
                Row.global(Kind.MARIADB_10_11, "binlog_row_metadata", "FULL", "NO_LOG")
                        .and(Row.global(Kind.MARIADB_10_11, "binlog_checksum", "NONE", "CRC32")),
                new Row(Kind.MARIADB_11_4, "as it comes"),
                Row.ssl(Kind.MARIADB_11_4, "verify_identity"));
    }

    @BeforeAll
    static void makeCertificates() {
        certificates = TlsCertificates.create(certificatesFolder);
    }

    @AfterAll
    static void stopServers() {
        RUNNING.values().forEach(DatabaseServer::close);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void shouldPublishEachChangeOnceAndGoOnAnywhere(Row row) throws Exception {
        DatabaseServer server = RUNNING.computeIfAbsent(row.kind(), Kind::start);
        Instant begin = Instant.now();
        execute(server, row.globals());
        try {
            prepare(server);
            publishEachChangeOnceAndGoOnAnywhere(pairs(row.settings()));
        } finally {
            if (scene != null) {
                monitor.stopContext();
                scene.close();
            }
            execute(server, row.undo());
        }
        System.err.println("Servers: " + server + ", " + row.setting() + ": all right after "
                + Duration.between(begin, Instant.now()).toSeconds() + " s");
    }

    @ParameterizedTest
    @EnumSource(names = {"MYSQL_56", "MARIADB_10_11"})
    void shouldStopWhereNothingTellsTheCharacterSetOfText(Kind kind) throws Exception {
        DatabaseServer server = RUNNING.computeIfAbsent(kind, Kind::start);
        prepare(server);
        try {
            monitor.start();
            scene.sql(
                    "ALTER DATABASE " + scene.database() + " COLLATE latin1_bin",
                    "CREATE TABLE item (id INT PRIMARY KEY, v VARCHAR(9), u VARCHAR(9) COLLATE utf8mb4_bin)",
                    "INSERT INTO item VALUES (1, 'é', '😀')",
                    "ALTER TABLE item DEFAULT CHARACTER SET latin1 COLLATE latin1_bin", // as it is
                    "ALTER TABLE item ADD w VARCHAR(9)",
                    "INSERT INTO item VALUES (2, 'é', '😀', 'ö')");
            assertThat(scene.awaitChanges(2))
                    .satisfiesExactly(
                            message -> assertThat(message.body()).contains("\"v\":\"é\",\"u\":\"😀\""),
                            message -> assertThat(message.body()).contains("\"v\":\"é\",\"u\":\"😀\",\"w\":\"ö\""));

            scene.sql("ALTER TABLE item ADD x VARCHAR(9) NOT NULL COLLATE gbk_bin");
            scene.sql("INSERT INTO item VALUES (3, 'é', '😀', 'ö', '汉')");

            assertThat(monitor.awaitHalt()).contains(".item", "COLLATE gbk_bin");
            scene.awaitChanges(2);
        } finally {
            monitor.stopContext();
            scene.close();
        }
    }

    @Test
    void shouldRefuseCompressedEventsOfMariadb() throws Exception {
        DatabaseServer server = RUNNING.computeIfAbsent(Kind.MARIADB_10_11, Kind::start);
        execute(server, List.of("SET GLOBAL log_bin_compress = ON"));

        List<String> problems = monitored(server, server.address().host(), "preferred", null)
                .status(Optional.empty())
                .problems();

        execute(server, List.of("SET GLOBAL log_bin_compress = OFF"));
        assertThat(problems).singleElement().asString().contains("run SET GLOBAL log_bin_compress = OFF");
    }

    @Test
    void shouldRefuseAReplicaThatDoesNotLogWhatItReplicates() throws Exception {
        DatabaseServer server = RUNNING.computeIfAbsent(Kind.MYSQL, Kind::start);
        MysqlServer monitored = monitored(server, server.address().host(), "preferred", null);
        assertThat(monitored.problems()).isEmpty();
        execute(server, List.of("CHANGE REPLICATION SOURCE TO SOURCE_HOST = 'nowhere'"));

        List<String> problems = monitored.problems();

        execute(server, List.of("RESET REPLICA ALL"));
        assertThat(problems).singleElement().asString().contains("--log-replica-updates");
    }

    @Test
    void shouldSayWhatIsWrongWithTls() throws Exception {
        DatabaseServer server = RUNNING.computeIfAbsent(Kind.MYSQL, Kind::start);
        Path trusted = directory.resolve("trusted.p12");
        Certificates.write(certificates.authority(), trusted, MysqlSettings.TRUST_STORE_PASSWORD);

        assertThat(refusal(server, "127.0.0.1", "verify_ca", null)).contains("mysql.ssl-ca");
        assertThat(refusal(server, "127.0.0.2", "verify_identity", trusted)).contains("mysql.ssl-mode=verify_ca");
        execute(server, List.of("SET GLOBAL require_secure_transport = ON"));
        assertThat(refusal(server, "127.0.0.1", "disabled", null)).contains("set mysql.ssl-mode=required");
        execute(server, List.of("SET GLOBAL require_secure_transport = OFF"));
    }

    @Test
    void shouldSayThatAnAddressIsNoNameInACertificate() throws Exception {
        DatabaseServer server = RUNNING.computeIfAbsent(Kind.MYSQL, Kind::start);
        prepare(server);
        try {
            monitor.begin(
                    "mysql.host",
                    TlsCertificates.ADDRESS,
                    "mysql.ssl-mode",
                    "verify_identity",
                    "mysql.ssl-ca",
                    certificates.authority().toString());
            Throwable failure = await().until(() -> monitor.status().failure(), Optional::isPresent)
                    .orElseThrow();

            assertThat(monitored(server, TlsCertificates.ADDRESS, "verify_identity", null)
                            .engineProblem(failure))
                    .contains("no IP addresses: set mysql.host to a name");
        } finally {
            monitor.stopContext();
            scene.close();
        }
    }

    @Test
    void shouldSayThatTheServerHasNoTls() {
        DatabaseServer server = RUNNING.computeIfAbsent(Kind.MYSQL_56, Kind::start);

        assertThat(refusal(server, "127.0.0.1", "required", null)).contains("set mysql.ssl-mode=preferred");
    }

    private static String refusal(DatabaseServer server, String host, String sslMode, Path trustStore) {
        MysqlServer monitored = monitored(server, host, sslMode, trustStore);
        return monitored.problem(catchThrowableOfType(SQLException.class, () -> monitored.status(Optional.empty())));
    }

    private static MysqlServer monitored(DatabaseServer server, String host, String sslMode, Path trustStore) {
        return new MysqlServer(new MysqlSettings(
                host,
                server.address().port(),
                server.address().user(),
                server.address().password(),
                sslMode,
                trustStore,
                null,
                "4711"));
    }

    private void publishEachChangeOnceAndGoOnAnywhere(String... settings) throws Exception {
        scene.sql("CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(20), price DECIMAL(10,2), big BIGINT UNSIGNED,"
                + " kind ENUM('a','b'), photo BLOB, made TIMESTAMP NULL, weight DOUBLE) DEFAULT CHARSET utf8mb4");
        monitor.start(settings);
        byte[] old = Files.readAllBytes(checkpoint());
        scene.sql(TRANSACTION.toArray(String[]::new));
        List<Received> messages = scene.awaitChanges(MESSAGES.size());
        assertThat(messages).extracting(ServersMatrixIT::summary).containsExactlyElementsOf(MESSAGES);
        assertThat(messages).extracting(ServersMatrixIT::id).doesNotHaveDuplicates();
        assertThat(monitor.status().restarts()).isEqualTo(1);
        assertBodies(messages);
        // Behind all that may have been published, which the engine tells with its next sign of life.
        await().until(() -> !Files.readString(checkpoint()).contains("\"row\""));

        monitor.stopContext();
        assertThat(Files.readString(checkpoint())).contains("\"clean\" : true");
        scene.sql("INSERT INTO item (id, name) VALUES (6, 'six')");
        monitor.start(settings);
        assertThat(summary(scene.awaitChanges(MESSAGES.size() + 1).get(MESSAGES.size())))
                .isEqualTo("row_insert 6");

        monitor.stopContext();
        Files.write(checkpoint(), old);
        monitor.start(settings);
        List<Received> all = scene.awaitChanges(2 * (MESSAGES.size() + 1));
        assertThat(all.subList(MESSAGES.size() + 1, all.size()))
                .extracting(ServersMatrixIT::id)
                .containsExactlyElementsOf(all.subList(0, MESSAGES.size() + 1).stream()
                        .map(ServersMatrixIT::id)
                        .toList());
        int before = scene.received().size();
        await().until(() ->
                scene.received().stream().skip(before).anyMatch(message -> "heartbeat".equals(message.type())));
        assertThat(monitor.status().isAlive()).isTrue();
    }

    private void assertBodies(List<Received> messages) throws IOException {
        assertThat(messages.get(0).body())
                .endsWith("\"values\":{\"id\":1,\"name\":\"ä😀\",\"price\":\"1.50\",\"big\":18446744073709551615,"
                        + "\"kind\":\"b\",\"photo\":\"AP8=\",\"made\":\"2018-01-01T12:30:00Z\",\"weight\":null}}");
        assertThat(messages.get(5).body())
                .endsWith("\"before_values\":{\"name\":\"ä😀\"},\"after_values\":{\"name\":\"ä😀!\"}}");
        assertThat(messages.get(9).body()).endsWith("\"keys\":{\"id\":5}}");
    }

    private void prepare(DatabaseServer server) throws Exception {
        scene = new Scene(directory, server.withBroker());
        monitor = new RunningMonitor(
                scene,
                "monitor.dedupe.window",
                "0",
                "monitor.heartbeat.idle",
                "1s",
                "debezium.max.batch.size",
                "1"); // the engine tells its place after each change
        monitor.wrapTransform(this::refuseOnce);
    }

    private static String[] pairs(Map<String, String> settings) {
        return settings.entrySet().stream()
                .flatMap(setting -> Stream.of(setting.getKey(), setting.getValue()))
                .toArray(String[]::new);
    }

    private Path checkpoint() {
        return scene.data().resolve("checkpoint.json");
    }

    /** Fails once, at the second row of the third row event, after all before is confirmed. */
    private Processor refuseOnce(Processor real) {
        return exchange -> {
            real.process(exchange);
            if (exchange.getMessage().getBody() instanceof RowChange change
                    && change.type() == ChangeType.UPDATE
                    && change.keyValues().contains(2)
                    && !refused) {
                monitor.awaitInFlight(0);
                refused = true;
                throw new IOException("not now");
            }
        };
    }

    private static void execute(DatabaseServer server, List<String> statements) throws SQLException {
        try (Connection connection = server.address().connect();
                Statement sql = connection.createStatement()) {
            for (String statement : statements) {
                sql.execute(statement);
            }
        }
    }

    private static String summary(Received message) {
        try {
            JsonNode keys = JSON.readTree(message.body()).get("keys");
            return message.type() + ' ' + keys.get("id").asInt();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String id(Received message) {
        return message.properties().getMessageId();
    }
}

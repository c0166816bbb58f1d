package io.mysqlmonitor.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.change.BinlogPosition;
import io.mysqlmonitor.config.ConfigurationException;
import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.server.MysqlServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.LoggingExceptionHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the connector gets at each start, and that each setting among it either is refused or takes effect. */
class EngineSettingsTest {

    private static final String ANOTHER = "1234567"; // also a number, and larger than any default

    private final TimeZone ofThisMachine = TimeZone.getDefault();

    private enum Server {
        PLAIN,
        ENCRYPTED,
        GTIDS,
        TAGGED,
        MARIADB;

        private MysqlServer.Status status() {
            BinlogPosition none = new BinlogPosition("", 0, "");
            return new MysqlServer.Status(
                    name(),
                    this == MARIADB,
                    this == GTIDS,
                    this == TAGGED,
                    this == ENCRYPTED,
                    List.of(),
                    none,
                    none,
                    true,
                    "",
                    true);
        }
    }

    private record Start(Server server, EngineStart.Reads reads, boolean tableSnapshot, String zone) {

        /** The settings of the engine. */
        Map<String, String> settings(String... more) {
            TimeZone.setDefault(TimeZone.getTimeZone(zone));
            Map<String, String> properties = new HashMap<>(Map.of("mysql.user", "u", "mysql.password", "p"));
            for (int i = 0; i < more.length; i += 2) {
                properties.put(more[i], more[i + 1]);
            }
            try (DefaultCamelContext context = new DefaultCamelContext()) {
                CaptureEndpoint endpoint = CaptureEndpoint.create(
                        context,
                        "debezium-mysql:any",
                        MonitorConfiguration.of(properties).connector(),
                        new LoggingExceptionHandler(context, EngineSettingsTest.class));
                endpoint.prepare(server.status(), tableSnapshot);
                switch (reads) {
                    case NOTHING -> endpoint.readNothing();
                    case SCHEMA -> endpoint.readSchema();
                    case TABLES -> endpoint.readTables(Duration.ofSeconds(7));
                }
                Properties settings = endpoint.engineProperties(cause -> {});
                endpoint.stop();
                Map<String, String> all = new HashMap<>();
                settings.forEach((name, value) -> all.put((String) name, (String) value));
                return all;
            } catch (ConfigurationException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    static Stream<Start> starts() {
        List<Start> starts = new ArrayList<>();
        for (Server server : Server.values()) {
            for (EngineStart.Reads reads : EngineStart.Reads.values()) {
                for (String zone : List.of("UTC", "Europe/Berlin")) {
                    starts.add(new Start(server, reads, false, zone));
                    starts.add(new Start(server, reads, true, zone));
                }
            }
        }
        return starts.stream();
    }

    @AfterEach
    void tearDown() {
        TimeZone.setDefault(ofThisMachine);
    }

    @ParameterizedTest
    @MethodSource("starts")
    void shouldRefuseEachSettingThatTheMonitorDecides(Start start) {
        Set<String> accepted = new TreeSet<>();
        for (String name : start.settings().keySet()) {
            if (ConnectorSettings.refusal(name).isEmpty()) {
                accepted.add(name);
            }
        }
        List<String> given = new ArrayList<>();
        accepted.forEach(name -> given.addAll(List.of("debezium." + name, ANOTHER)));

        Map<String, String> settings = start.settings(given.toArray(String[]::new));

        assertThat(accepted).contains("max.batch.size", "max.queue.size");
        assertThat(accepted).allSatisfy(name -> assertThat(settings).containsEntry(name, ANOTHER));
    }

    @Test
    void shouldTakeTheThreadsOfASnapshotFromTheUser() {
        Start start = new Start(Server.PLAIN, EngineStart.Reads.SCHEMA, false, "UTC");

        assertThat(start.settings()).containsEntry("snapshot.max.threads", "4");
        assertThat(start.settings("debezium.snapshot.max.threads", "2")).containsEntry("snapshot.max.threads", "2");
    }

    @ParameterizedTest
    @EnumSource(EngineStart.Reads.class)
    void shouldReadBeforeTheBinaryLogWhatItIsToldTo(EngineStart.Reads reads) {
        Map<String, String> settings = new Start(Server.PLAIN, reads, false, "UTC").settings();

        assertThat(settings)
                .containsEntry(
                        "snapshot.mode",
                        Map.of(
                                        EngineStart.Reads.NOTHING, "no_data",
                                        EngineStart.Reads.SCHEMA, "recovery",
                                        EngineStart.Reads.TABLES, "custom")
                                .get(reads))
                .containsEntry("snapshot.mode.custom.name", "mysql-monitor")
                .containsEntry("snapshot.delay.ms", reads == EngineStart.Reads.TABLES ? "7000" : "0")
                .containsEntry("snapshot.max.threads", reads == EngineStart.Reads.SCHEMA ? "4" : "1");
    }

    @ParameterizedTest
    @CsvSource({
        "PLAIN, preferred, disabled",
        "ENCRYPTED, preferred, required",
        "ENCRYPTED, disabled, disabled",
        "PLAIN, verify_ca, verify_ca",
        "MARIADB, preferred, disable",
        "MARIADB, disabled, disable",
        "MARIADB, required, trust",
        "MARIADB, verify_ca, verify-ca",
        "MARIADB, verify_identity, verify-full",
    })
    void shouldNameTheModeOfTlsAsTheConnectorDoes(Server server, String mode, String expected) {
        Start start = new Start(server, EngineStart.Reads.NOTHING, false, "UTC");

        assertThat(start.settings("mysql.ssl-mode", mode)).containsEntry("database.ssl.mode", expected);
    }

    @ParameterizedTest
    @CsvSource({
        "PLAIN, UTC, com.mysql.cj.jdbc.Driver",
        "PLAIN, Europe/Berlin, io.mysqlmonitor.capture.WallClockDriver",
        "TAGGED, UTC, io.mysqlmonitor.capture.GtidModeOffDriver",
        "TAGGED, Europe/Berlin, io.mysqlmonitor.capture.GtidModeOffDriver",
    })
    void shouldChooseTheDriverByTheServerAndTheZone(Server server, String zone, String driver) {
        assertThat(new Start(server, EngineStart.Reads.NOTHING, false, zone).settings())
                .containsEntry("database.jdbc.driver", driver);
    }

    /** Debezium's read-only connection costs time at each row. */
    @Test
    void shouldReadATableBesideTheBinaryLogByGtidsAlone() {
        assertThat(new Start(Server.GTIDS, EngineStart.Reads.NOTHING, true, "UTC").settings())
                .containsEntry("read.only", "true");
        assertThat(new Start(Server.GTIDS, EngineStart.Reads.NOTHING, false, "UTC").settings())
                .containsEntry("read.only", "false");
        assertThat(new Start(Server.PLAIN, EngineStart.Reads.NOTHING, true, "UTC").settings())
                .containsEntry("read.only", "false");
    }

    @Test
    void shouldRunTheConnectorOfMariadb() {
        assertThat(new Start(Server.MARIADB, EngineStart.Reads.NOTHING, false, "UTC").settings())
                .containsEntry("connector.class", "io.debezium.connector.mariadb.MariaDbConnector")
                .containsEntry("exact.json.text", "true")
                .containsEntry("driver.connectionTimeZone", "UTC")
                .containsEntry("driver.forceConnectionTimeZoneToSession", "true")
                .containsEntry("driver.preserveInstants", "true");
        assertThat(new Start(Server.PLAIN, EngineStart.Reads.NOTHING, false, "UTC").settings())
                .containsEntry("connector.class", "io.debezium.connector.mysql.MySqlConnector")
                .doesNotContainKeys("exact.json.text", "driver.connectionTimeZone");
    }

    @Test
    void shouldLetTheConnectorRefuseASizeThatIsNoNumber() {
        Start start = new Start(Server.PLAIN, EngineStart.Reads.NOTHING, false, "UTC");

        assertThat(start.settings("debezium.max.batch.size", "many"))
                .containsEntry("max.batch.size", "many")
                .containsEntry("max.queue.size", "2048");
    }

    @Test
    void shouldLetTheDriverReadRowByRow() {
        Start start = new Start(Server.PLAIN, EngineStart.Reads.TABLES, false, "UTC");

        assertThat(start.settings()).doesNotContainKey("snapshot.fetch.size");
        assertThat(start.settings("debezium.snapshot.fetch.size", "0")).containsEntry("snapshot.fetch.size", "0");
    }
}

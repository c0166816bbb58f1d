package io.mysqlmonitor.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.debezium.relational.history.MemorySchemaHistory;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouteParametersTest {

    private static final String ENDPOINT = "debezium-mysql:{{mysql-monitor:monitor.name}}";

    private final ConnectorSettings settings = new ConnectorSettings(
            Map.of("monitor.name", "monitor", "mysql.user", "u"),
            new ConnectorSettings.Storage(
                    MemoryOffsetBackingStore.class, Path.of("none"), MemorySchemaHistory.class, Path.of("none")),
            Map.of("max.batch.size", "100"));

    @Test
    void shouldKeepWhatNothingElseDecides() {
        RouteParameters parameters = RouteParameters.of(
                ENDPOINT + "?pollIntervalMs=50&additionalProperties.setting.of.a.plugin=a=b", settings);

        assertThat(parameters.names()).containsExactly("pollIntervalMs", "additionalProperties.setting.of.a.plugin");
        assertThat(parameters.uri("debezium-mysql:x"))
                .isEqualTo("debezium-mysql:x?pollIntervalMs=50&additionalProperties.setting.of.a.plugin=a=b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "?heartbeatIntervalMs=77", // fixed
                "?snapshotMode=initial",
                "?databaseUser=someone", // the monitor's own
                "?maxBatchSize=7", // given as debezium.max.batch.size
                "?readOnly=true", // set at each start
                "?databaseJdbcDriver=a.Driver",
                "?additionalProperties.snapshot.delay.ms=7",
                "?databaseSslTruststorePassword=p",
                "?exceptionHandler=#x",
                "?tableIncludeList={{?mysql.tables}}", // a placeholder of the first versions
                "?tableIncludeList={{mysql-monitor:?mysql.tables}}"
            })
    void shouldKeepNothingOfWhatSomethingElseDecides(String parameters) {
        assertThat(RouteParameters.of(ENDPOINT + parameters, settings).uri("debezium-mysql:x"))
                .isEqualTo("debezium-mysql:x");
    }
}

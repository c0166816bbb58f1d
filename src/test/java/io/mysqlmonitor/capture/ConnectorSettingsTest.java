package io.mysqlmonitor.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.config.MonitorConfiguration;
import io.mysqlmonitor.testing.CaptureSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConnectorSettingsTest {

    static Stream<String> texts() {
        Stream<String> characters = IntStream.rangeClosed('!', '~').mapToObj(Character::toString);
        return Stream.concat(
                        characters, Stream.of("ö", "😀", "{{", "}}", "{{mysql.host}}", "${body}", "RAW(", "RAW(a&b)"))
                .map(text -> "a" + text + "b");
    }

    @ParameterizedTest
    @MethodSource("texts")
    void shouldReachTheConnectorAsTheyAre(String text) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "mysql.host", text,
                "mysql.user", text,
                "mysql.password", text,
                "monitor.data", "data/" + text.replace('/', '_'),
                "debezium.database.initial.statements", text,
                "debezium.setting.of.a.plugin", text));
        String pattern = "\\Q" + text.replace(",", "\\,") + "\\E";
        List<String> lists = List.of("mysql.databases", "mysql.tables.exclude", "mysql.columns.exclude");
        lists.forEach(list -> properties.put(list, pattern));

        Map<String, String> connector = CaptureSettings.of(MonitorConfiguration.of(properties));

        assertThat(connector)
                .containsEntry("database.hostname", text)
                .containsEntry("database.user", text)
                .containsEntry("database.password", text)
                .containsEntry("database.initial.statements", text)
                .containsEntry("setting.of.a.plugin", text)
                .containsEntry("database.include.list", pattern)
                .containsEntry("table.exclude.list", pattern)
                .containsEntry("column.exclude.list", pattern)
                .containsEntry("offset.storage.file.filename", "data/" + text.replace('/', '_') + "/checkpoint.json");
    }

    @Test
    void shouldTakeParametersOfAnEditedRouteThatNothingElseDecides() {
        Map<String, String> properties =
                new HashMap<>(Map.of("mysql.user", "app+a&b", "mysql.password", "p", "debezium.max.batch.size", "100"));

        Map<String, String> connector = CaptureSettings.of(
                MonitorConfiguration.of(properties),
                "debezium-mysql:{{monitor.name}}?databaseUser={{mysql.user}}&tableIncludeList={{?mysql.tables}}"
                        + "&heartbeatIntervalMs=77&maxBatchSize=7&pollIntervalMs=50&exceptionHandler=#monitorCheckpoint"
                        + "&additionalProperties.event.deserialization.failure.handling.mode=warn&readOnly=true"
                        + "&additionalProperties.errors.max.retries=5&additionalProperties.setting.of.a.plugin=x");

        assertThat(connector)
                .containsEntry("database.user", "app+a&b")
                .containsEntry("heartbeat.interval.ms", "1000")
                .containsEntry("errors.max.retries", "0")
                .containsEntry("max.batch.size", "100")
                .containsEntry("max.queue.size", "2048")
                .containsEntry("poll.interval.ms", "50")
                .containsEntry("setting.of.a.plugin", "x")
                .containsEntry("event.deserialization.failure.handling.mode", "fail")
                .doesNotContainKey("table.include.list")
                .doesNotContainEntry("read.only", "true");
    }
}

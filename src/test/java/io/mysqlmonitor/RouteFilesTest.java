package io.mysqlmonitor;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.mysqlmonitor.config.MonitorConfiguration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RouteFilesTest {

    @TempDir
    private Path folder;

    /** A part of the file, or null for all of it, what a person made of it, and what the line has to say. */
    private static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments(
                        "simple: ${body.changes}",
                        "simple: \"${body.changes}",
                        "line 46, column 42: expected <block end>"),
                arguments("        - setBody:\n", "       - setBody:\n", "line 23, column 9: expected <block end>"),
                arguments("      steps:\n        - setBody:", "\tsteps:\n        - setBody:", "line 20, column 1: "),
                arguments("- setBody:", "- setBdy:", "line 21, column 11: Unknown node id: setBdy"),
                arguments(
                        "simple: ${body.changes}",
                        "simpel: ${body.changes}",
                        "line 22, column 21: Unsupported field: simpel"),
                arguments("simple: ${body.changes}", "simple: ${body.changes", "mysql-monitor-publish"),
                arguments("ref: monitorMessage", "ref: monitorMesage", "monitorMesage"),
                arguments("confirm: disabled", "confrim: disabled", "Unknown parameters=[{confrim=disabled}]"),
                arguments("rabbitmq.exchange}}", "rabbitmq.exchanges}}", "rabbitmq.exchanges"),
                arguments(null, "- route:\n    id: mysql-monitor-x\n", "route mysql-monitor-x has no from"),
                arguments(null, "route:\n  id: x\n", "publish.camel.yaml has no routes"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void shouldSayWhereAMistakeIs(String right, String wrong, String line) throws Exception {
        Path file = folder.resolve("publish.camel.yaml");
        String route = Files.readString(Path.of("routes", "publish.camel.yaml"));
        Files.writeString(file, right == null ? wrong : route.replace(right, wrong));
        assertRefused(line);
    }

    @Test
    void shouldSayThatAFileCannotBeRead() throws Exception {
        Files.createDirectory(folder.resolve("publish.camel.yaml"));

        assertRefused("the routes cannot be loaded: ");
    }

    private void assertRefused(String line) throws Exception {
        MonitorConfiguration configuration = MonitorConfiguration.of(
                Map.of("mysql.user", "u", "mysql.password", "p", "monitor.data", folder.toString()));

        try (CamelContext context = new DefaultCamelContext();
                MysqlMonitor monitor = new MysqlMonitor(configuration, folder)) {
            assertThatThrownBy(() -> {
                        monitor.addTo(context);
                        context.start();
                    })
                    .message()
                    .contains(line);
        }
    }
}

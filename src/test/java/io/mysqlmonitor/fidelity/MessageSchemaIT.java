package io.mysqlmonitor.fidelity;

import static io.mysqlmonitor.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.mysqlmonitor.RunningMonitor;
import io.mysqlmonitor.message.MessageModule;
import io.mysqlmonitor.servers.TestServers;
import io.mysqlmonitor.testing.MessageSchemas;
import io.mysqlmonitor.testing.Scene;
import io.mysqlmonitor.testing.Scene.Received;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Messages that came off a real broker are as {@code docs/messages} describes them, with headers and AMQP properties; the bodies of
 * all others are checked by {@link Scene}, the gap's among them.
 */
class MessageSchemaIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    @Test
    void shouldDescribeEveryTypeOfMessage() throws Exception {
        try (Scene scene = new Scene(directory);
                RunningMonitor monitor = new RunningMonitor(scene);
                Connection connection = TestServers.get().rabbitmq().connect()) {
            scene.sql(
                    "CREATE TABLE kinds (id INT PRIMARY KEY, amount DECIMAL(9,2), document JSON, place POINT, name LONGTEXT)",
                    "CREATE TABLE without_key (line TEXT)",
                    "INSERT INTO kinds (id) VALUES (0)");
            if (scene.isMariadb()) {
                scene.expectUncounted(
                        "its place at the start of a snapshot may be before the rows that the snapshot holds");
            }
            String deadLetters = scene.database() + ".dead";
            scene.deleteAtEnd(deadLetters);
            monitor.begin(
                    "monitor.start",
                    "snapshot",
                    "monitor.dedupe.window",
                    "0",
                    "monitor.heartbeat.idle",
                    "1s",
                    "monitor.message.max-bytes",
                    "1KB",
                    "monitor.message.include",
                    String.join(",", MessageModule.ADDITIONS),
                    "monitor.message.types",
                    "table_truncate,schema_change",
                    "monitor.dead-letter",
                    deadLetters);
            scene.awaitChanges(1);
            scene.awaitCheckpoint();
            Channel channel = connection.createChannel();
            List<Received> dead = Scene.consume(channel, deadLetters);

            scene.sql(
                    "INSERT INTO kinds VALUES (1, 1.5, '{\"a\":[1,null]}', ST_GeomFromText('POINT(1 2)'), NULL)",
                    "UPDATE kinds SET document = '[true]', name = 'x' WHERE id = 1",
                    "UPDATE kinds SET id = 2 WHERE id = 1",
                    "DELETE FROM kinds WHERE id = 2",
                    "INSERT INTO without_key VALUES ('x')",
                    "TRUNCATE TABLE without_key",
                    "ALTER TABLE without_key ADD number INT",
                    "RENAME TABLE without_key TO renamed",
                    "DROP TABLE renamed",
                    "INSERT INTO kinds VALUES (3, NULL, NULL, NULL, REPEAT('x', 2000))");

            await().until(() -> dead.size() == 1);
            await().until(() ->
                    scene.received().stream().anyMatch(message -> message.type().equals("heartbeat")));
            assertThat(scene.awaitChanges(11))
                    .extracting(Received::type)
                    .containsExactly(
                            "row_snapshot",
                            "row_insert",
                            "row_update",
                            "row_delete",
                            "row_insert",
                            "row_delete",
                            "row_insert",
                            "table_truncate",
                            "schema_change",
                            "schema_change",
                            "schema_change");
            for (Received message :
                    Stream.concat(scene.received().stream(), dead.stream()).toList()) {
                assertThat(MessageSchemas.violations(message.body())).isEmpty();
                assertIsAsDescribed(message);
            }
        }
    }

    /** Headers and AMQP properties, by what the AsyncAPI document says of the type. */
    private static void assertIsAsDescribed(Received message) throws Exception {
        JsonNode asyncapi = new YAMLMapper()
                .readTree(MessageSchemas.FOLDER.resolve("asyncapi.yaml").toFile());
        JsonNode described = asyncapi.at("/components/messages").path(message.type());
        AMQP.BasicProperties properties = message.properties();
        ObjectNode headers = JSON.createObjectNode();
        for (Map.Entry<String, Object> header : properties.getHeaders().entrySet()) {
            headers.putPOJO(
                    header.getKey(),
                    header.getValue() instanceof Number number ? number : String.valueOf(header.getValue()));
        }

        String schema = described.at("/headers/$ref").asText().replace(MessageSchemas.SUFFIX, "");
        assertThat(MessageSchemas.violations(schema, JSON.readTree(headers.toString())))
                .isEmpty();
        assertThat(headers.path("type").asText()).isEqualTo(message.type());
        assertThat(properties.getContentType())
                .isEqualTo(described.path("contentType").asText());
        assertThat(properties.getContentEncoding())
                .isEqualTo(described.at("/bindings/amqp/contentEncoding").asText());
        assertThat(properties.getDeliveryMode())
                .isEqualTo(asyncapi.at("/operations/publishChanges/bindings/amqp/deliveryMode")
                        .asInt());
        assertThat(properties.getTimestamp()).isNotNull();
    }
}

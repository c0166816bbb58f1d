package io.mysqlmonitor.fidelity;

import static io.mysqlmonitor.testing.MessageSchemas.FOLDER;
import static io.mysqlmonitor.testing.MessageSchemas.SUFFIX;
import static org.assertj.core.api.Assertions.assertThat;

import com.asyncapi.v3._0_0.model.AsyncAPI;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaId;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.mysqlmonitor.testing.MessageSchemas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The schemas of the messages, and the AsyncAPI document that names them, are right by themselves and fit each other. */
class MessageSchemaTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    private static Stream<Path> schemas() throws IOException {
        return filesOf(FOLDER, SUFFIX);
    }

    private static Stream<Path> goldenMessages() throws IOException {
        return filesOf(GOLDEN, ".json");
    }

    private static Stream<Path> filesOf(Path folder, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList().stream();
        }
    }

    private static JsonNode asyncapi() throws IOException {
        return new YAMLMapper().readTree(FOLDER.resolve("asyncapi.yaml").toFile());
    }

    /** Types of messages that have a schema. */
    private static Set<String> types() throws IOException {
        Set<String> types = new TreeSet<>();
        for (Path file : schemas().toList()) {
            JsonNode type = JSON.readTree(file.toFile()).at("/properties/type/const");
            if (!type.isMissingNode()) {
                assertThat(file.getFileName()).hasToString(type.asText() + SUFFIX);
                types.add(type.asText());
            }
        }
        return types;
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void shouldBeASchema(Path file) throws IOException {
        JsonNode schema = JSON.readTree(file.toFile());

        assertThat(schema.path("$schema").asText()).isEqualTo(SchemaId.V202012);
        assertThat(JsonSchemaFactory.getInstance(VersionFlag.V202012)
                        .getSchema(SchemaLocation.of(SchemaId.V202012))
                        .validate(schema))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("goldenMessages")
    void shouldTakeEachMessageOfTheContract(Path file) throws IOException {
        assertThat(MessageSchemas.violations(Files.readString(file))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("goldenMessages")
    void shouldRefuseAFieldTooManyAndOneTooFew(Path file) throws IOException {
        ObjectNode message = (ObjectNode) JSON.readTree(file.toFile());

        assertThat(MessageSchemas.violations(message.deepCopy().put("extra", 1).toString()))
                .hasSize(1);
        assertThat(MessageSchemas.violations(
                        message.deepCopy().without("timestamp").toString()))
                .hasSize(1);
    }

    /** What is not AsyncAPI the library drops, some of it with a stack trace on standard error. */
    @Test
    void shouldBeAsyncapiAndNothingElse() throws IOException {
        YAMLMapper yaml = new YAMLMapper();
        yaml.setSerializationInclusion(JsonInclude.Include.NON_NULL);

        AsyncAPI read = yaml.treeToValue(asyncapi(), AsyncAPI.class);

        assertThat(yaml.<JsonNode>valueToTree(read)).isEqualTo(asyncapi());
    }

    @Test
    void shouldReferToWhatThereIs() throws IOException {
        JsonNode asyncapi = asyncapi();

        List<String> references = asyncapi.findValuesAsText("$ref");

        assertThat(references).hasSizeGreaterThan(20);
        for (String reference : references) {
            if (reference.startsWith("#")) {
                assertThat(asyncapi.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse();
            } else {
                assertThat(FOLDER.resolve(reference)).exists();
            }
        }
    }

    @Test
    void shouldNameEachTypeWithItsSchemaAndAnExample() throws IOException {
        JsonNode messages = asyncapi().at("/components/messages");

        assertThat(messages.fieldNames()).toIterable().containsExactlyInAnyOrderElementsOf(types());
        messages.properties().forEach(message -> {
            assertThat(message.getValue().at("/payload/$ref").asText()).isEqualTo(message.getKey() + SUFFIX);
            assertThat(message.getValue().at("/bindings/amqp/messageType").asText())
                    .isEqualTo(message.getKey());
            assertThat(MessageSchemas.violations(
                            message.getKey(), message.getValue().at("/examples/0/payload")))
                    .isEmpty();
        });
    }
}

package io.mysqlmonitor.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** The JSON Schemas in {@code docs/messages}: what they say of a message. */
public final class MessageSchemas {

    public static final Path FOLDER = Path.of("docs", "messages");
    public static final String SUFFIX = ".schema.json";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(VersionFlag.V202012);
    private static final Map<String, JsonSchema> SCHEMAS = new ConcurrentHashMap<>();

    private MessageSchemas() {}

    /**
     * What is wrong with a message, by the schema of its type.
     *
     * @param body the message's JSON
     * @return one line each; empty if nothing is wrong
     */
    public static List<String> violations(String body) {
        try {
            JsonNode message = JSON.readTree(body);
            return violations(message.path("type").asText(), message);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param name of the schema's file, without {@value #SUFFIX}
     */
    public static List<String> violations(String name, JsonNode document) {
        Path file = FOLDER.resolve(name + SUFFIX);
        if (Files.notExists(file)) {
            return List.of("there is no " + file + " for " + document);
        }
        JsonSchema schema = SCHEMAS.computeIfAbsent(
                name, key -> FACTORY.getSchema(SchemaLocation.of(file.toUri().toString())));
        return schema.validate(document).stream()
                .map(ValidationMessage::getMessage)
                .map(problem -> name + ": " + problem + " in " + document)
                .collect(Collectors.toList());
    }
}

package io.mysqlmonitor.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** A file in the format of {@link Properties}, in UTF-8. */
final class PropertiesFile {

    private PropertiesFile() {}

    /**
     * The properties of the file, without blanks around values that are not secret.
     *
     * @throws ConfigurationException if it cannot be read
     */
    static Map<String, String> read(Path file) {
        Properties read = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            read.load(reader);
        } catch (NoSuchFileException e) {
            throw new ConfigurationException("configuration " + file
                    + " does not exist; copy application.properties.example to it, or name another with --config");
        } catch (MalformedInputException e) {
            throw new ConfigurationException("configuration " + file + " is not UTF-8 text");
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigurationException("configuration " + file + " cannot be read: " + e.getMessage());
        }
        Map<String, String> properties = new TreeMap<>();
        read.forEach((name, value) -> properties.put((String) name, stripped((String) name, (String) value)));
        return properties;
    }

    private static String stripped(String name, String value) {
        return MonitorProperties.isSecret(name) ? value : value.strip();
    }
}

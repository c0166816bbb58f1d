package io.mysqlmonitor.config;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where the properties come from.
 *
 * @param environment whether variables of the environment set properties; false if an application gives them
 * @param file the file that sets them; null for none
 */
record PropertySource(boolean environment, Path file) {

    static final PropertySource GIVEN = new PropertySource(false, null);

    /** One line each about properties that must be given and are not; without a file, one for all. */
    List<String> missing(List<Property> properties) {
        if (properties.isEmpty() || !environment || file != null) {
            return properties.stream().map(this::missing).toList();
        }
        return List.of(
                "there is no application.properties in " + Path.of("").toAbsolutePath() + ", and "
                        + properties.stream().map(PropertySource::variables).collect(Collectors.joining(" and "))
                        + (properties.size() == 1 ? " is" : " are")
                        + " not set; copy application.properties.example to application.properties, or name a file with --config");
    }

    private String missing(Property property) {
        return property.name() + " is missing in " + this + "; set it there"
                + (environment ? " or in the environment as " + property.variable() : "")
                + orFile(property);
    }

    private static String variables(Property property) {
        return property.variable()
                + property.file().map(file -> " (or " + file.variable() + ")").orElse("");
    }

    /** The other way to give a secret, to end a sentence about the first. */
    static String orFile(Property property) {
        return property.file()
                .map(file -> ", or name a file that holds it with " + file.name())
                .orElse("");
    }

    @Override
    public String toString() {
        return environment ? file == null ? "the environment" : file.toString() : "the given properties";
    }
}

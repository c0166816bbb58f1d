package io.mysqlmonitor.config;

import java.util.Locale;
import java.util.Optional;

/**
 * All that is known of a property of the monitor. The check of what a user gives, the documents, the example and the completion of
 * IDEs are made of it.
 *
 * @param name the property's name
 * @param group how often it is set
 * @param type what values it takes
 * @param defaultValue its default; empty for none, null if the property must be given
 * @param defaultText the default for people, where the value does not tell; empty where it does
 * @param description what it does, as one phrase; names and values stand between backquotes
 * @param document the document in {@code docs} that tells more, without its ending; empty for none
 * @param secret whether its value is not to be shown, and can be given in a file
 */
record Property(
        String name,
        PropertyGroup group,
        PropertyType type,
        String defaultValue,
        String defaultText,
        String description,
        String document,
        boolean secret) {

    static final String FILE = "-file";

    private static Property of(String name, PropertyGroup group, PropertyType type, String description) {
        return new Property(name, group, type, "", "", description, "", false);
    }

    static Property essential(String name, PropertyType type, String description) {
        return of(name, PropertyGroup.ESSENTIAL, type, description);
    }

    static Property common(String name, PropertyType type, String description) {
        return of(name, PropertyGroup.COMMON, type, description);
    }

    static Property rare(String name, PropertyType type, String description) {
        return of(name, PropertyGroup.RARE, type, description);
    }

    /** The same with a default; without this call an empty value is the default, and means none. */
    Property byDefault(String value) {
        return new Property(name, group, type, value, defaultText, description, document, secret);
    }

    /** The same with a default that is told in words. */
    Property byDefault(String value, String text) {
        return new Property(name, group, type, value, text, description, document, secret);
    }

    /** The same, and it must be given. */
    Property required() {
        return byDefault(null);
    }

    Property asSecret() {
        return new Property(name, group, type, defaultValue, defaultText, description, document, true);
    }

    Property seeAlso(String other) {
        return new Property(name, group, type, defaultValue, defaultText, description, other, secret);
    }

    boolean isRequired() {
        return defaultValue == null;
    }

    /** The name of the environment variable that sets it. */
    String variable() {
        return variable(name);
    }

    static String variable(String property) {
        return property.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** The property that names a file with the value of this one; empty if this is no secret. */
    Optional<Property> file() {
        return secret
                ? Optional.of(common(
                        name + FILE,
                        PropertyType.text(),
                        "file that contains the value of `" + name + "`, in place of that property"))
                : Optional.empty();
    }

    /**
     * @throws IllegalArgumentException if the value is not allowed
     */
    void check(String value) {
        if (!(value.isEmpty() && "".equals(defaultValue))) {
            type.check().accept(value);
        }
    }

    /** The default as a reader of a table sees it. */
    String shownDefault() {
        if (isRequired()) {
            return "required";
        }
        if (!defaultText.isEmpty()) {
            return defaultText;
        }
        return defaultValue.isEmpty() ? "none" : '`' + defaultValue + '`';
    }
}

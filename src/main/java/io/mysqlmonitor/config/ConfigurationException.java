package io.mysqlmonitor.config;

import java.util.List;

/** The configuration cannot be used; each problem is one line that names the property, its value and what is allowed. */
public final class ConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient List<String> problems;

    public ConfigurationException(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    public ConfigurationException(String problem) {
        this(List.of(problem));
    }

    public ConfigurationException(String problem, Throwable cause) {
        this(problem);
        initCause(cause);
    }

    /** One line each, at least one. */
    public List<String> problems() {
        return problems;
    }
}

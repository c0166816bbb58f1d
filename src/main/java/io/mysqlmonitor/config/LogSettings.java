package io.mysqlmonitor.config;

import java.util.Map;

/**
 * How the executable logs; an application that embeds the monitor keeps its own logging.
 *
 * @param level of the monitor's own loggers, in small letters
 * @param json whether each line is a JSON object
 * @param levels of other loggers, by name; {@code root} for all that have none; in small letters
 */
public record LogSettings(String level, boolean json, Map<String, String> levels) {

    public LogSettings {
        levels = Map.copyOf(levels);
    }
}

package io.mysqlmonitor.command;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;

/** Brings what libraries log through java.util.logging, as the binlog client does, into the program's log. */
final class JavaLogging {

    private static final String ROOT = "";

    /** Kept here, or the level would be collected with the logger. The monitor says itself what becomes of a connection. */
    private static final Logger BINLOG_CLIENT = Logger.getLogger("com.github.shyiko.mysql.binlog");

    /** The levels of java.util.logging by the words of the configuration. */
    private static final Map<String, Level> LEVELS = Map.of(
            "trace", Level.FINEST,
            "debug", Level.FINE,
            "info", Level.INFO,
            "warn", Level.WARNING,
            "error", Level.SEVERE,
            "off", Level.OFF);

    /** Kept for the same reason; touched before anything else of the program runs. */
    private static final Map<String, Logger> CONFIGURED = new HashMap<>();

    private JavaLogging() {}

    /** Unless the user configures java.util.logging with a system property of Java's. */
    static void begin() {
        if (System.getProperty("java.util.logging.config.file") == null
                && System.getProperty("java.util.logging.config.class") == null) {
            LogManager.getLogManager().reset();
            Logger root = Logger.getLogger(ROOT);
            root.setLevel(Level.INFO);
            root.addHandler(new Forwarder());
        }
        BINLOG_CLIENT.setLevel(Level.SEVERE);
    }

    /**
     * @param levels by the names of loggers
     */
    static void apply(Map<String, String> levels) {
        new TreeMap<>(levels).forEach((name, level) -> { // so that the more special one comes last
            if (BINLOG_CLIENT.getName().startsWith(name + '.')) {
                BINLOG_CLIENT.setLevel(null); // as that one
            }
            Logger logger = Logger.getLogger(name.equalsIgnoreCase("root") ? ROOT : name);
            logger.setLevel(LEVELS.get(level));
            CONFIGURED.put(name, logger);
        });
    }

    private static final class Forwarder extends Handler {

        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord record) {
            var logger = LoggerFactory.getLogger(
                    record.getLoggerName() == null || record.getLoggerName().isEmpty()
                            ? org.slf4j.Logger.ROOT_LOGGER_NAME
                            : record.getLoggerName());
            logger.atLevel(level(record.getLevel()))
                    .setCause(record.getThrown())
                    .log(formatter.formatMessage(record));
        }

        private static org.slf4j.event.Level level(Level level) {
            int value = level.intValue();
            if (value >= Level.SEVERE.intValue()) {
                return org.slf4j.event.Level.ERROR;
            }
            if (value >= Level.WARNING.intValue()) {
                return org.slf4j.event.Level.WARN;
            }
            if (value >= Level.INFO.intValue()) {
                return org.slf4j.event.Level.INFO;
            }
            return value >= Level.FINE.intValue() ? org.slf4j.event.Level.DEBUG : org.slf4j.event.Level.TRACE;
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}

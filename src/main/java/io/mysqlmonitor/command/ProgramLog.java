package io.mysqlmonitor.command;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.OutputStreamAppender;
import io.mysqlmonitor.config.LogSettings;
import java.util.Iterator;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** The log of the executable; an application that embeds the monitor keeps its own. */
final class ProgramLog {

    private static final String CONFIGURATION = "logback.configurationFile";
    private static final String OWN = "io/mysqlmonitor/logback.xml";
    private static final String MONITOR = "io.mysqlmonitor";
    private static final LogSettings DEFAULT = new LogSettings("info", false, Map.of());

    private ProgramLog() {}

    /** Has the program's own logback.xml read, unless the user named another. Nothing may have been logged before. */
    static void begin() {
        if (System.getProperty(CONFIGURATION) == null) {
            System.setProperty(CONFIGURATION, OWN);
        }
        JavaLogging.begin();
    }

    /** Logs as the configuration says. A logback.xml of the user decides alone. */
    static void apply(LogSettings settings) {
        String file = System.getProperty(CONFIGURATION, "");
        if (file.equals(OWN)) {
            apply(settings, (LoggerContext) LoggerFactory.getILoggerFactory());
            JavaLogging.apply(settings.levels());
        } else if (!file.isEmpty() && !settings.equals(DEFAULT)) {
            LoggerFactory.getLogger(ProgramLog.class)
                    .warn(
                            "monitor.log.* and logging.level.* are not used, because -D{}={} decides how to log; set levels "
                                    + "and format there, or remove it",
                            CONFIGURATION,
                            file);
        }
    }

    static void apply(LogSettings settings, LoggerContext context) {
        context.getLogger(MONITOR).setLevel(Level.toLevel(settings.level()));
        settings.levels().forEach((name, level) -> context.getLogger(name).setLevel(Level.toLevel(level)));
        if (settings.json()) {
            Iterator<Appender<ILoggingEvent>> appenders =
                    context.getLogger(Logger.ROOT_LOGGER_NAME).iteratorForAppenders();
            while (appenders.hasNext()) {
                if (appenders.next() instanceof OutputStreamAppender<ILoggingEvent> stream) {
                    JsonLineEncoder encoder = new JsonLineEncoder();
                    encoder.setContext(context);
                    encoder.start();
                    stream.setEncoder(encoder);
                }
            }
        }
    }
}

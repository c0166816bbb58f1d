package io.mysqlmonitor.publish;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Size of the largest message body that the broker accepts: the configured one, until the broker names its own in a refusal.
 *
 * <p>Thread-safe.
 */
final class MessageLimit {

    private static final Pattern REFUSAL = Pattern.compile("larger than configured max size (\\d+)");

    private volatile long bytes; // written by any thread that publishes: the last refusal counts

    /**
     * @param bytes as configured
     */
    MessageLimit(long bytes) {
        this.bytes = bytes;
    }

    long bytes() {
        return bytes;
    }

    /** Takes over the broker's own limit if the failure is its refusal of a message that was larger. */
    void learnFrom(Throwable failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            Matcher limit = REFUSAL.matcher(String.valueOf(e.getMessage()));
            if (limit.find()) {
                bytes = Long.parseLong(limit.group(1));
            }
        }
    }

    /** Whether the text is the broker's refusal of a message that was too large. */
    static boolean isRefusal(String text) {
        return REFUSAL.matcher(text).find();
    }
}

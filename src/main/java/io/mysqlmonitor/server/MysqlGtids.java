package io.mysqlmonitor.server;

import java.util.regex.Pattern;

/** MySQL's sets of GTIDs, such as {@code <uuid>:1-5,<uuid>:1-7}. */
final class MysqlGtids {

    private static final Pattern TAG = Pattern.compile(":\\s*[A-Za-z_]");

    private MysqlGtids() {}

    /** Whether a GTID in a set has a tag, which begins with a letter or an underscore. */
    static boolean isTagged(String gtids) {
        return TAG.matcher(gtids).find();
    }

    /** The set in one line; the server writes one line per UUID. */
    static String oneLine(String lines) {
        return lines.replace("\n", "");
    }
}

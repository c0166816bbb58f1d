package io.mysqlmonitor.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32;

/** A server id that stays the same for a monitor on this host and is hardly another replica's. */
final class ServerId {

    private static final long FIRST = 1_000_000_000;
    private static final long COUNT = 3_000_000_000L;

    private ServerId() {}

    static String of(String monitor, String data) {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "";
        }
        CRC32 hash = new CRC32();
        hash.update((host + '/' + monitor + '/' + Path.of(data).toAbsolutePath()).getBytes(StandardCharsets.UTF_8));
        return String.valueOf(MonitorProperties.MIN_SERVER_ID + FIRST + hash.getValue() % COUNT);
    }
}

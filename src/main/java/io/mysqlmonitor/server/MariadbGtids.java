package io.mysqlmonitor.server;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * MariaDB's GTID positions, such as {@code 0-1-4711,5-2-12}: of each domain the server and number of its last transaction. The
 * numbers of a domain rise, whichever server writes them.
 */
final class MariadbGtids {

    private MariadbGtids() {}

    /**
     * Whether a server has all that follows a position.
     *
     * @param position the position to go on from
     * @param purged what the server had executed before the start of its binary log
     * @param written of each domain and server the last transaction that the server has written ({@code gtid_binlog_state})
     */
    static boolean isAvailable(String position, String purged, String written) {
        return covers(numbers(position, 1), numbers(purged, 1)) && covers(numbers(written, 2), numbers(position, 2));
    }

    /** Highest number by what stands before it: the domain (1 part), or domain and server (2 parts). */
    private static Map<String, Long> numbers(String gtids, int parts) {
        return Arrays.stream(gtids.split(","))
                .filter(gtid -> !gtid.isBlank())
                .map(gtid -> gtid.strip().split("-"))
                .collect(Collectors.toMap(
                        gtid -> String.join("-", Arrays.asList(gtid).subList(0, parts)),
                        gtid -> Long.parseLong(gtid[2]),
                        Math::max));
    }

    private static boolean covers(Map<String, Long> numbers, Map<String, Long> others) {
        return others.entrySet().stream()
                .allMatch(other -> numbers.getOrDefault(other.getKey(), -1L) >= other.getValue());
    }
}

package io.mysqlmonitor.change;

import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

/**
 * Whose binary log a position belongs to, and which of its lives: a server may be replaced by another with files of the same names, and
 * begins with the first file again when its logs are reset.
 *
 * @param server the server's own id: its {@code server_uuid}, or {@code server_id:<number>} where there is none
 * @param file a file of its binary log
 * @param begun when that file was started; null if that is not known
 */
public record BinlogOrigin(String server, String file, Instant begun) {

    /**
     * Compares it with what a server has now.
     *
     * @param serverNow the id of that server
     * @param byGtids whether positions are GTID sets, which hold on another server
     * @param files the names of its files, oldest first
     * @param begunNow when its file of the name {@link #file} was started; null if it has none or that is not known
     * @return why the position is not one of that binary log; empty if it may be
     */
    public Optional<String> contradiction(
            String serverNow, boolean byGtids, Collection<String> files, Instant begunNow) {
        if (!server.equals(serverNow)) {
            return byGtids
                    ? Optional.empty()
                    : Optional.of("it is of the server " + server + ", and this one is " + serverNow);
        }
        if (files.contains(file)) {
            return begun == null || begunNow == null || begun.equals(begunNow)
                    ? Optional.empty()
                    : Optional.of("its file " + file + " was started at " + begun + ", and that of the server at "
                            + begunNow + ": the binary log was reset");
        }
        boolean older = files.stream()
                .allMatch(each -> baseOf(each).equals(baseOf(file))
                        && new EventPosition(each, 0).isBefore(new EventPosition(file, 0)));
        return older
                ? Optional.of("the server had a file " + file + ", and has only older ones: the binary log was reset")
                : Optional.empty();
    }

    private static String baseOf(String name) {
        return name.substring(0, name.lastIndexOf('.') + 1);
    }
}

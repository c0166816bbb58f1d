package io.mysqlmonitor.capture;

/**
 * How to reach the MySQL server.
 *
 * @param host name or address
 * @param port TCP port
 * @param user user name
 * @param password password; never logged
 * @param sslMode {@code disabled}, {@code preferred}, {@code required}, {@code verify_ca} or {@code verify_identity}
 * @param serverId the id under which the monitor reads the binary log as a replica
 */
public record MysqlSettings(String host, int port, String user, String password, String sslMode, String serverId) {

    @Override
    public String toString() {
        return "MySQL at " + host + ':' + port;
    }
}

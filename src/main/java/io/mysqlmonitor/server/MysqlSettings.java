package io.mysqlmonitor.server;

import java.nio.file.Path;

/**
 * How to reach the MySQL server.
 *
 * @param host name or address
 * @param port TCP port
 * @param user user name
 * @param password password; never logged
 * @param sslMode {@code disabled}, {@code preferred}, {@code required}, {@code verify_ca} or {@code verify_identity}
 * @param trustStore key store (PKCS12) with the certificates to trust when they are verified; null for those of the JVM
 * @param keyStore key store (PKCS12) with the certificate, and its private key, to show the server; null for none
 * @param serverId the id under which the monitor reads the binary log as a replica
 */
public record MysqlSettings(
        String host,
        int port,
        String user,
        String password,
        String sslMode,
        Path trustStore,
        Path keyStore,
        String serverId) {

    /** Of the trust store, which holds nothing that is secret; the JDBC driver wants one. */
    public static final String TRUST_STORE_PASSWORD = "mysql-monitor";

    /** Of the key store, which only the monitor's own system user may read. */
    public static final String KEY_STORE_PASSWORD = "mysql-monitor";

    @Override
    public String toString() {
        return "MySQL at " + host + ':' + port;
    }
}

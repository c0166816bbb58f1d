package io.mysqlmonitor.server;

import com.github.shyiko.mysql.binlog.network.DefaultSSLSocketFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** TLS of the binary log client with the key stores of the settings, as the connector's own client does it. */
final class TlsSocketFactory extends DefaultSSLSocketFactory {

    /** Modes in which the server's certificate is not looked at, unless there is a trust store. */
    private static final Set<String> UNVERIFIED = Set.of("preferred", "required");

    private final MysqlSettings settings;

    TlsSocketFactory(MysqlSettings settings) {
        this.settings = settings;
    }

    /** Whether the settings have a key store; without one the client's own factories do the same. */
    static boolean isNeeded(MysqlSettings settings) {
        return settings.trustStore() != null || settings.keyStore() != null;
    }

    @Override
    protected void initSSLContext(SSLContext context) throws GeneralSecurityException {
        context.init(keyManagers(), trustManagers(), null);
    }

    private KeyManager[] keyManagers() throws GeneralSecurityException {
        if (settings.keyStore() == null) {
            return null;
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(
                load(settings.keyStore(), MysqlSettings.KEY_STORE_PASSWORD),
                MysqlSettings.KEY_STORE_PASSWORD.toCharArray());
        return managers.getKeyManagers();
    }

    private TrustManager[] trustManagers() throws GeneralSecurityException {
        if (settings.trustStore() == null) {
            return UNVERIFIED.contains(settings.sslMode()) ? new TrustManager[] {new TrustingAll()} : null;
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(load(settings.trustStore(), MysqlSettings.TRUST_STORE_PASSWORD));
        return managers.getTrustManagers();
    }

    private static KeyStore load(Path file, String password) throws GeneralSecurityException {
        try {
            return KeyStore.getInstance(file.toFile(), password.toCharArray());
        } catch (IOException e) {
            throw new GeneralSecurityException(file + " cannot be read", e);
        }
    }

    /** For the modes that encrypt without asking who the server is. */
    private static final class TrustingAll implements X509TrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}

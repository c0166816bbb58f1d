package io.mysqlmonitor;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;

/** The certificates of a PEM file, as the key store that Java's TLS wants. */
final class Certificates {

    private Certificates() {}

    /**
     * @throws IllegalArgumentException if the file cannot be read or holds no certificate
     */
    static KeyStore read(Path pem) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            byte[] content = Files.readAllBytes(pem);
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(content))) {
                store.setCertificateEntry(String.valueOf(store.size()), certificate);
            }
            if (store.size() == 0) {
                throw new IllegalArgumentException(pem + " holds no certificate");
            }
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(pem + " cannot be read: " + e.getMessage(), e);
        }
    }

    static boolean isReadable(Path pem) {
        read(pem);
        return true;
    }

    /** For those who take nothing but a file. */
    static void write(Path pem, Path file, String password) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (OutputStream out = Files.newOutputStream(file)) {
                read(pem).store(out, password.toCharArray());
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new ConfigurationException("monitor.data: " + file + " cannot be written: " + e.getMessage()
                    + "; make the folder writable for this user");
        }
    }
}

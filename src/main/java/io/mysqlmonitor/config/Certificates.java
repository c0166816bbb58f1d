package io.mysqlmonitor.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Certificates and keys of PEM files, in the forms that Java's TLS wants. */
public final class Certificates {

    private Certificates() {}

    /**
     * The certificates in a file, in their order; at least one.
     *
     * @throws IllegalArgumentException if the file cannot be read or holds no certificate
     */
    static List<Certificate> chain(Path pem) {
        try {
            byte[] content = Files.readAllBytes(pem);
            List<Certificate> chain = List.copyOf(
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(content)));
            if (chain.isEmpty()) {
                throw new IllegalArgumentException(pem + " holds no certificate");
            }
            return chain;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(pem + " cannot be read: " + e.getMessage(), e);
        }
    }

    static boolean isReadable(Path pem) {
        return !chain(pem).isEmpty();
    }

    private static KeyStore trusted(Path pem) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (Certificate certificate : chain(pem)) {
            store.setCertificateEntry(String.valueOf(store.size()), certificate);
        }
        return store;
    }

    /**
     * TLS with the certificates of a PEM file.
     *
     * @param authorities PEM file with the certificates to trust; null for those of the JVM
     * @param client what to show the server; null for nothing
     */
    static SSLContext tls(Path authorities, ClientCertificate client) {
        try {
            if (authorities == null && client == null) {
                return SSLContext.getDefault();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    client == null ? null : keyManagers(client),
                    authorities == null ? null : trustManagers(authorities),
                    null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("TLS is not possible with this JVM: " + e.getMessage(), e);
        }
    }

    private static KeyManager[] keyManagers(ClientCertificate client) throws GeneralSecurityException, IOException {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(client.keyStore(), ClientCertificate.PASSWORD.toCharArray());
        return managers.getKeyManagers();
    }

    private static TrustManager[] trustManagers(Path authorities) throws GeneralSecurityException, IOException {
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted(authorities));
        return managers.getTrustManagers();
    }

    /** Writes a trust store (PKCS12) with the certificates of a PEM file; nothing in it is secret. */
    public static void write(Path pem, Path file, String password) {
        write(() -> trusted(pem), file, password, folder -> folder.resolve(file.getFileName() + ".tmp"));
    }

    /** Writes a key store (PKCS12) with a certificate and its key, which only this system user may read. */
    static void write(ClientCertificate client, Path file) {
        write(
                client::keyStore,
                file,
                ClientCertificate.PASSWORD,
                folder -> Files.createTempFile(folder, file.getFileName().toString(), null));
    }

    /** Deletes a key store that is no longer needed, if there is one. */
    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new ConfigurationException("monitor.data: " + file + " cannot be deleted: " + e.getMessage());
        }
    }

    @FunctionalInterface
    private interface Store {
        KeyStore get() throws GeneralSecurityException, IOException;
    }

    /** The file to write to before it is moved to its place. */
    @FunctionalInterface
    private interface Temporary {
        Path in(Path folder) throws IOException;
    }

    private static void write(Store store, Path file, String password, Temporary place) {
        try {
            Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
            Path temporary = place.in(folder);
            try {
                try (OutputStream out = Files.newOutputStream(temporary)) {
                    store.get().store(out, password.toCharArray());
                }
                Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new ConfigurationException("monitor.data: " + file + " cannot be written: " + e.getMessage()
                    + "; make the folder writable for this user");
        }
    }
}

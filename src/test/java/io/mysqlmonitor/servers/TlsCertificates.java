package io.mysqlmonitor.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.MountableFile;

/**
 * A certificate authority of the tests, and a certificate of it for a server that is {@code localhost}, {@code 127.0.0.1} or the host
 * of containers, as PEM files. It says also {@value #ADDRESS}, as an IP address only.
 *
 * @param folder holds {@code ca.pem}, {@code server-cert.pem} and {@code server-key.pem}
 */
public record TlsCertificates(Path folder) {

    public static final String ADDRESS = "127.0.0.3";

    private static final String PASSWORD = "certificates";
    /** Of the files in a container. */
    private static final String CONTAINER_FOLDER = "/tls/";

    /** Makes them with the JDK's keytool. */
    public static TlsCertificates create(Path folder) {
        TlsCertificates certificates = createAuthority(folder);
        String host = TestServers.get().mysql().host(); // that of all containers, if there are any
        try {
            certificates.issue(
                    "server",
                    "RSA",
                    "-dname",
                    "CN=" + host,
                    "-ext",
                    "san=dns:localhost,ip:127.0.0.1,ip:" + ADDRESS + "," + alternativeName(host));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return certificates;
    }

    /** An authority alone; needs no server. */
    public static TlsCertificates createAuthority(Path folder) {
        TlsCertificates certificates = new TlsCertificates(folder);
        try {
            certificates.keytool("ca", "RSA", "-dname", "CN=test authority", "-ext", "bc:c");
            write(
                    folder.resolve("ca.pem"),
                    "CERTIFICATE",
                    certificates.keys().getCertificate("ca").getEncoded());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        return certificates;
    }

    /**
     * Makes a certificate of the authority for a client, {@code CN=<name>}, as {@link #certificate} and {@link #key}.
     *
     * @param algorithm that of its key: {@code RSA}, {@code EC} or {@code Ed25519}
     */
    public void createClient(String name, String algorithm) throws IOException {
        issue(name, algorithm, "-dname", "CN=" + name);
    }

    private void issue(String name, String algorithm, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-signer", "ca"));
        keytool(name, algorithm, all.toArray(String[]::new));
        try {
            Key key = keys().getKey(name, PASSWORD.toCharArray());
            write(certificate(name), "CERTIFICATE", keys().getCertificate(name).getEncoded());
            write(key(name), "PRIVATE KEY", key.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path store() {
        return folder.resolve("certificates.p12");
    }

    private KeyStore keys() throws IOException, GeneralSecurityException {
        return KeyStore.getInstance(store().toFile(), PASSWORD.toCharArray());
    }

    private static String alternativeName(String host) throws UnknownHostException {
        boolean address = host.equals(InetAddress.getByName(host).getHostAddress());
        return (address ? "ip:" : "dns:") + host;
    }

    private void keytool(String alias, String algorithm, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of("-genkeypair", "-alias", alias, "-keyalg", algorithm, "-validity", "3650"));
        command.addAll(List.of("-keystore", store().toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException(output);
        }
    }

    private static void write(Path file, String type, byte[] content) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        Files.writeString(file, "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n");
    }

    /** The authority's certificate. */
    public Path authority() {
        return folder.resolve("ca.pem");
    }

    /** The certificate of a name. */
    public Path certificate(String name) {
        return folder.resolve(name + "-cert.pem");
    }

    /** The private key of a name (PKCS#8). */
    public Path key(String name) {
        return folder.resolve(name + "-key.pem");
    }

    /** Has the files in the container, readable for all, before it starts. */
    void copyTo(GenericContainer<?> container) {
        for (String name : List.of("ca.pem", "server-cert.pem", "server-key.pem")) {
            container.withCopyFileToContainer(
                    MountableFile.forHostPath(folder.resolve(name), 0644), CONTAINER_FOLDER + name);
        }
    }

    /** Where the container finds a file. */
    static String inContainer(String name) {
        return CONTAINER_FOLDER + name;
    }

    /** A database server's options that name the files. */
    static List<String> options(String folder) {
        return List.of(
                "--ssl-ca=" + folder + "ca.pem",
                "--ssl-cert=" + folder + "server-cert.pem",
                "--ssl-key=" + folder + "server-key.pem");
    }
}

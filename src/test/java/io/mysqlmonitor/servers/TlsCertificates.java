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
        Path store = folder.resolve("certificates.p12");
        String host = TestServers.get().mysql().host(); // that of all containers, if there are any
        try {
            keytool(store, "ca", "-dname", "CN=test authority", "-ext", "bc:c");
            keytool(
                    store,
                    "server",
                    "-dname",
                    "CN=" + host,
                    "-ext",
                    "san=dns:localhost,ip:127.0.0.1,ip:" + ADDRESS + "," + alternativeName(host),
                    "-signer",
                    "ca");
            KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
            Key key = keys.getKey("server", PASSWORD.toCharArray());
            write(
                    folder.resolve("ca.pem"),
                    "CERTIFICATE",
                    keys.getCertificate("ca").getEncoded());
            write(
                    folder.resolve("server-cert.pem"),
                    "CERTIFICATE",
                    keys.getCertificate("server").getEncoded());
            write(folder.resolve("server-key.pem"), "PRIVATE KEY", key.getEncoded());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        return new TlsCertificates(folder);
    }

    private static String alternativeName(String host) throws UnknownHostException {
        boolean address = host.equals(InetAddress.getByName(host).getHostAddress());
        return (address ? "ip:" : "dns:") + host;
    }

    private static void keytool(Path store, String alias, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(
                List.of("-genkeypair", "-alias", alias, "-keyalg", "RSA", "-keysize", "2048", "-validity", "3650"));
        command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
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

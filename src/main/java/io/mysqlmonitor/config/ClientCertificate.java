package io.mysqlmonitor.config;

import io.mysqlmonitor.server.MysqlSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.interfaces.RSAKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The certificate by which the monitor shows a server who it is, and the private key of it. */
final class ClientCertificate {

    /** Of the key store, which Java's TLS wants to have one; what protects the key is who may read the file. */
    static final String PASSWORD = MysqlSettings.KEY_STORE_PASSWORD;

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z ]*PRIVATE KEY)-----(.*?)-----END \\1-----", Pattern.DOTALL);

    private final List<Certificate> chain;
    private final PrivateKey key;

    private ClientCertificate(List<Certificate> chain, PrivateKey key) {
        this.chain = chain;
        this.key = key;
    }

    /**
     * @param certificate PEM file with the certificate first, and those of its authorities behind it, if there are any
     * @param privateKey PEM file with the private key of the first
     * @throws IllegalArgumentException if they cannot be read or do not belong together; the message says why
     */
    static ClientCertificate read(Path certificate, Path privateKey) {
        List<Certificate> chain = Certificates.chain(certificate);
        byte[] encoded = encodedKey(privateKey);
        PublicKey publicKey = chain.get(0).getPublicKey();
        try {
            PrivateKey key =
                    KeyFactory.getInstance(publicKey.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            if (isPair(publicKey, key)) {
                return new ClientCertificate(chain, key);
            }
        } catch (GeneralSecurityException e) {
            throw mismatch(certificate, e);
        }
        throw mismatch(certificate, null);
    }

    private static IllegalArgumentException mismatch(Path certificate, Exception cause) {
        return new IllegalArgumentException("its key is not that of the first certificate in " + certificate, cause);
    }

    private static boolean isPair(PublicKey publicKey, PrivateKey privateKey) throws GeneralSecurityException {
        if (publicKey instanceof RSAKey ofCertificate && privateKey instanceof RSAKey own) {
            return ofCertificate.getModulus().equals(own.getModulus());
        }
        String algorithm = publicKey.getAlgorithm();
        Signature signature = Signature.getInstance(algorithm.equals("EC") ? "SHA256withECDSA" : algorithm);
        byte[] text = {1, 2, 3};
        signature.initSign(privateKey);
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(text);
        return signature.verify(signed);
    }

    /**
     * Checks that the file holds a private key in the form that is read here.
     *
     * @param privateKey its path; never in a message, for somebody may have put the key itself there
     * @throws IllegalArgumentException if it does not; the message says why and what to do
     */
    static void checkKey(String privateKey) {
        Path file;
        try {
            file = Path.of(privateKey);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("it is not the path of a file"); // the cause has the text
        }
        encodedKey(file);
    }

    private static byte[] encodedKey(Path privateKey) {
        String text;
        try {
            text = Files.readString(privateKey);
        } catch (IOException e) {
            throw new IllegalArgumentException("there is no such file, or it cannot be read ("
                    + e.getClass().getSimpleName() + ")");
        }
        Matcher pem = PEM.matcher(text);
        if (!pem.find()) {
            throw new IllegalArgumentException("the file holds no private key in PEM");
        }
        if (!pem.group(1).equals("PRIVATE KEY")) {
            throw new IllegalArgumentException(
                    "the file holds an " + pem.group(1)
                            + ", which is not supported; convert it with openssl pkcs8 -topk8 -nocrypt -in <file> -out <new file>");
        }
        return Base64.getMimeDecoder().decode(pem.group(2));
    }

    /**
     * What is wrong with the certificate and the key for a server, if they are given.
     *
     * @param values of all properties, each allowed by itself
     * @param server prefix of the properties
     * @param tls property that says whether TLS is spoken
     * @param off its value if it is not
     */
    static List<String> problems(Map<String, String> values, String server, String tls, String off) {
        String certificate = server + ".ssl-cert";
        String key = server + ".ssl-key";
        if (values.get(certificate).isEmpty() && values.get(key).isEmpty()) {
            return List.of();
        }
        if (values.get(certificate).isEmpty() || values.get(key).isEmpty()) {
            String missing = values.get(key).isEmpty() ? key : certificate;
            return List.of(missing + " is missing: " + certificate + " and " + key + " go together; set both or none");
        }
        if (values.get(tls).equals(off)) {
            return List.of(certificate + " and " + key + " need TLS; switch it on by " + tls
                    + (server.equals("rabbitmq") ? " or amqps:// in " + RabbitmqUri.PROPERTY : "")
                    + ", or remove them");
        }
        try {
            read(Path.of(values.get(certificate)), Path.of(values.get(key)));
            return List.of();
        } catch (IllegalArgumentException e) {
            return List.of(key + "=" + values.get(key) + " is not valid: " + e.getMessage());
        }
    }

    /** A key store (PKCS12) with it, protected by {@link #PASSWORD}. */
    KeyStore keyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("client", key, PASSWORD.toCharArray(), chain.toArray(Certificate[]::new));
        return store;
    }
}

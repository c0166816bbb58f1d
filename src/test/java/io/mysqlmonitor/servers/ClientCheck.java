package io.mysqlmonitor.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** A TLS server in this JVM that demands a client certificate of its authority, and tells whose certificate it was shown. */
public final class ClientCheck implements AutoCloseable {

    private final SSLServerSocket server;
    private final CompletableFuture<String> shown;

    /**
     * @param server with the server's certificate and what it trusts
     */
    public ClientCheck(SSLContext server) throws IOException {
        this.server = (SSLServerSocket)
                server.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        this.server.setNeedClientAuth(true);
        this.shown = CompletableFuture.supplyAsync(this::accept);
    }

    private String accept() {
        try (SSLSocket client = (SSLSocket) server.accept()) {
            client.startHandshake();
            String name = client.getSession().getPeerPrincipal().getName();
            client.getOutputStream().write(1); // by TLS 1.3 a client is told only then
            return name;
        } catch (IOException e) {
            return "refused: " + e.getMessage();
        }
    }

    /** A plain connection to it. */
    public Socket connect() throws IOException {
        return new Socket(server.getInetAddress(), server.getLocalPort());
    }

    /** The name in the certificate that the client has shown over this connection, or {@code refused: <why>}. */
    public String shownBy(Socket tls) throws Exception {
        ((SSLSocket) tls).startHandshake();
        return shown.get(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}

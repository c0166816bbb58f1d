package io.mysqlmonitor.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpProxyTest {

    private static final int BYTES = 1_000_000;

    private ServerSocket listener;
    private TcpProxy proxy;
    private Socket client;
    private Socket server;

    @BeforeEach
    void connect() throws IOException {
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        proxy = new TcpProxy(listener.getInetAddress().getHostAddress(), listener.getLocalPort());
        client = new Socket(proxy.host(), proxy.port());
        server = listener.accept();
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        proxy.close();
        server.close();
        listener.close();
    }

    @Test
    void shouldForwardBothWaysAndTheEnd() throws IOException {
        client.getOutputStream().write(new byte[] {1, 2, 3});
        assertThat(server.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);

        server.getOutputStream().write(new byte[] {4, 5});
        assertThat(client.getInputStream().readNBytes(2)).containsExactly(4, 5);

        client.close();
        assertThat(server.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void shouldHoldBackWhileMutedAndForwardItAfterThat() throws Exception {
        proxy.mute();
        client.getOutputStream().write(new byte[] {1, 2, 3});
        await().during(Duration.ofMillis(300))
                .until(() -> server.getInputStream().available() == 0);
        client.close(); // is held back, too

        proxy.resume();

        assertThat(server.getInputStream().readAllBytes()).containsExactly(1, 2, 3);
    }

    @Test
    void shouldLetSoManyBytesThroughPerSecond() throws Exception {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        proxy.throttle(10);
        long begin = System.nanoTime();
        start(() -> server.getInputStream().transferTo(received));
        start(() -> client.getOutputStream().write(new byte[BYTES]));
        await().until(() -> received.size() >= 3);
        int atMost = 1 + (int) ((System.nanoTime() - begin) / 100_000_000L);
        assertThat(received.size()).isLessThanOrEqualTo(atMost);

        proxy.resume();

        await().until(() -> received.size() == BYTES);
    }

    @Test
    void shouldCutConnectionsOnClose() throws IOException {
        proxy.mute();

        proxy.close();

        assertThat(ended(client.getInputStream())).isTrue();
        assertThat(ended(server.getInputStream())).isTrue();
    }

    private static boolean ended(InputStream stream) {
        try {
            return stream.read() < 0;
        } catch (IOException e) {
            return true; // reset
        }
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void start(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException e) {
                // the test is over
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}

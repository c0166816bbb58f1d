package io.mysqlmonitor.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A TCP proxy on the loopback address, whose connections to one server can be slowed down or muted while they stay open.
 *
 * <p>It begins at full speed. What it does not forward it does not read either, but for a few kilobytes, so that the sender's
 * buffers fill and nothing is lost when it goes on. Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {

    private static final int BUFFER = 16 * 1024;
    private static final int CONNECT_MILLIS = 10_000;
    private static final long SECOND = 1_000_000_000L;

    private final InetSocketAddress server;
    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // guarded by lock
    private long bytesPerSecond = Long.MAX_VALUE;
    private boolean muted;
    private boolean closed;

    /** Listens on a free port, see {@link #port()}, for connections to forward to the server. */
    public TcpProxy(String host, int port) throws IOException {
        server = new InetSocketAddress(host, port);
        listener = new ServerSocket();
        listener.setReceiveBufferSize(BUFFER);
        listener.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
        start("accept", this::accept);
    }

    /** Where to connect to, instead of the server. */
    public String host() {
        return listener.getInetAddress().getHostAddress();
    }

    /** Where to connect to, instead of the server's port. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Forwards at most so many bytes per second from now on, in each direction of each connection. */
    public void throttle(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("bytes per second must be more than 0; mute() forwards nothing");
        }
        change(() -> bytesPerSecond = bytes);
    }

    /**
     * Forwards nothing from now on but what is on its way already, not even the end of a connection, but keeps all connections
     * open, as when the network between is cut. New connections are accepted and mute, too.
     */
    public void mute() {
        change(() -> muted = true);
    }

    /** Forwards at full speed again, first of all what was held back. */
    public void resume() {
        change(() -> {
            muted = false;
            bytesPerSecond = Long.MAX_VALUE;
        });
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            Socket client = null;
            try {
                client = keep(listener.accept());
                Socket toServer = keep(new Socket());
                toServer.setReceiveBufferSize(BUFFER);
                toServer.connect(server, CONNECT_MILLIS);
                Socket toClient = client;
                start("to server", () -> pump(toClient, toServer));
                start("to client", () -> pump(toServer, toClient));
            } catch (IOException e) {
                drop(client); // the server refused, or the proxy is closed
            }
        }
    }

    private Socket keep(Socket socket) {
        sockets.add(socket);
        return socket;
    }

    private void drop(Socket socket) {
        if (socket == null) {
            return;
        }
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void pump(Socket from, Socket to) {
        try {
            try {
                forward(from, to);
            } catch (IOException e) {
                // one side has gone, and so does the other
            }
            awaitTurn(0); // the end is held back, too
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            drop(from);
            drop(to);
        }
    }

    private void forward(Socket from, Socket to) throws IOException, InterruptedException {
        byte[] buffer = new byte[BUFFER];
        long next = 0; // when the next bytes may go, in terms of System.nanoTime
        for (int count = 0; count >= 0; count = from.getInputStream().read(buffer)) {
            int sent = 0;
            while (sent < count) {
                next = awaitTurn(next);
                int portion = Math.min(portion(), count - sent);
                to.getOutputStream().write(buffer, sent, portion);
                sent += portion;
                next += nanos(portion);
            }
        }
    }

    /** As much as may go in a tenth of a second. */
    private int portion() {
        lock.lock();
        try {
            return (int) Math.max(1, Math.min(BUFFER, bytesPerSecond / 10));
        } finally {
            lock.unlock();
        }
    }

    private long nanos(int bytes) {
        lock.lock();
        try {
            return bytes * SECOND / bytesPerSecond;
        } finally {
            lock.unlock();
        }
    }

    /** Waits until {@code next} (0 for now), and as long as the proxy is mute; gives the time at which it went on. */
    private long awaitTurn(long next) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed) {
                long nanos = next == 0 ? 0 : next - System.nanoTime();
                if (muted) {
                    changed.await();
                } else if (nanos > 0 && bytesPerSecond != Long.MAX_VALUE) {
                    changed.awaitNanos(nanos);
                } else {
                    break;
                }
            }
            return System.nanoTime();
        } finally {
            lock.unlock();
        }
    }

    /** Cuts all connections and listens no more. */
    @Override
    public void close() throws IOException {
        listener.close();
        change(() -> closed = true);
        sockets.forEach(this::drop);
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, "tcp proxy " + name);
        thread.setDaemon(true);
        thread.start();
    }
}

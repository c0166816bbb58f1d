package io.mysqlmonitor.checkpoint;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lock on a data folder: one monitor at a time works on it. The operating system releases it when the process ends, however it ends.
 *
 * <p>The file {@code lock} in the folder is locked, and says who holds it; it stays there when it is released.
 *
 * <p>Thread-safe.
 */
final class DataFolderLock {

    private static final Logger LOG = LoggerFactory.getLogger(DataFolderLock.class);

    /** Behind the text, which others read while the file is locked: on Windows what is locked cannot be read. */
    private static final long LOCKED_BYTE = 1 << 20;

    private static final int LONGEST_TEXT = 200;

    /**
     * The lock files that this process holds. On Linux a process loses its lock as soon as it closes any channel of that file, so it must
     * not even be opened a second time.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final Path file;

    // guarded by this
    private Path key;
    private FileChannel channel;
    private boolean warned;

    DataFolderLock(Path folder) {
        this.folder = folder;
        this.file = folder.resolve("lock");
    }

    /**
     * Takes the lock, unless it is taken already. If the folder cannot be written or its file system has no locks, that is logged once, and
     * the next call tries again.
     *
     * @return whether it was taken by this call
     * @throws DataFolderInUseException if another monitor has it, in this process or in another
     */
    synchronized boolean acquire() {
        if (channel != null) {
            return false;
        }
        try {
            Files.createDirectories(folder);
            if (Files.notExists(file)) {
                Files.write(file, new byte[0], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
            Path wanted = file.toRealPath(); // not its inode, which another file gets when this one is deleted
            if (!HELD.add(wanted)) {
                throw new DataFolderInUseException(folder, "another monitor of this process");
            }
            boolean taken = false;
            try {
                taken = lock();
            } finally {
                if (taken) {
                    key = wanted;
                } else {
                    HELD.remove(wanted);
                }
            }
            return true;
        } catch (IOException e) {
            if (!warned) {
                LOG.warn(
                        "The folder {} cannot be locked ({}): nothing keeps a second monitor from using it. Make sure that only "
                                + "this one does.",
                        folder,
                        e.toString());
            }
            warned = true;
            return false;
        }
    }

    private boolean lock() throws IOException {
        FileChannel opened = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (opened.tryLock(LOCKED_BYTE, 1, false) == null) {
                throw new DataFolderInUseException(folder, holder(opened));
            }
            channel = opened;
            return true;
        } finally {
            if (channel == null) {
                opened.close();
            } else {
                sayWhoHoldsIt();
            }
        }
    }

    private static String holder(FileChannel channel) {
        try {
            ByteBuffer text = ByteBuffer.allocate(LONGEST_TEXT);
            channel.read(text, 0);
            String holder = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8).strip();
            return holder.isEmpty() ? "another monitor" : "another monitor, " + holder;
        } catch (IOException e) {
            return "another, unknown monitor (" + e + ')';
        }
    }

    private void sayWhoHoldsIt() {
        try {
            channel.truncate(0);
            String holder = "pid " + ProcessHandle.current().pid() + " on host " + host() + '\n';
            channel.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)), 0);
        } catch (IOException e) {
            LOG.debug("The holder of {} cannot be written", file, e); // the lock is what counts
        }
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    /** Gives the lock back, if it was taken. */
    synchronized void release() {
        if (channel == null) {
            return;
        }
        try {
            channel.truncate(0);
        } catch (IOException e) {
            LOG.debug("{} is not emptied", file, e);
        }
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("{} is not closed", file, e);
        }
        channel = null;
        HELD.remove(key);
        key = null;
    }
}

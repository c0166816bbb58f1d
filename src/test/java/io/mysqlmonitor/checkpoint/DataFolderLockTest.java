package io.mysqlmonitor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class DataFolderLockTest {

    @TempDir
    private Path folder;

    /** Another process that works on a folder until it is killed. */
    static final class Holder {

        private Holder() {}

        public static void main(String[] args) throws IOException {
            new DataFolderLock(Path.of(args[0])).acquire();
            System.out.println("locked");
            System.in.read();
        }
    }

    @Test
    @Timeout(60)
    void shouldRefuseWhileAnotherProcessHoldsTheFolderAndNotAfterItWasKilled() throws Exception {
        Process other = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        DataFolderLock lock = new DataFolderLock(folder);
        try (BufferedReader out = new BufferedReader(new InputStreamReader(other.getInputStream()))) {
            String line = out.readLine();
            while (line != null && !line.equals("locked")) {
                line = out.readLine();
            }
            assertThat(line).isEqualTo("locked");

            assertThatThrownBy(lock::acquire)
                    .isInstanceOf(DataFolderInUseException.class)
                    .hasMessageContaining(folder.toString())
                    .hasMessageContaining("pid " + other.pid() + " on host ");
        } finally {
            other.destroyForcibly().waitFor();
        }

        assertThat(lock.acquire()).isTrue();
        assertThat(folder.resolve("lock"))
                .content()
                .startsWith("pid " + ProcessHandle.current().pid() + " on host ");
        lock.release();
    }

    @Test
    void shouldRefuseASecondMonitorOfTheSameProcessUntilTheFirstGivesTheFolderBack() {
        DataFolderLock first = new DataFolderLock(folder);
        DataFolderLock second = new DataFolderLock(folder.resolve("..").resolve(folder.getFileName()));

        assertThat(first.acquire()).isTrue();
        assertThat(first.acquire()).isFalse();
        assertThatThrownBy(second::acquire)
                .isInstanceOf(DataFolderInUseException.class)
                .hasMessageContaining("another monitor of this process");
        first.release();
        first.release();

        assertThat(second.acquire()).isTrue();
        second.release();
    }

    @Test
    void shouldGoOnWhereNothingCanBeLocked() throws IOException {
        Path file = Files.createFile(folder.resolve("no-folder"));
        DataFolderLock lock = new DataFolderLock(file);

        assertThat(lock.acquire()).isFalse();
        lock.release();
        Files.delete(file);

        assertThat(lock.acquire()).as("when it can be").isTrue();
        lock.release();
    }
}

package io.mysqlmonitor.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The system's clock as a process sees it, by libfaketime: it can be set while the process runs, and its monotonic clock does not notice, as
 * when an operator or NTP sets a clock.
 */
public final class FakeClock {

    private static final Path LIBRARIES = Path.of("/usr/lib");
    private static final String LIBRARY = "faketime/libfaketimeMT.so.1";

    private final Path library;
    private final Path file;
    private Duration offset = Duration.ZERO;

    private FakeClock(Path library, Path file) throws IOException {
        this.library = library;
        this.file = file;
        write();
    }

    /**
     * A clock that goes right until it jumps; empty where libfaketime is not installed.
     *
     * @param folder for the file by which it is set
     */
    public static Optional<FakeClock> in(Path folder) throws IOException {
        Optional<Path> library;
        try (Stream<Path> folders = Files.list(LIBRARIES)) {
            library = Stream.concat(Stream.of(LIBRARIES), folders)
                    .map(each -> each.resolve(LIBRARY))
                    .filter(Files::isReadable)
                    .findFirst();
        }
        return library.isEmpty()
                ? Optional.empty()
                : Optional.of(new FakeClock(library.get(), folder.resolve("faketime")));
    }

    /** The environment of a process that is to see this clock. */
    public Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                "FAKETIME_FORCE_MONOTONIC_FIX",
                "0",
                "FAKETIME_TIMESTAMP_FILE",
                file.toString(),
                "FAKETIME_CACHE_DURATION",
                "1");
    }

    /** Sets it ahead, or back if negative; the process sees it within a second. */
    public void jump(Duration duration) throws IOException {
        offset = offset.plus(duration);
        write();
    }

    private void write() throws IOException {
        Path temporary = file.resolveSibling("faketime.new");
        Files.writeString(temporary, (offset.isNegative() ? "" : "+") + offset.toSeconds());
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}

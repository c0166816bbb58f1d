package io.mysqlmonitor.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.supervise.SnapshotRequests.Request;
import io.mysqlmonitor.supervise.SnapshotRequests.Taken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotRequestsTest {

    private static final String ORDERS = "{\"table\":\"shop.orders\",\"where\":\"id > 5\"}";
    private static final String CUSTOMER = "{\"table\":\"shop.customer\"}";

    @TempDir
    private Path data;

    private Path asked;
    private Path rejected;
    private SnapshotRequests requests;

    @BeforeEach
    void setUp() {
        asked = data.resolve("snapshot-requests.jsonl");
        rejected = data.resolve("snapshot-requests.rejected.jsonl");
        requests = new SnapshotRequests(data);
    }

    private List<Request> take() {
        return requests.take().stream().map(Taken::request).toList();
    }

    @Test
    void shouldTakeThemAgainUntilTheyAreDone() throws IOException {
        Files.writeString(asked, ORDERS + "\n" + CUSTOMER + "\n");
        assertThat(requests.exist()).isTrue();

        assertThat(take()).containsExactly(new Request("shop.orders", "id > 5"), new Request("shop.customer", ""));
        assertThat(new SnapshotRequests(data).take()).hasSize(2);
        requests.done();

        assertThat(requests.exist()).isFalse();
        assertThat(rejected).doesNotExist();
    }

    @Test
    void shouldLeaveOutLinesThatAreNoRequestAndKeepThem() throws IOException {
        List<String> wrong = List.of(
                "please",
                "{\"table\":\"shop.ord",
                "[]",
                "null",
                "{}",
                "{\"table\":5}",
                "{\"table\":\"shop.orders\",\"where\":5}");
        Files.writeString(asked, ORDERS + "\n\n" + String.join("\n", wrong) + "\r\n" + CUSTOMER);

        assertThat(take()).containsExactly(new Request("shop.orders", "id > 5"), new Request("shop.customer", ""));
        requests.done();

        assertThat(rejected).content().isEqualTo(String.join("\n", wrong) + "\n");
        assertThat(requests.exist()).isFalse();
    }

    @Test
    void shouldKeepARequestThatTheServerRefuses() throws IOException {
        Files.writeString(asked, "{\"table\":\"orders\"}\n" + ORDERS + "\n");

        requests.reject(requests.take().get(0), "orders is not the name of a table");
        requests.done();

        assertThat(rejected).content().isEqualTo("{\"table\":\"orders\"}\n");
    }

    @Test
    void shouldMoveAFileAwayThatCannotBeRead() throws IOException {
        Files.write(asked, new byte[2_000_000]);
        assertThat(requests.take()).isEmpty();
        assertThat(requests.exist()).isFalse();
        assertThat(rejected).hasSize(2_000_000);

        Files.createDirectory(asked);
        assertThat(requests.take()).isEmpty();
        assertThat(requests.exist()).isFalse();
        assertThat(data.resolve("snapshot-requests.rejected.2.jsonl")).isDirectory();

        Files.write(asked, new byte[] {(byte) 0xff, (byte) 0xfe, 0, '\n', 1});
        assertThat(requests.take()).isEmpty();
        requests.done();
        assertThat(requests.exist()).isFalse();

        Files.createFile(asked);
        assertThat(requests.take()).isEmpty();
        requests.done();
        assertThat(requests.exist()).isFalse();
    }

    @Test
    void shouldTryOnceWhatCannotEvenBeMovedAway() throws IOException {
        Files.createDirectories(data.resolve("snapshot-requests.taken.jsonl").resolve("not-empty"));
        requests.done();

        assertThat(requests.exist()).isFalse();
        Files.writeString(asked, ORDERS);
        assertThat(requests.exist()).as("when it changes").isTrue();
    }
}

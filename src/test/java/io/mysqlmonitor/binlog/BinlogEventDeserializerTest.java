package io.mysqlmonitor.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import io.debezium.config.CommonConnectorConfig.EventProcessingFailureHandlingMode;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BinlogEventDeserializerTest {

    private static final int HEADER_BYTES = 19;
    private static final int POSITION = 4711;
    private static final int QUERY = 2;
    private static final int ROTATE = 4;
    private static final int TABLE_MAP = 19;

    private final List<UnreadableEvent> unreadable = new ArrayList<>();
    private boolean failed;
    private final BinlogEventDeserializer deserializer = new BinlogEventDeserializer(
            (database, table) -> database.equals("shop") && "item".equals(table),
            unreadable::add,
            false,
            EventProcessingFailureHandlingMode.FAIL,
            () -> failed,
            (table, mariadb) -> {});

    private Event read(int type, int flags, byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        write(bytes, 1_700_000_000, 4);
        write(bytes, type, 1);
        write(bytes, 1, 4);
        write(bytes, HEADER_BYTES + body.length, 4);
        write(bytes, POSITION + HEADER_BYTES + body.length, 4);
        write(bytes, flags, 2);
        bytes.write(body);
        return deserializer.nextEvent(new ByteArrayInputStream(bytes.toByteArray()));
    }

    private static void write(ByteArrayOutputStream bytes, long value, int length) {
        for (int i = 0; i < length; i++) {
            bytes.write((int) (value >> 8 * i));
        }
    }

    private void rotate() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        write(body, 4, 8);
        body.writeBytes("binlog.000003".getBytes());
        read(ROTATE, 0, body.toByteArray());
    }

    /** A table of one INT column, and one VARCHAR column. */
    private void table(int number, String name) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        write(body, number, 6);
        write(body, 1, 2);
        body.write(4);
        body.writeBytes("shop\0".getBytes());
        body.write(name.length());
        body.writeBytes((name + '\0').getBytes());
        body.write(2);
        body.write(3);
        body.write(15);
        body.write(2);
        write(body, 200, 2);
        body.write(0);
        read(TABLE_MAP, 0, body.toByteArray());
    }

    /** An insert of rows with the given columns of the two, in the format of MySQL 5.6. */
    private Event insert(int table, int columns, String name) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        write(body, table, 6);
        write(body, 0, 2);
        write(body, 2, 2); // no extra data
        body.write(2);
        body.write(columns);
        body.write(0); // no column is NULL
        write(body, 7, 4);
        if (columns == 3) {
            body.write(name.length());
            body.writeBytes(name.getBytes());
        }
        return read(30, 0, body.toByteArray());
    }

    private Event statement(String sql) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        write(body, 0, 8);
        body.write(4);
        write(body, 0, 4);
        body.writeBytes(("shop\0" + sql).getBytes());
        return read(QUERY, 0, body.toByteArray());
    }

    @Test
    void shouldHandOnWholeRowsAndStopAtOthers() throws Exception {
        rotate();
        table(1, "item");
        table(2, "note");

        assertThat(insert(1, 3, "a").getHeader().<EventType>getEventType()).isEqualTo(EventType.EXT_WRITE_ROWS);
        assertThat(insert(2, 1, null).getHeader().<EventType>getEventType()).isEqualTo(EventType.EXT_WRITE_ROWS);
        assertThat(unreadable).isEmpty();
        assertThat(insert(1, 1, null).getHeader().<EventType>getEventType()).isEqualTo(EventType.IGNORABLE);
        assertThat(unreadable)
                .singleElement()
                .hasToString(
                        "the event at binlog.000003:4711 may hold changes of the watched table shop.item that cannot be read: "
                                + "rows without all of their columns; a session set binlog_row_image to other than FULL");
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 21, 22, 39, 166, 167, 168, 169, 170, 171})
    void shouldLookUpTheTableOfRowsThatItCannotRead(int type) throws Exception {
        rotate();
        table(1, "item");
        table(2, "note");

        read(type, 0, new byte[] {2, 0, 0, 0, 0, 0, 1, 0});
        assertThat(unreadable).isEmpty();
        read(type, 0, new byte[] {1, 0, 0, 0, 0, 0, 1, 0});
        assertThat(unreadable)
                .singleElement()
                .extracting(UnreadableEvent::table)
                .isEqualTo("item");
        read(type, 0, new byte[] {9, 0, 0, 0, 0, 0, 1, 0});
        assertThat(unreadable).last().extracting(UnreadableEvent::table).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "26, INCIDENT",
        "165, log_bin_compress",
        "6, LOAD DATA",
        "12, LOAD DATA",
        "0, 'the type of the event, 0, is not known'",
        "1, is not known",
        "7, is not known",
        "43, is not known",
        "172, is not known",
        "255, is not known"
    })
    void shouldStopAtWhatMayBeOfAnyTable(int type, String reason) throws Exception {
        rotate();

        read(type, 0, new byte[] {1, 2});

        assertThat(unreadable).singleElement().satisfies(event -> {
            assertThat(event.database()).isNull();
            assertThat(event.reason()).contains(reason);
        });
    }

    @Test
    void shouldPassOverWhatTheServerSaysMayBe() throws Exception {
        rotate();

        assertThat(read(200, 0x80, new byte[] {1, 2}).getHeader().<EventType>getEventType())
                .isEqualTo(EventType.UNKNOWN);
        assertThat(unreadable).isEmpty();
    }

    @Test
    void shouldStopAtStatementsInThePlaceOfRows() throws Exception {
        rotate();

        statement("BEGIN");
        statement("INSERT INTO note VALUES (1)");
        statement("CREATE TABLE item (id INT)");
        assertThat(unreadable).isEmpty();
        assertThat(statement("INSERT INTO item VALUES (1)").getHeader().<EventType>getEventType())
                .isEqualTo(EventType.IGNORABLE);
        assertThat(statement("CREATE TABLE item SELECT 1").getHeader().<EventType>getEventType())
                .as("defines a table, too")
                .isEqualTo(EventType.QUERY);
        statement("CALL p()");
        assertThat(unreadable).extracting(UnreadableEvent::table).containsExactly("item", "item", null);
        assertThat(unreadable).extracting(UnreadableEvent::database).containsOnly("shop");
    }

    @Test
    void shouldStopAtWhatCannotBeDecoded() throws Exception {
        rotate();

        Event event = insert(1, 3, "a"); // of a table that was not named

        assertThat(event.getHeader().<EventType>getEventType()).isEqualTo(EventType.IGNORABLE);
        assertThat(unreadable)
                .singleElement()
                .extracting(UnreadableEvent::reason)
                .asString()
                .contains("it cannot be decoded");
    }

    @Test
    void shouldEndTheStreamSoThatTheClientHandsOnNothingMore() throws Exception {
        BinlogEventDeserializer stopping = new BinlogEventDeserializer(
                (database, table) -> true,
                event -> {
                    throw new UnreadableEventException(event);
                },
                true,
                EventProcessingFailureHandlingMode.FAIL,
                () -> false,
                (table, mariadb) -> {});

        for (int type : new int[] {26, 42}) { // the second is a GTID with a tag
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            write(bytes, 1_700_000_000, 4);
            write(bytes, type, 1);
            write(bytes, 1, 4);
            write(bytes, HEADER_BYTES, 4);
            write(bytes, POSITION, 4);
            write(bytes, 0, 2);

            assertThatThrownBy(() -> stopping.nextEvent(new ByteArrayInputStream(bytes.toByteArray())))
                    .isInstanceOf(EOFException.class);
        }
    }

    @Test
    void shouldHandOnNothingAfterAnEventAtWhichTheConnectorFailed() throws Exception {
        rotate();

        failed = true;

        assertThatThrownBy(this::rotate).isInstanceOf(EOFException.class).hasMessageContaining("failed");
    }
}

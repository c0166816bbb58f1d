package io.mysqlmonitor.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventData;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.GtidEventData;
import com.github.shyiko.mysql.binlog.event.MySqlGtid;
import com.github.shyiko.mysql.binlog.event.PreviousGtidSetEventData;
import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the scans find in a log of two files. In the first stand, each 100 bytes long: the format and the GTIDs before it at 0 and 100, a transaction
 * with a GTID from 200 to 600 (GTID, BEGIN, rows, XID), and a statement with a GTID from 600 to 800.
 */
class BinlogScanTest {

    private static final String SERVER = "11111111-2222-3333-4444-555555555555";

    private final List<Event> log = new ArrayList<>();

    /** Time and place of the event that is added next. */
    private int second;

    private long end;

    BinlogScanTest() {
        add(EventType.FORMAT_DESCRIPTION, null);
        add(EventType.PREVIOUS_GTIDS, new PreviousGtidSetEventData(SERVER + ":1-5"));
        add(EventType.GTID, gtid(6));
        add(EventType.QUERY, query("BEGIN"));
        add(EventType.EXT_WRITE_ROWS, null);
        add(EventType.XID, null);
        add(EventType.GTID, gtid(7));
        add(EventType.QUERY, query("CREATE TABLE t (id INT)"));
    }

    private void add(EventType type, EventData data) {
        EventHeaderV4 header = new EventHeaderV4();
        header.setEventType(type);
        header.setTimestamp(1000L * second++);
        header.setEventLength(100);
        header.setNextPosition(end + 100);
        end += 100;
        log.add(new Event(header, data));
    }

    private void addNextFile() {
        EventHeaderV4 header = new EventHeaderV4(); // of an event that the server makes up
        header.setEventType(EventType.ROTATE);
        RotateEventData next = new RotateEventData();
        next.setBinlogFilename("binlog.2");
        log.add(new Event(header, next));
        end = 0;
        add(EventType.FORMAT_DESCRIPTION, null);
    }

    private static GtidEventData gtid(long number) {
        return new GtidEventData(MySqlGtid.fromString(SERVER + ":" + number), (byte) 0, 0, 0, 0, 0, 0, 0, 0);
    }

    private static QueryEventData query(String sql) {
        QueryEventData query = new QueryEventData();
        query.setSql(sql);
        return query;
    }

    private <T extends BinlogScan> T read(T scan) {
        log.stream().takeWhile(event -> !scan.isEnough()).forEach(scan::meet);
        return scan;
    }

    @ParameterizedTest
    @CsvSource({"200, 5", "600, 6", "800, 7"})
    void shouldFindAPositionBetweenTwoTransactions(long position, int executed) throws Exception {
        BinlogSearch.Found found = read(new PositionScan("binlog.1", position)).found();

        assertThat(found.place().toString()).contains("binlog.1:" + position);
        assertThat(found.place().gtids()).isEqualTo(SERVER + ":1-" + executed);
    }

    @ParameterizedTest
    @CsvSource({"300, 200", "599, 200", "601, 600", "700, 600"})
    void shouldNameTheTransactionInWhichAPositionStands(long position, long begin) {
        PositionScan scan = read(new PositionScan("binlog.1", position));

        assertThatThrownBy(scan::found)
                .isInstanceOf(StartRefusedException.class)
                .hasMessage("it is not between two transactions; begin at binlog.1:" + begin);
    }

    @Test
    void shouldGoOnInTheNextFileFromTheEndOfOne() throws Exception {
        addNextFile();

        assertThat(read(new PositionScan("binlog.1", 800)).found().place().file())
                .isEqualTo("binlog.2");
    }

    /** As other readers note it, who look at each event by itself. */
    @ParameterizedTest
    @CsvSource({"200, 200", "300, 200", "400, 200", "500, 600", "600, 600", "700, 800", "800, 800"})
    void shouldLeaveOutNoRowBehindAPosition(long position, long place) throws Exception {
        assertThat(read(new EventScan("binlog.1", position)).found().position()).isEqualTo(place);
    }

    @ParameterizedTest
    @CsvSource({"250", "801"})
    void shouldRefuseAPositionAtWhichNoEventBegins(long position) {
        EventScan scan = read(new EventScan("binlog.1", position));

        assertThatThrownBy(scan::found)
                .isInstanceOf(StartRefusedException.class)
                .hasMessageContaining("no event of the file begins or ends there");
    }

    @ParameterizedTest
    @CsvSource({"0, 200", "2, 200", "5, 200", "6, 600"})
    void shouldFindTheTransactionWithTheFirstEventOfASecond(long time, long position) {
        assertThat(read(new TimeScan("binlog.1", Instant.ofEpochSecond(time)))
                        .found()
                        .position())
                .isEqualTo(position);
    }

    @Test
    void shouldFindNothingAfterTheLastEvent() {
        assertThat(read(new TimeScan("binlog.1", Instant.ofEpochSecond(8))).found())
                .isNull();
    }

    @Test
    void shouldSeeWhenAFileBegins() {
        assertThat(read(new BeginScan("binlog.1")).begin()).isEqualTo(Instant.EPOCH);
    }

    /** The client's set of GTIDs cannot hold them: it is the place alone that counts then. */
    @Test
    void shouldLeaveOutGtidsWithTags() throws Exception {
        log.clear();
        end = 0;
        add(EventType.PREVIOUS_GTIDS, new PreviousGtidSetEventData(SERVER + ":tag:1-5"));

        assertThat(read(new PositionScan("binlog.1", 100)).found().place().gtids())
                .isEmpty();
    }

    @Test
    void shouldNoticeTransactionsWithoutGtid() {
        assertThat(read(new TimeScan("binlog.1", Instant.MAX)).isAnonymous()).isFalse();

        add(EventType.QUERY, query("DROP TABLE t"));

        assertThat(read(new TimeScan("binlog.1", Instant.MAX)).isAnonymous()).isTrue();
    }
}

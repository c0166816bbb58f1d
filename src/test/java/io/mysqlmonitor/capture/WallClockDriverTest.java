package io.mysqlmonitor.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Calendar;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WallClockDriverTest {

    private final TimeZone ofThisMachine = TimeZone.getDefault();

    @AfterEach
    void tearDown() {
        TimeZone.setDefault(ofThisMachine);
    }

    @ParameterizedTest
    @CsvSource({
        "2025-03-30 02:30:00, 2025-03-30T02:30", // skipped when summer time begins
        "2025-10-26 02:30:00.5, 2025-10-26T02:30:00.500", // twice when it ends
        "1000-01-01 00:00:00.000001, 1000-01-01T00:00:00.000001",
        "9999-12-31 23:59:59.999999, 9999-12-31T23:59:59.999999"
    })
    void shouldReadADateTimeAsItIsWhateverTheZoneOfTheJvm(String read, String expected) throws SQLException {
        TimeZone.setDefault(TimeZone.getTimeZone("Europe/Berlin"));

        ResultSet row = WallClockDriver.over(connection(read)).createStatement().executeQuery("SELECT 1");

        assertThat(row.getTimestamp(1, Calendar.getInstance()).toLocalDateTime())
                .hasToString(expected);
    }

    @Test
    void shouldReadNull() throws SQLException {
        ResultSet row = WallClockDriver.over(connection(null)).createStatement().executeQuery("SELECT 1");

        assertThat(row.getTimestamp(1, Calendar.getInstance())).isNull();
    }

    @Test
    void shouldBeNeededWhereTheOffsetOfTheZoneChanges() {
        TimeZone.setDefault(TimeZone.getTimeZone("Europe/Berlin"));
        assertThat(WallClockDriver.isNeeded()).isTrue();
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        assertThat(WallClockDriver.isNeeded()).isFalse();
    }

    /** Of a server whose only answer is one row of one column. */
    private static Connection connection(String text) {
        return stub(Connection.class, stub(Statement.class, stub(ResultSet.class, text)));
    }

    private static <T> T stub(Class<T> type, Object answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> answer));
    }
}

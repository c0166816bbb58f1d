package io.mysqlmonitor.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatementDeserializerTest {

    private static final int ANSI_QUOTES = 4;

    private static ByteArrayInputStream event(byte[] sql, int sqlMode, int collation) {
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        byte[] database = "größe".getBytes(StandardCharsets.UTF_8);
        byte[] session = {
            0,
            0,
            0,
            0,
            0, // flags
            1,
            (byte) sqlMode,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            6,
            3,
            's',
            't',
            'd',
            3,
            1,
            0,
            1,
            0, // increment
            4,
            (byte) collation,
            (byte) (collation >> 8),
            8,
            0,
            8,
            0,
            12,
            1,
            'x',
            0
        };
        event.writeBytes(new byte[] {7, 0, 0, 0, 0, 0, 0, 0, (byte) database.length, 0, 0, (byte) session.length, 0});
        event.writeBytes(session);
        event.writeBytes(database);
        event.write(0);
        event.writeBytes(sql);
        return new ByteArrayInputStream(event.toByteArray());
    }

    @ParameterizedTest
    @CsvSource({
        "UTF-8, 255, größe 漢 😀",
        "UTF-8, 33, größe 漢",
        "UTF-8, 2304, größe 漢 😀", // MariaDB's uca1400
        "ISO-8859-1, 8, größe \u0081",
        "GBK, 28, 汉字",
        "windows-1251, 51, Жук",
        "UTF-8, 63, größe", // binary
        "UTF-8, 0, größe"
    })
    void shouldReadAStatementInTheCharacterSetOfItsSession(String charset, int collation, String name)
            throws IOException {
        String sql = "CREATE TABLE `" + name + "` (a INT)";

        QueryEventData statement = new StatementDeserializer(() -> "9.7.4")
                .deserialize(event(sql.getBytes(Charset.forName(charset)), 0, collation));

        assertThat(statement.getSql()).isEqualTo(sql);
        assertThat(statement.getDatabase()).isEqualTo("größe");
        assertThat(statement.getThreadId()).isEqualTo(7);
    }

    @Test
    void shouldReadAStatementByTheSqlModeOfItsSession() throws IOException {
        byte[] sql = "ALTER TABLE \"t\" /*!90800 x */ /*!90700 ADD */ a INT".getBytes(StandardCharsets.UTF_8);

        assertThat(new StatementDeserializer(() -> "9.7.4")
                        .deserialize(event(sql, ANSI_QUOTES, 255))
                        .getSql()
                        .replaceAll("\\s+", " "))
                .isEqualTo("ALTER TABLE `t` ADD a INT");
    }

    @Test
    void shouldReadTheNamesOfATableAsUtf8() throws IOException {
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        event.writeBytes(new byte[] {1, 0, 0, 0, 0, 0, 1, 0});
        for (String name : new String[] {"größe", "漢字"}) {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            event.write(bytes.length);
            event.writeBytes(bytes);
            event.write(0);
        }
        event.writeBytes(new byte[] {1, 3, 0, 1}); // one INT

        TableMapEventData table = new TableMapDeserializer().deserialize(new ByteArrayInputStream(event.toByteArray()));

        assertThat(table.getDatabase()).isEqualTo("größe");
        assertThat(table.getTable()).isEqualTo("漢字");
        assertThat(table.getTableId()).isEqualTo(1);
    }
}

package io.mysqlmonitor.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.shyiko.mysql.binlog.network.IdentityVerificationException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerProblemsTest {

    private final ServerProblems problems =
            new ServerProblems(new MysqlSettings("db", 3306, "u", "p", "preferred", null, null, "4711"));

    @ParameterizedTest
    @CsvSource({
        "Access denied for user, 28000, 1045, 'check mysql.user and mysql.password, and mysql.ssl-cert if the user has to show a certificate'",
        "PKIX path building failed, 08S01, 0, name the file with the certificate of its authority in mysql.ssl-ca",
        "the trust anchors parameter, 08S01, 0, name the file with the certificate of its authority in mysql.ssl-ca",
        "Server identity verification failed, 08S01, 0, 'set mysql.host to a name in its certificate, or mysql.ssl-mode=verify_ca'",
        "SSL Connection required, 08001, 0, 'set up TLS on the server, or set mysql.ssl-mode=preferred'",
        "insecure transport is prohibited, HY000, 3159, set mysql.ssl-mode=required",
        "timed out, 08S01, 0, check mysql.host and mysql.port and that the server runs",
        "no such variable, , 1193, see the grants in the README and the settings in docs/servers.md",
    })
    void shouldSayWhatToDoAboutAServerThatIsNotAvailable(String message, String state, int code, String remedy) {
        assertThat(problems.connection(new SQLException(message, state, code)))
                .isEqualTo("MySQL at db:3306 is not available: " + message + "; " + remedy);
    }

    @Test
    void shouldNameTheCauseOfALostConnectionInOneLine() {
        SQLException lost = new SQLException(
                "Communications link failure\n\nThe last packet sent",
                "08S01",
                new IOException("Connection  refused.\n"));

        assertThat(problems.connection(lost))
                .isEqualTo("MySQL at db:3306 is not available: Connection refused; "
                        + "check mysql.host and mysql.port and that the server runs");
    }

    @ParameterizedTest
    @ValueSource(strings = {"db: Name or service not known", "db"})
    void shouldSayTheSameOfAnUnknownHostAtEachTry(String message) {
        SQLException unknown =
                new SQLException("Communications link failure", "08S01", new UnknownHostException(message));

        assertThat(problems.connection(unknown))
                .isEqualTo("MySQL at db:3306 is not available: unknown host db; check mysql.host");
    }

    @Test
    void shouldSayWhyTheEngineEnded() {
        assertThat(problems.engine(new RuntimeException("outer", new IOException("stream\nclosed."))))
                .isEqualTo("IOException: stream closed");
        assertThat(problems.engine(new RuntimeException(new IllegalStateException())))
                .isEqualTo("IllegalStateException: java.lang.IllegalStateException");
        assertThat(problems.engine(new IOException("A slave with the same server_uuid/server_id as this slave")))
                .endsWith("; mysql.server-id=4711 is another replica's too, give the monitor one of its own");
        assertThat(problems.engine(new RuntimeException(new OutOfMemoryError("Java heap space"))))
                .isEqualTo(MysqlServer.OUT_OF_MEMORY);
        assertThat(problems.engine(new IOException(new IdentityVerificationException("no match"))))
                .contains("no IP addresses: set mysql.host to a name");
    }
}

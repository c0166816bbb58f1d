package io.mysqlmonitor.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import io.mysqlmonitor.config.MonitorConfiguration;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.amqp.AmqpAuthenticationException;
import org.springframework.amqp.AmqpConnectException;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.AmqpIOException;

class BrokerProblemTest {

    private static final String RABBITMQ = "RabbitMQ at localhost:5672, vhost / ";

    @Test
    void shouldSayThatAPortSpeaksNoTls() throws Exception {
        assertThat(problem("true", "AMQP\0\0\t\1"))
                .endsWith(" is unreachable: this port speaks no TLS; use the broker's TLS port (usually 5671), or set "
                        + "rabbitmq.ssl=false (amqp:// in rabbitmq.uri)");
    }

    @Test
    void shouldSayThatAPortMaySpeakTls() throws Exception {
        assertThat(problem("false", ""))
                .endsWith(
                        " is unreachable: the server closed the connection during the AMQP handshake; check that RabbitMQ "
                                + "runs at this port; if it is a TLS port, set rabbitmq.ssl=true (amqps:// in rabbitmq.uri)");
    }

    /** What is told of a server that waits for the first bytes, answers and closes the connection. */
    private static String problem(String tls, String answer) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> {
                try (Socket client = server.accept()) {
                    client.getInputStream().readNBytes(8);
                    client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                    client.shutdownOutput();
                    client.getInputStream().readAllBytes();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            RabbitmqSettings settings =
                    settings(Map.of("rabbitmq.addresses", "127.0.0.1:" + server.getLocalPort(), "rabbitmq.ssl", tls));
            try (Broker broker = new Broker(settings, "test", Clock.systemUTC())) {
                String problem = broker.explain(catchThrowableOfType(AmqpException.class, broker::connect));
                answered.join();
                return problem;
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "530, NOT_ALLOWED - vhost /nix not found, check rabbitmq.vhost (or the end of rabbitmq.uri) and the user's permissions for it",
        "404, 'NOT_FOUND - no exchange ''x'' in vhost ''/''', declare the exchange that a step of the routes names; the monitor declares those of its own properties alone",
        "403, ACCESS_REFUSED - access refused, check rabbitmq.user and rabbitmq.password (or rabbitmq.uri) and the user's permissions",
    })
    void shouldShowWhatTheBrokerReplied(int code, String text, String remedy) {
        ShutdownSignalException closed = new ShutdownSignalException(
                true,
                false,
                new AMQP.Connection.Close.Builder()
                        .replyCode(code)
                        .replyText(text)
                        .classId(10)
                        .methodId(40)
                        .build(),
                null);

        assertThat(explain(new AmqpIOException(new IOException(closed))))
                .isEqualTo(RABBITMQ + "does not accept messages: " + text + "; " + remedy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mq: Name or service not known", "mq"})
    void shouldSayTheSameOfAnUnknownHostAtEachTry(String message) {
        assertThat(explain(new AmqpIOException(new UnknownHostException(message))))
                .isEqualTo(RABBITMQ + "is unreachable: unknown host mq; check rabbitmq.addresses (or rabbitmq.uri)");
    }

    @Test
    void shouldNotCallABrokerUnreachableThatRefusesTheUserOrAMessage() {
        assertThat(explain(new AmqpAuthenticationException(
                        new AuthenticationFailureException("ACCESS_REFUSED - Login was refused"))))
                .startsWith(
                        RABBITMQ + "does not accept messages: ACCESS_REFUSED - Login was refused; check rabbitmq.user");
        assertThat(explain(new UnconfirmedException("not confirmed (nack)")))
                .startsWith(RABBITMQ + "does not accept messages: not confirmed (nack); ");
    }

    @Test
    void shouldTellALostConnectionFromOneThatWasNotMade() {
        ShutdownSignalException lost = new ShutdownSignalException(true, false, null, null);
        lost.initCause(new EOFException());

        assertThat(explain(new AmqpConnectException(lost)))
                .isEqualTo(RABBITMQ + "is unreachable: the server closed the connection; check rabbitmq.addresses (or "
                        + "rabbitmq.uri) and that the broker runs");
    }

    private static String explain(Exception failure) {
        return BrokerProblem.explain(failure, settings(Map.of()));
    }

    private static RabbitmqSettings settings(Map<String, String> properties) {
        Map<String, String> all = new TreeMap<>(properties);
        all.put("mysql.user", "u");
        all.put("mysql.password", "p");
        return MonitorConfiguration.of(all).rabbitmq();
    }
}

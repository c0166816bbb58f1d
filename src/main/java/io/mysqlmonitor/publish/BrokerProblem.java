package io.mysqlmonitor.publish;

import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.apache.camel.util.ObjectHelper;
import org.springframework.amqp.AmqpException;
import org.springframework.amqp.AmqpIOException;
import org.springframework.core.NestedExceptionUtils;

/** What a failure of the broker means: one line for operators, with the cause and what to do about it. */
final class BrokerProblem {

    private static final String ADDRESSES = "rabbitmq.addresses (or rabbitmq.uri)";
    private static final String UNKNOWN_HOST = "unknown host ";
    private static final String NO_TLS = "this port speaks no TLS";
    private static final String CLOSED_IN_HANDSHAKE = "the server closed the connection during the AMQP handshake";

    /** What the broker replied, in what the client makes of it. */
    private static final Pattern REPLY = Pattern.compile(".*reply-text=(.*), class-id=\\d+, method-id=\\d+\\).*");

    private BrokerProblem() {}

    /** Whether the broker, or the connection to it, failed. */
    static boolean isCauseOf(Throwable failure) {
        return Stream.of(AmqpException.class, ShutdownSignalException.class, UnconfirmedException.class)
                .anyMatch(cause -> ObjectHelper.getException(cause, failure) != null);
    }

    /** One line for operators: what is wrong and what to do about it. */
    static String explain(Exception failure, RabbitmqSettings settings) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(failure);
        String cause = cause(failure, root);
        boolean unreachable = root instanceof IOException
                && !(root instanceof UnconfirmedException || root instanceof PossibleAuthenticationFailureException);
        return settings + (unreachable ? " is unreachable: " : " does not accept messages: ")
                + REPLY.matcher(cause).replaceFirst("$1") + "; " + remedy(cause, settings.declare());
    }

    private static String cause(Exception failure, Throwable root) {
        String message = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        if (root instanceof UnknownHostException) {
            return UNKNOWN_HOST + message.replaceFirst(":.*", ""); // a second look-up says less than the first
        }
        if (root instanceof SSLException && message.startsWith("Unsupported or unrecognized SSL message")) {
            return NO_TLS;
        }
        if (root instanceof EOFException) {
            return failure instanceof AmqpIOException ? CLOSED_IN_HANDSHAKE : "the server closed the connection";
        }
        return message.replaceAll("\\s+", " ");
    }

    private static String remedy(String cause, boolean declare) {
        if (cause.equals(NO_TLS)) {
            return "use the broker's TLS port (usually 5671), or set rabbitmq.ssl=false (amqp:// in rabbitmq.uri)";
        }
        if (cause.equals(CLOSED_IN_HANDSHAKE)) {
            return "check that RabbitMQ runs at this port; if it is a TLS port, set rabbitmq.ssl=true (amqps:// in rabbitmq.uri)";
        }
        if (cause.contains("ACCESS_REFUSED") || cause.contains("Authentication")) {
            return "check rabbitmq.user and rabbitmq.password (or rabbitmq.uri) and the user's permissions";
        }
        if (cause.contains("reply-code=530")) {
            return "check rabbitmq.vhost (or the end of rabbitmq.uri) and the user's permissions for it";
        }
        if (MessageLimit.isRefusal(cause)) {
            return "the message goes to the dead letters";
        }
        if (cause.contains("unknown exchange type")) {
            return "correct rabbitmq.exchange-type, or enable the broker's plugin for it";
        }
        if (cause.contains("PRECONDITION_FAILED")) {
            return "check rabbitmq.exchange-type, rabbitmq.exchange-arguments, rabbitmq.unroutable and "
                    + "rabbitmq.alternate-exchange, delete the exchange, or set rabbitmq.declare=false";
        }
        if (cause.contains("reply-code=404")) {
            return declare
                    ? "declare the exchange that a step of the routes names; the monitor declares those of its own properties alone"
                    : "declare the exchange, or set rabbitmq.declare=true";
        }
        if (cause.contains("PKIX path") || cause.contains("certification path") || cause.contains("trust anchors")) {
            return "name the file with the certificate of its authority in rabbitmq.ssl-ca";
        }
        if (cause.matches(".*alert: (certificate_required|bad_certificate|certificate_unknown|unknown_ca).*")) {
            return "set rabbitmq.ssl-cert and rabbitmq.ssl-key to a certificate that the broker trusts";
        }
        if (cause.contains("No subject alternative")) {
            return "use a name in its certificate in " + ADDRESSES;
        }
        if (cause.contains("nack")) {
            return "make room in a full queue, or bind one";
        }
        return "check " + ADDRESSES + (cause.startsWith(UNKNOWN_HOST) ? "" : " and that the broker runs");
    }
}

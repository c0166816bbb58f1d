package io.mysqlmonitor.publish;

import com.rabbitmq.client.ShutdownSignalException;
import java.util.stream.Stream;
import org.apache.camel.util.ObjectHelper;
import org.springframework.amqp.AmqpException;
import org.springframework.core.NestedExceptionUtils;

/** What a failure of the broker means: one line for operators, with the cause and what to do about it. */
final class BrokerProblem {

    private BrokerProblem() {}

    /** Whether the broker, or the connection to it, failed. */
    static boolean isCauseOf(Throwable failure) {
        return Stream.of(AmqpException.class, ShutdownSignalException.class, UnconfirmedException.class)
                .anyMatch(cause -> ObjectHelper.getException(cause, failure) != null);
    }

    /** One line for operators: what is wrong and what to do about it. */
    static String explain(Exception failure, RabbitmqSettings settings) {
        String cause = cause(failure);
        return settings + " does not accept messages: " + cause + "; " + remedy(cause, settings.declare());
    }

    private static String cause(Exception failure) {
        Throwable root = NestedExceptionUtils.getMostSpecificCause(failure);
        return (root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage())
                .replaceAll("\\s+", " ");
    }

    private static String remedy(String cause, boolean declare) {
        if (cause.contains("ACCESS_REFUSED") || cause.contains("Authentication")) {
            return "check rabbitmq.user, rabbitmq.password and the user's permissions";
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
            return "use a name in its certificate in rabbitmq.addresses";
        }
        if (cause.contains("nack")) {
            return "make room in a full queue, or bind one";
        }
        return "check rabbitmq.addresses and that the broker runs";
    }
}

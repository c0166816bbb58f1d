package io.mysqlmonitor.publish;

import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * How to reach RabbitMQ and where to publish.
 *
 * @param addresses {@code host:port}, or a comma-separated list of them
 * @param user user name
 * @param password password; never logged
 * @param virtualHost the virtual host
 * @param tls with which certificates to speak TLS, which checks the server's certificate and name; null for no TLS
 * @param exchange name of the RabbitMQ exchange, or of several
 * @param exchangeType its type
 * @param exchangeArguments arguments of its declaration
 * @param alternateExchange name of the exchange that takes what no queue takes, which somebody else declares; empty for none
 * @param routingKey routing key of the messages
 * @param declare whether to declare the exchanges on each new connection
 * @param deadLetter name of the exchange for changes that cannot be published, and of its queue
 * @param maxMessageBytes size of the largest body that the broker takes
 * @param unroutable what becomes of a message that no queue takes: {@code drop}, {@code park} or {@code stop}
 */
public record RabbitmqSettings(
        String addresses,
        String user,
        String password,
        String virtualHost,
        SSLContext tls,
        RoutingTemplate exchange,
        String exchangeType,
        Map<String, Object> exchangeArguments,
        String alternateExchange,
        RoutingTemplate routingKey,
        boolean declare,
        String deadLetter,
        long maxMessageBytes,
        String unroutable) {

    /** Appended to the name of the RabbitMQ exchange for the one that takes what no queue takes. */
    static final String UNROUTABLE = ".unroutable";

    /** Appended to the name of that one for a queue that refuses. */
    static final String REFUSED = ".refused";

    /**
     * Whether a RabbitMQ exchange cannot have this name: the broker keeps {@code amq.} for itself, and Camel's endpoint takes
     * {@code default} for the exchange without a name.
     */
    public static boolean isReserved(String exchange) {
        return exchange.startsWith("amq.") || exchange.equalsIgnoreCase("default");
    }

    /** Whether the RabbitMQ exchange and the routing key are the same for every message, and can stand in an endpoint's URI. */
    public boolean isPlain() {
        return exchange.isPlain() && routingKey.isPlain();
    }

    /** Whether RabbitMQ exchanges are to be declared when the first message for them comes. */
    public boolean declaresOnUse() {
        return declare && !exchange.isConstant();
    }

    /** Bytes of the longest name that is made of the exchange's name, beyond that name. */
    int longestSuffix() {
        return unroutable.equals("drop") ? 0 : UNROUTABLE.length() + REFUSED.length();
    }

    /** The binding key with which a queue gets every message of the RabbitMQ exchange, and takes none away from others; empty if none does. */
    public Optional<String> keyOfAll() {
        return switch (exchangeType) {
            case "fanout", "headers" -> Optional.of("");
            case "topic" -> Optional.of("#");
            case "x-consistent-hash" -> Optional.empty();
            default -> routingKey.isConstant() ? Optional.of(routingKey.toString()) : Optional.empty();
        };
    }

    @Override
    public String toString() {
        return "RabbitMQ at " + addresses + ", vhost " + virtualHost;
    }
}

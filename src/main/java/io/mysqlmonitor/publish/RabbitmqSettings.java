package io.mysqlmonitor.publish;

/**
 * How to reach RabbitMQ and where to publish.
 *
 * @param addresses {@code host:port}, or several with commas between
 * @param user user name
 * @param password password; never logged
 * @param virtualHost the virtual host
 * @param tls whether to speak TLS and to check the server's certificate and name
 * @param exchange name of the RabbitMQ exchange
 * @param exchangeType its type
 * @param routingKey routing key of every message
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
        boolean tls,
        String exchange,
        String exchangeType,
        String routingKey,
        boolean declare,
        String deadLetter,
        long maxMessageBytes,
        String unroutable) {

    @Override
    public String toString() {
        return "RabbitMQ at " + addresses + ", vhost " + virtualHost;
    }
}

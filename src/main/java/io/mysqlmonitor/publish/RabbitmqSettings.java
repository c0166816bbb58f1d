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
 * @param declare whether to declare the exchange on each new connection
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
        boolean declare) {

    @Override
    public String toString() {
        return "RabbitMQ at " + addresses + ", vhost " + virtualHost;
    }
}

package io.mysqlmonitor.publish;

import java.util.function.Consumer;
import org.springframework.amqp.core.Binding;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.core.RabbitAdmin;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;

/** Receives what is published from now on, through a queue of its own that is deleted when it leaves. */
public final class Subscriber implements AutoCloseable {

    private final CachingConnectionFactory connectionFactory;
    private final SimpleMessageListenerContainer container;

    /**
     * Subscribes.
     *
     * @param broker where
     * @param settings how to reach it
     * @param exchange name of the RabbitMQ exchange; declared if its name comes from a template and the settings say so
     * @param bindingKey key to bind the queue with
     * @param listener called with each message, one after the other
     * @throws org.springframework.amqp.AmqpException if the broker cannot be reached or refuses
     */
    public Subscriber(
            Broker broker, RabbitmqSettings settings, String exchange, String bindingKey, Consumer<Message> listener) {
        broker.connect();
        if (settings.declaresOnUse()) {
            broker.topology().declareOnce(exchange);
        }
        connectionFactory =
                new CachingConnectionFactory(broker.connectionFactory().getRabbitConnectionFactory());
        connectionFactory.setAddresses(settings.addresses());
        RabbitAdmin admin = new RabbitAdmin(connectionFactory);
        Queue queue =
                admin.declareQueue(); // named by the broker, exclusive; an AnonymousQueue is refused by RabbitMQ 4.3
        admin.declareBinding(new Binding(queue.getName(), Binding.DestinationType.QUEUE, exchange, bindingKey, null));
        container = new SimpleMessageListenerContainer(connectionFactory);
        container.setQueues(queue);
        container.setMessageListener(listener::accept);
        container.afterPropertiesSet();
        container.start();
    }

    @Override
    public void close() {
        container.stop();
        connectionFactory.destroy();
    }
}

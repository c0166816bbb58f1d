package io.mysqlmonitor.supervise;

import io.mysqlmonitor.publish.Broker;
import org.springframework.amqp.AmqpException;

/** Where messages go, as far as a start of capture needs it; see {@link Broker}. */
interface Destination {

    /**
     * Connects, if it is not connected.
     *
     * @throws AmqpException if that is not possible now
     */
    void connect();

    /** Why it is not possible, and what to do about it. */
    String explain(AmqpException cause);

    static Destination of(Broker broker) {
        return new Destination() {
            @Override
            public void connect() {
                broker.connect();
            }

            @Override
            public String explain(AmqpException cause) {
                return broker.explain(cause);
            }

            @Override
            public String toString() {
                return broker.toString();
            }
        };
    }
}

package io.mysqlmonitor.publish;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MetricsCollector;
import com.rabbitmq.client.impl.AMQConnection;
import com.rabbitmq.client.impl.ConnectionParams;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.FrameHandler;
import com.rabbitmq.client.observation.ObservationCollector;
import java.io.IOException;

/**
 * Connections that write to their socket what a corked thread has published when the client's buffer is full, and the rest when the
 * thread {@link #uncork}s.
 *
 * <p>The client hands each message to the socket by itself and has no option against it. That is one system call, and on the other
 * side one packet, per message.
 */
class CorkableConnectionFactory extends ConnectionFactory {

    private final ThreadLocal<Cork> corks = new ThreadLocal<>();

    private static final class Cork {

        /** Whether a message was written last: what else a thread sends, it awaits the answer to. */
        private boolean afterMessage;
    }

    /** Holds back what this thread publishes from now on. */
    void cork() {
        corks.set(new Cork());
    }

    /** Holds back no longer; what is held back already goes with the next flush of its connection. */
    void uncork() {
        corks.remove();
    }

    /** Writes to the socket what is held back on the connection of the channel, one of this factory's. */
    void flush(Channel channel) throws IOException {
        ((AMQConnection) channel.getConnection()).flush();
    }

    @Override
    protected AMQConnection createConnection(
            ConnectionParams params, FrameHandler frameHandler, MetricsCollector metricsCollector) {
        return new AMQConnection(params, frameHandler, metricsCollector, ObservationCollector.NO_OP) {
            @Override
            public void writeFrame(Frame frame) throws IOException {
                super.writeFrame(frame);
                Cork cork = corks.get();
                if (cork != null) {
                    cork.afterMessage = frame.type != AMQP.FRAME_METHOD;
                }
            }

            @Override
            public void flush() throws IOException {
                Cork cork = corks.get();
                if (cork == null || !cork.afterMessage) {
                    super.flush();
                }
            }
        };
    }
}

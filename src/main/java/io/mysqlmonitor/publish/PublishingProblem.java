package io.mysqlmonitor.publish;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;

/**
 * Why the last try to publish failed, if it did. The first failure is logged, and the first success after it; the tries between are not.
 *
 * <p>Thread-safe.
 */
final class PublishingProblem {

    private static final Logger LOG = LoggerFactory.getLogger(PublishingProblem.class);

    private final RabbitmqSettings settings;

    /** Null if the last try succeeded. Set by the thread that publishes windows and by that of heartbeats. */
    private final AtomicReference<String> text = new AtomicReference<>();

    PublishingProblem(RabbitmqSettings settings) {
        this.settings = settings;
    }

    /** Does not count in a thread that was interrupted: then the monitor stops, which is nobody's fault, and tells what was not confirmed. */
    void failed(Exception cause) {
        String problem = explain(cause);
        if (!Thread.currentThread().isInterrupted() && text.compareAndSet(null, problem)) {
            LOG.warn("{}. Unconfirmed messages are kept and sent again until RabbitMQ confirms them.", problem);
        }
        LOG.debug("Not confirmed", cause);
    }

    void succeeded() {
        if (text.getAndSet(null) != null) {
            LOG.info("{} accepts messages again", settings);
        }
    }

    private String explain(Exception cause) {
        if (BrokerProblem.isCauseOf(cause)) {
            return BrokerProblem.explain(cause, settings);
        }
        Throwable root = NestedExceptionUtils.getMostSpecificCause(cause);
        boolean speaksForItself = root instanceof MessagesMissingException || root instanceof IllegalStateException;
        String message = (speaksForItself ? root.getMessage() : root.toString()).replaceAll("\\s+", " ");
        return "Windows cannot be published: " + message
                + (speaksForItself
                        ? ""
                        : "; the cause is not RabbitMQ: correct the step of publish.camel.yaml, or what it needs");
    }

    /** One line: the first failure since the last success; empty if there was none. */
    Optional<String> text() {
        return Optional.ofNullable(text.get());
    }
}

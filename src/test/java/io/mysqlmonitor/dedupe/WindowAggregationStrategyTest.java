package io.mysqlmonitor.dedupe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.mysqlmonitor.change.Change;
import io.mysqlmonitor.change.Changes;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

class WindowAggregationStrategyTest {

    private final WindowAggregationStrategy strategy =
            new WindowAggregationStrategy(new Listener(), () -> true, Duration.ofMillis(1), false, 100, 100_000);

    @Test
    void shouldNoticeAWindowThatCamelForgetsToComplete() {
        assertThat(strategy.isOverdue()).isFalse();
        Exchange window = open();
        assertThat(strategy.isOverdue()).isFalse();

        await().until(strategy::isOverdue);
        strategy.onCompletion(window);

        assertThat(strategy.isOverdue()).isFalse();
    }

    private Exchange open() {
        Exchange exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setBody(Changes.delete(Changes.EMPLOYEE, 8_000, Changes.row("a", "b", 1)));
        return strategy.aggregate(null, exchange);
    }

    private final class Listener implements WindowListener {

        @Override
        public boolean isReplayed(Change change) {
            return false;
        }

        @Override
        public void opened(Window window) {}

        @Override
        public void confirmed(Window window) {}

        @Override
        public void failed(Window window, Throwable cause) {}

        @Override
        public long inFlight() {
            return 0;
        }
    }
}

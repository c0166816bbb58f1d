package io.mysqlmonitor.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.mysqlmonitor.change.ChangeType;
import io.mysqlmonitor.change.EventPosition;
import io.mysqlmonitor.change.Heartbeat;
import io.mysqlmonitor.change.RowChange;
import io.mysqlmonitor.change.Table;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.springrabbit.DefaultMessagePropertiesConverter;
import org.apache.camel.component.springrabbit.SpringRabbitMQConstants;
import org.apache.camel.component.springrabbit.SpringRabbitMQHeaderFilterStrategy;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.core.MessageProperties;

class PropertiesConverterTest {

    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1_800_000_000), ZoneOffset.UTC);

    @Test
    void shouldMakeThePropertiesAndHeadersOfAChange() throws IOException {
        MessageProperties properties = converted(keyChange(), Map.of());

        assertThat(properties.getMessageId()).isEqualTo("binlog.000001:4711:3");
        assertThat(properties.getHeaders())
                .containsOnlyKeys(MessagePropertiesProcessor.HEADERS)
                .containsEntry("binlog_position", 4711L);
    }

    @Test
    void shouldMakeThoseOfAHeartbeat() throws IOException {
        assertThat(converted(new Heartbeat(), Map.of()).getType()).isEqualTo(Heartbeat.WIRE_NAME);
    }

    @Test
    void shouldPublishHeadersOfARouteOfTheUser() throws IOException {
        MessageProperties properties = converted(keyChange(), Map.of("tenant", "a", "Content-Type", "text/html"));

        assertThat(properties.getHeaders()).containsEntry("tenant", "a").doesNotContainKey("Content-Type");
        assertThat(properties.getContentType()).isEqualTo("application/json");
    }

    @Test
    void shouldTakePropertiesFromARouteOfTheUser() throws IOException {
        MessageProperties properties = converted(
                keyChange(),
                Map.of(
                        SpringRabbitMQConstants.PRIORITY,
                        7,
                        "camelspringrabbitmqexpiration",
                        "60000",
                        "CamelOther",
                        "of no one"));

        assertThat(properties.getPriority()).isEqualTo(7);
        assertThat(properties.getExpiration()).isEqualTo("60000");
        assertThat(properties.getHeaders()).containsOnlyKeys(MessagePropertiesProcessor.HEADERS);
    }

    @Test
    void shouldConvertValuesOfARouteOfTheUser() throws IOException {
        MessageProperties properties = converted(
                keyChange(),
                Map.of(SpringRabbitMQConstants.DELIVERY_MODE, "NON_PERSISTENT", SpringRabbitMQConstants.APP_ID, 5));

        assertThat(properties.getAppId()).isEqualTo("5");
    }

    /** What the converter makes of a message; the same as the endpoint's own. */
    private static MessageProperties converted(Object body, Map<String, Object> more) throws IOException {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.start(); // or names of headers are case-sensitive
            Exchange exchange = new DefaultExchange(context);
            exchange.getMessage().setBody(body);
            new MessagePropertiesProcessor(CLOCK).process(exchange);
            exchange.getMessage().getHeaders().putAll(more);
            DefaultMessagePropertiesConverter own = new DefaultMessagePropertiesConverter();
            own.setHeaderFilterStrategy(new SpringRabbitMQHeaderFilterStrategy());

            MessageProperties properties = new PropertiesConverter().toMessageProperties(exchange);

            assertThat(properties).isEqualTo(own.toMessageProperties(exchange));
            return properties;
        }
    }

    private static RowChange keyChange() {
        return new RowChange(
                ChangeType.DELETE,
                new Table("shop", "t", List.of("id"), List.of(0)),
                List.of(1),
                List.of(),
                new EventPosition("binlog.000001", 4711, 0, 3, "3e11fa47-71ca-11e1-9e33-c80aa9429562:5"),
                1_800_000_000,
                "binlog.000001:4711:3",
                1);
    }
}

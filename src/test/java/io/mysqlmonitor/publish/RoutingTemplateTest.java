package io.mysqlmonitor.publish;

import static io.mysqlmonitor.change.Changes.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mysqlmonitor.change.Changes;
import io.mysqlmonitor.change.RawJson;
import io.mysqlmonitor.change.Table;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingTemplateTest {

    private static final Table ORDERS =
            new Table("shop", "orders", List.of("tenant", "Status", "id", "note"), List.of(2, 0));
    private static final Map<String, Object> HEADERS =
            Map.of("database", "shop", "table", "orders", "type", "row_update");
    private static final Object UPDATE =
            Changes.update(ORDERS, 4, row("acme", "new", 7, null), row("acme", "paid", 7, null));
    private static final Object DELETE = Changes.delete(ORDERS, 4, row("acme", "new", 7, null));

    @ParameterizedTest
    @CsvSource({
        "monitor,                          monitor",
        "{database}.{table}.{type},        shop.orders.row_update",
        "{key},                            7:acme",
        "x-{key.id}-y,                     x-7-y",
        "{key.status},                     _",
        "{value.status},                   paid",
        "{value.note}.{value.none},        _._",
    })
    void shouldFillPlaceholders(String template, String expected) {
        assertThat(RoutingTemplate.of(template).fill(HEADERS, UPDATE)).isEqualTo(expected);
    }

    @Test
    void shouldTakeOldValuesOfDelete() {
        assertThat(RoutingTemplate.of("{value.status}").fill(HEADERS, DELETE)).isEqualTo("new");
    }

    @Test
    void shouldKeepTheNumberOfWordsOfAMessageThatIsAboutNoRow() {
        assertThat(RoutingTemplate.of("{database}.{table}.{type}.{key}").fill(Map.of("type", "heartbeat"), "body"))
                .isEqualTo("_._.heartbeat._");
    }

    @Test
    void shouldEncodeWhatMeansSomethingInATopicExchange() {
        Map<String, Object> odd = Map.of("database", "a.b*c#d%e\nf\u0085", "table", "größe 😀");

        assertThat(RoutingTemplate.of("{database}.{table}").fill(odd, null))
                .isEqualTo("a%2Eb%2Ac%23d%25e%0Af%C2%85.größe 😀");
    }

    @Test
    void shouldTakeTheTextOfJson() {
        Object insert = Changes.insert(ORDERS, 4, row("acme", "new", 7, new RawJson("[1]")));

        assertThat(RoutingTemplate.of("{value.note}").fill(HEADERS, insert)).isEqualTo("[1]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "a}", "{db}", "{key.}", "{value}", "{{table}}", "{table", "{Table}"})
    void shouldRefuseWhatIsNoPlaceholder(String template) {
        assertThatThrownBy(() -> RoutingTemplate.of(template)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseWhatIsTooLongForEveryMessage() {
        assertThat(RoutingTemplate.of("ä".repeat(127)).isConstant()).isTrue();
        assertThatThrownBy(() -> RoutingTemplate.of("ä".repeat(127) + "{table}{key}"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

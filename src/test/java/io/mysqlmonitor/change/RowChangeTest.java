package io.mysqlmonitor.change;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RowChangeTest {

    private static final int MILLION = 1_000_000;

    @Test
    void shouldWeighTextWithTwoBytesPerCharacter() {
        String text = "ж".repeat(MILLION);

        assertThat(weight(text)).isBetween(2L * MILLION, 2L * MILLION + 1_000);
        assertThat(weight(new RawJson(text))).isBetween(2L * MILLION, 2L * MILLION + 1_000);
        assertThat(weight(Map.of("wkb", text))).isBetween(2L * MILLION, 2L * MILLION + 1_000);
    }

    @Test
    void shouldWeighValuesBeforeAndAfter() {
        long one = weight("x".repeat(MILLION));

        RowChange update = Changes.update(
                Changes.WITHOUT_KEY, 1, Changes.row("x".repeat(MILLION)), Changes.row("y".repeat(MILLION)));

        assertThat(update.weight()).isGreaterThan(2 * one - 1_000);
    }

    private static long weight(Object value) {
        return Changes.insert(Changes.WITHOUT_KEY, 1, Changes.row(value)).weight();
    }
}

package io.mysqlmonitor.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.debezium.spi.converter.CustomConverter.Converter;
import io.debezium.spi.converter.RelationalColumn;
import io.mysqlmonitor.change.RawJson;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.data.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExactValueConverterTest {

    /** A JSON column, as Debezium describes it. */
    private record JsonColumn() implements RelationalColumn {

        @Override
        public int jdbcType() {
            return java.sql.Types.OTHER;
        }

        @Override
        public int nativeType() {
            return -1;
        }

        @Override
        public String typeName() {
            return "JSON";
        }

        @Override
        public String typeExpression() {
            return "JSON";
        }

        @Override
        public OptionalInt length() {
            return OptionalInt.empty();
        }

        @Override
        public OptionalInt scale() {
            return OptionalInt.empty();
        }

        @Override
        public boolean isOptional() {
            return true;
        }

        @Override
        public Object defaultValue() {
            return null;
        }

        @Override
        public boolean hasDefaultValue() {
            return false;
        }

        @Override
        public String name() {
            return "document";
        }

        @Override
        public String dataCollection() {
            return "shop.article";
        }
    }

    private static Object published(ExactValueConverter exact, byte[] document) {
        AtomicReference<Object> value = new AtomicReference<>();
        exact.converterFor(
                new JsonColumn(),
                (type, conversion) ->
                        value.set(ColumnConverter.of(type.build()).convert(conversion.convert(document))));
        return value.get();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\": 1}", "\n{\"a\": 1, \"b\": 2}", "\r\n{}", "\n1", "\t[1]", " null"})
    void shouldTakeDocumentsOfMariadbForText(String document) {
        ExactValueConverter exact = new ExactValueConverter();
        Properties properties = new Properties();
        properties.setProperty(ExactValueConverter.JSON_IS_TEXT, "true");
        exact.configure(properties);

        assertThat(published(exact, document.getBytes(StandardCharsets.UTF_8))).isEqualTo(document);
    }

    @Test
    void shouldWriteADoubleAsMysqlDoes() {
        byte[] minusZero = {0x0b, 0, 0, 0, 0, 0, 0, 0, (byte) 0x80};
        byte[] hundredTrillionMillions = {0x0b, 0x40, (byte) 0x8c, (byte) 0xb5, 0x78, 0x1d, (byte) 0xaf, 0x15, 0x44};

        assertThat(published(new ExactValueConverter(), minusZero)).isEqualTo(new RawJson("-0.0"));
        assertThat(published(new ExactValueConverter(), hundredTrillionMillions))
                .isEqualTo(new RawJson("1e20"));
    }

    @Test
    void shouldLeaveADocumentThatCannotBeReadToTheDeadLetters() {
        AtomicReference<Schema> schema = new AtomicReference<>();
        AtomicReference<Converter> converter = new AtomicReference<>();
        new ExactValueConverter().converterFor(new JsonColumn(), (type, conversion) -> {
            schema.set(type.build());
            converter.set(conversion);
        });
        ColumnConverter column = ColumnConverter.of(schema.get());
        byte[] literalTrue = {4, 1};
        byte[] ofOldRows = {};
        byte[] noSuchLiteral = {4, 9};

        assertThat(column.convert(converter.get().convert(literalTrue))).isEqualTo(new RawJson("true"));
        assertThat(column.convert(converter.get().convert(ofOldRows))).isEqualTo(new RawJson("null"));
        assertThatThrownBy(() -> column.convert(converter.get().convert(noSuchLiteral)))
                .hasMessage("the JSON document cannot be read");
    }
}

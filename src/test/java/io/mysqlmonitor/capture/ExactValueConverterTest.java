package io.mysqlmonitor.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.debezium.spi.converter.CustomConverter.Converter;
import io.debezium.spi.converter.RelationalColumn;
import io.mysqlmonitor.change.RawJson;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.data.Schema;
import org.junit.jupiter.api.Test;

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

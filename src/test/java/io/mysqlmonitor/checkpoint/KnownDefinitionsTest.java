package io.mysqlmonitor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.debezium.relational.Column;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import io.debezium.relational.history.TableChanges;
import io.mysqlmonitor.statement.TableStatement;
import java.sql.Types;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KnownDefinitionsTest {

    private static final TableChanges NONE = new TableChanges();

    private final KnownDefinitions known = new KnownDefinitions();
    private final Table person = table("person", "id", "name");

    @BeforeEach
    void createTable() {
        new TableChanges().create(person).forEach(known::know);
    }

    @Test
    void shouldTakeAnAlterForAppliedWhenTheColumnsAreThoseOfItsText() {
        String sql = "ALTER TABLE person ADD COLUMN age INT AFTER id";

        assertThat(isApplied(sql, altered("person", "id", "age", "name"))).isTrue();
        assertThat(isApplied(sql, altered("person", "id", "name", "age"))).isFalse();
        assertThat(isApplied(sql, altered("person", "id", "name"))).isFalse();
    }

    @Test
    void shouldNotTakeAnAlterOfAKnownTableForAppliedWhenNothingCameOfIt() {
        assertThat(isApplied("ALTER TABLE person ADD COLUMN age INT", NONE)).isFalse();
        assertThat(isApplied("alter table PERSON add column age int", NONE))
                .as("whatever the case of its name")
                .isFalse();
    }

    @Test
    void shouldTakeACreateOfAKnownTableForAppliedOnlyIfItMayBeThere() {
        assertThat(isApplied("CREATE TABLE person (id INT)", NONE)).isFalse();
        assertThat(isApplied("CREATE TABLE IF NOT EXISTS person (id INT)", NONE))
                .isTrue();
    }

    @Test
    void shouldTakeWhatItCanReadOfUnknownTablesForApplied() {
        assertThat(isApplied("DROP TABLE IF EXISTS elsewhere", NONE)).isTrue();
        assertThat(isApplied("ALTER TABLE elsewhere ADD COLUMN (((", NONE)).isFalse();
    }

    @Test
    void shouldForgetATableThatIsDropped() {
        new TableChanges().drop(person.id()).forEach(known::know);

        assertThat(isApplied("CREATE TABLE person (id INT)", NONE)).isTrue();
    }

    @Test
    void shouldSayWhatWasBeforeAStatementThatChangesNothing() {
        Table after = table("person", "id");

        assertThat(known.wronglyChanged(statement("ALTER TABLE person COMMENT = 'x'"), after))
                .contains(person);
        assertThat(known.wronglyChanged(statement("ALTER TABLE person DROP COLUMN name"), after))
                .isEmpty();
        assertThat(known.wronglyChanged(statement("ALTER TABLE elsewhere COMMENT = 'x'"), after))
                .isEmpty();
    }

    @Test
    void shouldCompareCharacterSetsWithTheText() {
        TableStatement statement = statement("ALTER TABLE person DEFAULT CHARACTER SET = latin1");

        assertThat(KnownDefinitions.areCharsetsRead(statement, altered("person", "id")))
                .isFalse();
        assertThat(KnownDefinitions.areCharsetsRead(
                        statement,
                        new TableChanges()
                                .alter(person.edit()
                                        .setDefaultCharsetName("latin1")
                                        .create())))
                .isTrue();
    }

    private boolean isApplied(String sql, TableChanges changes) {
        return known.isApplied(statement(sql), changes, sql, "shop");
    }

    private static TableStatement statement(String sql) {
        return TableStatement.of(sql, "shop").orElseThrow();
    }

    private static TableChanges altered(String name, String... columns) {
        return new TableChanges().alter(table(name, columns));
    }

    private static Table table(String name, String... columns) {
        return Table.editor()
                .tableId(new TableId("shop", null, name))
                .addColumns(Stream.of(columns)
                        .map(column -> Column.editor()
                                .name(column)
                                .type("INT")
                                .jdbcType(Types.INTEGER)
                                .create())
                        .toArray(Column[]::new))
                .create();
    }
}

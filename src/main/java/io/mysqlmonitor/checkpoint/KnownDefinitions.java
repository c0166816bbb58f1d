package io.mysqlmonitor.checkpoint;

import io.debezium.connector.mysql.antlr.MySqlAntlrDdlParser;
import io.debezium.relational.Column;
import io.debezium.relational.Table;
import io.debezium.relational.TableId;
import io.debezium.relational.Tables;
import io.debezium.relational.history.TableChanges;
import io.debezium.text.MultipleParsingExceptions;
import io.debezium.text.ParsingException;
import io.mysqlmonitor.statement.AlteredColumns;
import io.mysqlmonitor.statement.CharsetClauses;
import io.mysqlmonitor.statement.TableStatement;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * The definitions of tables before the statement that comes next, and whether the engine's parser has applied that statement to them as the
 * server does.
 *
 * <p>For the engine's thread.
 */
final class KnownDefinitions {

    private final MySqlAntlrDdlParser parser = new MySqlAntlrDdlParser();
    private Tables known = new Tables();

    /** An engine starts with other definitions. */
    void replaceBy(Tables definitions) {
        known = definitions.clone();
    }

    /** A statement has changed a definition. */
    void know(TableChanges.TableChange change) {
        if (change.getPreviousId() != null) {
            known.removeTable(change.getPreviousId());
        }
        if (change.getType() == TableChanges.TableChangeType.DROP) {
            known.removeTable(change.getId());
        } else {
            known.overwriteTable(change.getTable());
        }
    }

    /** Whether the statement has changed a definition, or rightly none. */
    boolean isApplied(TableStatement statement, TableChanges changes, String sql, String database) {
        Table before = first(statement);
        boolean alter = statement.verb().equals("ALTER");
        for (TableChanges.TableChange change : changes) {
            if (alter && before != null && !isApplied(statement.rest(), before, change.getTable())) {
                return false;
            }
        }
        if (!isEmpty(changes)) {
            return true;
        }
        if (before != null && statement.verb().equals("CREATE")) {
            return statement.onlyIf(); // or the engine takes it for one that is there
        }
        return !(alter && before != null) && isReadable(sql, database);
    }

    /** The definition before the statement, if the statement changes nothing of it, or what the parser makes of it lacks character sets. */
    Optional<Table> wronglyChanged(TableStatement statement, Table after) {
        Table before = first(statement);
        if (before == null || after == null || !before.id().equals(after.id())) {
            return Optional.empty();
        }
        List<String> names = before.retrieveColumnNames();
        boolean changesNothing = AlteredColumns.of(names, statement.rest())
                .filter(expected -> isSame(expected.names(), names))
                .isPresent();
        return changesNothing || !areCharsetsRead(statement, after) ? Optional.of(before) : Optional.empty();
    }

    /** Whether the parser has made out the character sets by which rows are read that come without them. */
    static boolean areCharsetsRead(TableStatement statement, TableChanges changes) {
        return StreamSupport.stream(changes.spliterator(), false)
                .allMatch(change -> areCharsetsRead(statement, change.getTable()));
    }

    private static boolean areCharsetsRead(TableStatement statement, Table after) {
        CharsetClauses clauses = CharsetClauses.of(statement);
        return (clauses.table() == null || CharsetClauses.isSame(clauses.table(), after.defaultCharsetName()))
                && clauses.columns().entrySet().stream().allMatch(clause -> {
                    Column column = after.columnWithName(clause.getKey());
                    return column == null
                            || column.charsetName() == null
                            || CharsetClauses.isSame(clause.getValue(), column.charsetName());
                });
    }

    private static boolean isEmpty(TableChanges changes) {
        return !changes.iterator().hasNext();
    }

    /** Of a column that it does not find the parser says so, if at all, after it has applied the rest of the statement. */
    private static boolean isApplied(String alter, Table before, Table after) {
        List<String> names = after.retrieveColumnNames();
        return AlteredColumns.of(before.retrieveColumnNames(), alter)
                .filter(expected -> isSame(expected.names(), names))
                .filter(expected -> expected.kept().stream()
                        .allMatch(name -> isSame(before.columnWithName(name), after.columnWithName(name))))
                .isPresent();
    }

    private static boolean isSame(List<String> names, List<String> others) {
        return names.size() == others.size()
                && IntStream.range(0, names.size()).allMatch(i -> names.get(i).equalsIgnoreCase(others.get(i)));
    }

    private static boolean isSame(Column one, Column other) {
        return one.edit().position(1).create().equals(other.edit().position(1).create());
    }

    private Table first(TableStatement statement) {
        return statement.tables().isEmpty() ? null : find(statement.tables().get(0));
    }

    /** At a first start it is not known whether the case of names counts. */
    private Table find(TableStatement.Name name) {
        Table table = known.forTable(id(name));
        if (table != null) {
            return table;
        }
        return known.tableIds().stream()
                .filter(each -> each.table().equalsIgnoreCase(name.table())
                        && each.catalog() != null
                        && each.catalog().equalsIgnoreCase(name.database()))
                .findFirst()
                .map(known::forTable)
                .orElse(null);
    }

    private boolean isReadable(String sql, String database) {
        try {
            parser.setCurrentDatabase(database);
            parser.setCurrentSchema(database);
            parser.parse(sql, known.clone());
            return true;
        } catch (ParsingException | MultipleParsingExceptions e) {
            return false;
        }
    }

    static TableId id(TableStatement.Name name) {
        return new TableId(name.database(), null, name.table());
    }
}

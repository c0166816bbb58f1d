package io.mysqlmonitor.change;

/**
 * A row change of which the filter could not tell whether it is to be published; it goes to the dead letters, with its keys.
 *
 * @param change the change
 * @param reason one line for people
 */
public record Undecided(RowChange change, String reason) implements Change {

    @Override
    public String typeName() {
        return change.typeName();
    }

    @Override
    public String database() {
        return change.database();
    }

    @Override
    public String tableName() {
        return change.tableName();
    }

    @Override
    public EventPosition position() {
        return change.position();
    }

    @Override
    public long committedAt() {
        return change.committedAt();
    }

    @Override
    public int merged() {
        return change.merged();
    }

    @Override
    public String id() {
        return change.id();
    }

    @Override
    public long weight() {
        return change.weight();
    }

    @Override
    public String toString() {
        return change.toString();
    }
}

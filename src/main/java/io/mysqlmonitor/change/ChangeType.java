package io.mysqlmonitor.change;

/** What happened to a row; the wire name is the message's {@code type}. */
public enum ChangeType {
    INSERT("row_insert"),
    UPDATE("row_update"),
    DELETE("row_delete"),
    /** Nothing: the row was read from the table. */
    SNAPSHOT("row_snapshot");

    private final String wireName;

    ChangeType(String wireName) {
        this.wireName = wireName;
    }

    /** The value of {@code type} in the message body and in the AMQP property of that name. */
    public String wireName() {
        return wireName;
    }
}

package io.mysqlmonitor.change;

/** Something that happened in the binary log and has a message of its own: to a row, to a table as a whole, or what cannot be read there. */
public sealed interface Change permits RowChange, Undecided, TableTruncate, SchemaChange, Gap {

    /** The value of {@code type} in the message body and in the AMQP property of that name. */
    String typeName();

    /** Name of the database (schema); null of a {@link Gap} that may be of any. */
    String database();

    /** Name of the table; null if it is about a database, or about any table. */
    String tableName();

    /** The change's place in the binary log; of several merged changes the last one's. */
    EventPosition position();

    /** Unix second of the change in the binary log. */
    long committedAt();

    /** Number of changes of the binary log that this one stands for, at least 1. */
    default int merged() {
        return 1;
    }

    /** The message id, the same after a replay: {@code <binlog file>:<position>:<row>}, unless it says otherwise. */
    default String id() {
        return position().id();
    }

    /** Roughly the heap that the change takes, in bytes. */
    long weight();
}

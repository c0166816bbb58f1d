package io.mysqlmonitor.checkpoint;

/** What the engine has to read from the tables before it goes on from the checkpoint, from the least to the most. */
public enum Pending {
    /** Nothing. */
    NOTHING,
    /** The definitions of the tables. */
    SCHEMA,
    /** The definitions of the tables and their rows. */
    SNAPSHOT
}

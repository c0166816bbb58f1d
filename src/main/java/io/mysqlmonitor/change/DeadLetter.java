package io.mysqlmonitor.change;

/**
 * The message in place of one about a row change that cannot be published: its keys and position, and why.
 *
 * @param change the change
 * @param reason one line for people
 */
public record DeadLetter(RowChange change, String reason) {

    /** The value of {@code type} in the message. */
    public static final String WIRE_NAME = "dead_letter";
}

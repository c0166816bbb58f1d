package io.mysqlmonitor.change;

/**
 * The message in place of one about a change that cannot be published: its keys and position, and why.
 *
 * @param change the change
 * @param reason one line for people
 */
public record DeadLetter(Change change, String reason) {

    /** The value of {@code type} in the message. */
    public static final String WIRE_NAME = "dead_letter";
}

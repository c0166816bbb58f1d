package io.mysqlmonitor.change;

/**
 * The message that says that changes were missed: the server no longer has the binary log from where the monitor had to go on.
 *
 * @param from the last place up to which every change was published
 * @param to the place from where every change is published again
 */
public record Gap(BinlogCoordinates from, BinlogCoordinates to) {

    /** The value of {@code type} in the message. */
    public static final String WIRE_NAME = "gap";
}

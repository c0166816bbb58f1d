package io.mysqlmonitor.change;

/** The message that says, after a time without changes, that capture is alive: {@code {"timestamp":..,"type":"heartbeat"}}. */
public record Heartbeat() {

    /** The value of {@code type} in the message. */
    public static final String WIRE_NAME = "heartbeat";
}

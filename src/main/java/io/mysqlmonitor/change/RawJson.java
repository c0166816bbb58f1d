package io.mysqlmonitor.change;

/**
 * The text of a JSON column, embedded in the message as JSON and not as a string.
 *
 * @param text one JSON document
 */
public record RawJson(String text) {}

package io.mysqlmonitor.change;

/** Stands for a column value that cannot be given the form of the message contract; equals no other value. */
public final class Unconvertible {

    private final String reason;

    /**
     * @param reason one line for people; without the value itself
     */
    public Unconvertible(String reason) {
        this.reason = reason;
    }

    /** One line for people. */
    public String reason() {
        return reason;
    }

    @Override
    public String toString() {
        return "unconvertible: " + reason;
    }
}

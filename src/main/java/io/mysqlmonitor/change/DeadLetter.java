package io.mysqlmonitor.change;

/**
 * The message in place of one about a change that cannot be published: its keys and position, and why. It is small, whatever the change
 * is: keys and reasons that are not are left out or cut, or the broker would refuse the dead letter too, forever.
 *
 * @param change the change
 * @param reason one line for people
 */
public record DeadLetter(Change change, String reason) {

    /** The value of {@code type} in the message. */
    public static final String WIRE_NAME = "dead_letter";

    private static final int MAX_KEY_CHARACTERS = 64_000;
    private static final int MAX_REASON_CHARACTERS = 2_000;

    public DeadLetter {
        if (reason.length() > MAX_REASON_CHARACTERS) {
            reason = reason.substring(0, MAX_REASON_CHARACTERS) + "...";
        }
        if (!isSmall(change)) {
            reason += "; the keys are left out, they have more than " + MAX_KEY_CHARACTERS + " characters";
        }
    }

    /** Whether the keys are small enough to be in the message. */
    public boolean hasKeys() {
        return isSmall(change);
    }

    private static boolean isSmall(Change change) {
        return !(change instanceof RowChange row)
                || row.keyValues().stream()
                                .mapToLong(value -> String.valueOf(value).length())
                                .sum()
                        <= MAX_KEY_CHARACTERS;
    }
}

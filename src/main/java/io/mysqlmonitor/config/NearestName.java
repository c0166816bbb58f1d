package io.mysqlmonitor.config;

/** The property that somebody meant who wrote the name of none. */
final class NearestName {

    private static final int MAX_DISTANCE = 4;

    private NearestName() {}

    /** What to do about a name that is unknown. */
    static String suggestion(String unknown) {
        int best = Integer.MAX_VALUE;
        String nearest = "";
        for (Property property : MonitorProperties.ALL) {
            int distance = distance(unknown, property.name());
            if (distance < best) {
                best = distance;
                nearest = property.name();
            }
        }
        return best <= MAX_DISTANCE
                ? "did you mean " + nearest + "?"
                : "remove it, or let its name begin with routes. if it is for routes of your own";
    }

    /** Levenshtein distance. */
    private static int distance(String one, String other) {
        int[] previous = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] current = new int[other.length() + 1];
            current[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int change = previous[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(change, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[other.length()];
    }
}

package io.mysqlmonitor.transform;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * The text of a double as MySQL writes it in a JSON document: the fewest digits that are read as this double, with an exponent below
 * 1e-15 and, if it is an integer, from 1e15 on, and with {@code .0} if it would look like an integer.
 */
final class DoubleText {

    /** MySQL's limit on the places before the decimal point, or of zeros after it, without an exponent. */
    private static final int PLAIN_PLACES = 15;

    /** Every decimal number of so many digits is told apart from the others by a double, but for the smallest doubles. */
    private static final int SURE_DIGITS = 15;

    private static final int MOST_DIGITS = 17;

    private DoubleText() {}

    static String of(double value) {
        String sign = Math.copySign(1, value) < 0 ? "-" : "";
        if (value == 0) {
            return sign + "0.0";
        }
        BigDecimal shortest = shortest(Math.abs(value)).stripTrailingZeros();
        String digits = shortest.unscaledValue().toString();
        int places = digits.length() - shortest.scale(); // before the decimal point
        boolean large = places > PLAIN_PLACES && places >= digits.length();
        return sign + (large || places <= -PLAIN_PLACES ? withExponent(digits, places - 1) : plain(digits, places));
    }

    private static String withExponent(String digits, int exponent) {
        return digits.charAt(0) + (digits.length() == 1 ? "" : '.' + digits.substring(1)) + 'e' + exponent;
    }

    private static String plain(String digits, int places) {
        if (places <= 0) {
            return "0." + "0".repeat(-places) + digits;
        }
        return places >= digits.length()
                ? digits + "0".repeat(places - digits.length()) + ".0"
                : digits.substring(0, places) + '.' + digits.substring(places);
    }

    /** Java's own text has a digit too many for some numbers, up to Java 18. */
    private static BigDecimal shortest(double value) {
        BigDecimal java = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        if (java.precision() <= SURE_DIGITS && value >= Double.MIN_NORMAL) {
            return java;
        }
        BigDecimal exact = new BigDecimal(value);
        int fewest = value >= Double.MIN_NORMAL ? SURE_DIGITS : 1;
        for (int digits = fewest; digits < MOST_DIGITS; digits++) {
            for (RoundingMode mode : new RoundingMode[] {RoundingMode.HALF_EVEN, RoundingMode.UP}) {
                BigDecimal rounded = exact.round(new MathContext(digits, mode));
                if (rounded.doubleValue() == value) {
                    return rounded;
                }
            }
        }
        return exact.round(new MathContext(MOST_DIGITS, RoundingMode.HALF_EVEN));
    }
}

package io.lora4j.recipes.table;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers as tables write them. */
final class Numbers {
    /** Stands for what there is not. */
    static final String NOTHING = "-";

    private static final double MIB = 1 << 20;

    private Numbers() {}

    /** A fraction in percent with two decimals, rounded half up from its decimal form. */
    static String percent(double fraction) {
        return fixed(100 * fraction, 2);
    }

    /** A difference of fractions in points, with its sign. */
    static String points(double difference) {
        String text = fixed(100 * difference, 2);
        return text.startsWith("-") || new BigDecimal(text).signum() == 0 ? text : "+" + text;
    }

    static String seconds(@Nullable Double value) {
        return value == null ? NOTHING : fixed(value, 1);
    }

    static String count(@Nullable Long value) {
        return value == null ? NOTHING : String.format(Locale.ROOT, "%,d", value);
    }

    static String mebibytes(@Nullable Long bytes, int decimals) {
        return bytes == null ? NOTHING : fixed(bytes / MIB, decimals);
    }

    /** A probability with three decimals; smaller ones are told as such. */
    static String probability(double p) {
        return p < 0.001 ? "<0.001" : fixed(p, 3);
    }

    static String fixed(double value, int decimals) {
        return BigDecimal.valueOf(value)
                .setScale(decimals, RoundingMode.HALF_UP)
                .toPlainString();
    }
}

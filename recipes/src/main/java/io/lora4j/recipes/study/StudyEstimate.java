package io.lora4j.recipes.study;

import java.util.Locale;

/**
 * What is left of a study.
 *
 * @param trials trials without a result yet
 * @param seconds what they will take, from a few timed steps and the timings of finished trials; a rough figure
 */
public record StudyEstimate(long trials, double seconds) {
    @Override
    public String toString() {
        return trials + (trials == 1 ? " trial, about " : " trials, about ") + duration(seconds);
    }

    /**
     * A time for people.
     *
     * @param seconds 0 or more
     * @return e.g. {@code 3 h 05 min}, {@code 12 min}, {@code 40 s}
     */
    public static String duration(double seconds) {
        long minutes = Math.round(seconds / 60);
        if (seconds < 90) {
            return Math.round(seconds) + " s";
        }
        return minutes < 60
                ? minutes + " min"
                : String.format(Locale.ROOT, "%d h %02d min", minutes / 60, minutes % 60);
    }
}

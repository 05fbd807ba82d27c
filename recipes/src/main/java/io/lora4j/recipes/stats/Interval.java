package io.lora4j.recipes.stats;

/**
 * A closed interval, in the unit of what it is an interval of.
 *
 * @param low its lower end, finite
 * @param high its upper end, at least {@code low}
 */
public record Interval(double low, double high) {
    /** Refuses NaN and ends in the wrong order. */
    public Interval {
        if (!(low <= high)) {
            throw new IllegalArgumentException("no interval: " + low + " to " + high);
        }
    }

    /**
     * Whether a value lies in it, its ends included.
     *
     * @param value any number
     * @return false outside, and for NaN
     */
    public boolean contains(double value) {
        return low <= value && value <= high;
    }
}

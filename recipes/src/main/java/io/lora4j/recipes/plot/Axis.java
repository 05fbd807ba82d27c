package io.lora4j.recipes.plot;

import org.jspecify.annotations.Nullable;

/**
 * An axis. Immutable.
 *
 * @param name what is on it
 * @param unit its unit; empty for a pure number
 * @param scale how values become places
 * @param from where it begins; null to fit the values
 * @param to where it ends; null to fit the values
 */
public record Axis(
        String name,
        String unit,
        Scale scale,
        @Nullable Double from,
        @Nullable Double to) {
    /** How values become places. */
    public enum Scale {
        /** Equal differences are equally long. */
        LINEAR,
        /** Equal ratios are equally long; values that are not positive are left out. */
        LOG
    }

    /** Checks the ends. */
    public Axis {
        if (from != null && to != null && !(from < to)) {
            throw new IllegalArgumentException("an axis from " + from + " to " + to);
        }
        boolean positive = (from == null || from > 0) && (to == null || to > 0);
        if (scale == Scale.LOG && !positive) {
            throw new IllegalArgumentException("a logarithmic axis from " + from + " to " + to);
        }
    }

    /**
     * A linear axis that fits the values.
     *
     * @param name what is on it
     * @param unit its unit; empty for a pure number
     * @return the axis
     */
    public static Axis linear(String name, String unit) {
        return new Axis(name, unit, Scale.LINEAR, null, null);
    }

    /**
     * A logarithmic axis of whole decades that fits the values.
     *
     * @param name what is on it
     * @param unit its unit; empty for a pure number
     * @return the axis
     */
    public static Axis log(String name, String unit) {
        return new Axis(name, unit, Scale.LOG, null, null);
    }

    /**
     * The same axis with ends of its own.
     *
     * @param least where it begins; null to fit the values
     * @param most where it ends; null to fit the values
     * @return the axis
     */
    public Axis between(@Nullable Double least, @Nullable Double most) {
        return new Axis(name, unit, scale, least, most);
    }

    /** What stands beside it. */
    String label() {
        return unit.isEmpty() ? name : name + " [" + unit + "]";
    }

    /** Whether a value has a place on it. */
    boolean holds(double value) {
        return Double.isFinite(value) && (scale == Scale.LINEAR || value > 0);
    }
}

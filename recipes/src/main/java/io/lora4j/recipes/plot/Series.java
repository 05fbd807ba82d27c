package io.lora4j.recipes.plot;

/**
 * Points in their order, drawn as a curve, as markers, or as both. Owns its arrays; treat them as read-only. A point with a coordinate that is
 * not finite, or has no place on a logarithmic axis, interrupts the curve.
 *
 * @param name what the legend calls it; equal names share an entry, an empty name has none
 * @param x horizontal coordinates, in the axis's unit
 * @param y vertical coordinates, as many
 * @param look which colour, dash and marker, from 0; {@link #REFERENCE} for what is only there to compare with
 * @param form how the points are drawn
 */
@SuppressWarnings("ArrayRecordComponent") // a value carrier that is never compared
public record Series(String name, double[] x, double[] y, int look, Form form) {
    /** The look of what is only there to compare with: thin, dashed, in the colour of the axes. */
    public static final int REFERENCE = -1;

    /** How points are drawn. */
    public enum Form {
        /** A curve, with a marker now and then. */
        LINE,
        /** A thin, pale curve: one of many beside their mean. */
        THIN,
        /** A curve with a marker at every point. */
        MARKED,
        /** Markers alone. */
        POINTS
    }

    /** Checks the lengths. */
    public Series {
        if (x.length != y.length) {
            throw new IllegalArgumentException(x.length + " horizontal and " + y.length + " vertical coordinates");
        }
        if (look < REFERENCE) {
            throw new IllegalArgumentException("look " + look);
        }
    }
}

package io.lora4j.recipes.plot;

import java.util.List;

/**
 * Horizontal bars, one below the other.
 *
 * @param title what is shown, one line
 * @param value the axis of the values; bars on a logarithmic axis begin at its left end
 * @param bars from the top down; names differ
 */
public record BarPlot(String title, Axis value, List<Bar> bars) implements Plot {
    /** Copies the list. */
    public BarPlot {
        bars = List.copyOf(bars);
        if (bars.stream().map(Bar::name).distinct().count() < bars.size()) {
            throw new IllegalArgumentException("two bars of one name: " + bars);
        }
    }

    /**
     * A bar.
     *
     * @param name what stands at its left
     * @param value its length, in the axis's unit
     * @param text what stands at its right end, e.g. the value
     * @param look which colour, from 0
     */
    public record Bar(String name, double value, String text, int look) {}
}

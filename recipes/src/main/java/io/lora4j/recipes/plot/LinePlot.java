package io.lora4j.recipes.plot;

import java.util.List;

/**
 * Curves and points over two axes.
 *
 * @param title what is shown, one line
 * @param x the horizontal axis
 * @param y the vertical axis
 * @param series in the order in which they are drawn and in which the legend names them
 */
public record LinePlot(String title, Axis x, Axis y, List<Series> series) implements Plot {
    /** Copies the list. */
    public LinePlot {
        series = List.copyOf(series);
    }
}

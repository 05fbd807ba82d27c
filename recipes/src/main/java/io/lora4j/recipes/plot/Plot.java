package io.lora4j.recipes.plot;

/** What is to be seen; {@link Plots} draws it. */
public sealed interface Plot permits LinePlot, BarPlot {
    /**
     * What is shown.
     *
     * @return one line of plain text
     */
    String title();
}

/**
 * Plots: what is to be seen as data, drawn as SVG or PNG.
 *
 * <p>A {@link io.lora4j.recipes.plot.LinePlot} (curves and points over two axes, linear or logarithmic) or a {@link
 * io.lora4j.recipes.plot.BarPlot} says what is shown; {@link io.lora4j.recipes.plot.Plots} draws it with JFreeChart and Batik (ADR 0019),
 * without a display. Colours are told apart by the colour-blind, and every look has a dash and a marker of its own as well. SVG follows the
 * reader's light or dark colour scheme; PNG is light.
 */
@NullMarked
package io.lora4j.recipes.plot;

import org.jspecify.annotations.NullMarked;

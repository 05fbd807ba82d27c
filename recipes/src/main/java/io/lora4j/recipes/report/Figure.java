package io.lora4j.recipes.report;

import io.lora4j.recipes.plot.Plot;

/**
 * A plot of the report.
 *
 * @param key what its files are called, e.g. {@code loss-by-step}
 * @param plot what is shown
 * @param caption how it was made, in whole sentences
 */
record Figure(String key, Plot plot, String caption) {}

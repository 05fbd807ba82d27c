/**
 * What the figures of a comparison can carry: spread over seeds, intervals, and whether a difference is more than chance.
 *
 * <p>{@link io.lora4j.recipes.stats.Spread} is mean, deviation and number of a few seeds' scores; {@link io.lora4j.recipes.stats.Welch} the
 * interval of a difference of two such means. {@link io.lora4j.recipes.stats.PairedTests} compares two methods' {@link
 * io.lora4j.recipes.stats.MethodRuns predictions} for the same examples and seeds by any {@link io.lora4j.recipes.stats.DevMetric}, {@link
 * io.lora4j.recipes.stats.Standings} all methods of a table with a reference or with the best of them, corrected by {@link
 * io.lora4j.recipes.stats.Holm}. Everything is a pure function of its arguments and a seed; nothing is NaN but the deviation of a single value.
 */
@NullMarked
package io.lora4j.recipes.stats;

import org.jspecify.annotations.NullMarked;

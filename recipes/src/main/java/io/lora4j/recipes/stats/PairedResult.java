package io.lora4j.recipes.stats;

import org.jspecify.annotations.Nullable;

/**
 * What a paired test says of a difference of two methods.
 *
 * @param difference mean over seeds of the first method's score minus that of the second
 * @param p two-sided probability of a difference as large, were there none; above 0 and at most 1
 * @param interval of the difference; null for a test that gives none
 * @param resamples how many were drawn, or enumerated
 */
public record PairedResult(
        double difference, double p, @Nullable Interval interval, long resamples) {}

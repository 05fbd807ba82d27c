package io.lora4j.recipes.run;

import io.lora4j.recipes.table.TableText;
import java.util.Locale;

/**
 * Which trial of a comparison.
 *
 * @param method the method's label
 * @param learningRate the peak rate; 0 for a method that takes none
 * @param seed the seed
 */
public record TrialKey(String method, double learningRate, long seed) {
    /**
     * The trial as a file name.
     *
     * @return e.g. {@code lora-one-lr5e-4-seed1}, {@code zero-step-seed1}
     */
    public String folderName() {
        String slug = method.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._+-]+", "-");
        return slug + (hasRate() ? "-lr" + TableText.shortest(learningRate) : "") + "-seed" + seed;
    }

    @Override
    public String toString() {
        String rate = hasRate() ? ", learning rate " + TableText.shortest(learningRate) : "";
        return method + rate + ", seed " + seed;
    }

    /** Whether the method takes optimiser steps. */
    boolean hasRate() {
        return learningRate > 0;
    }
}

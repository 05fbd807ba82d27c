package io.lora4j.recipes.results;

import org.jspecify.annotations.Nullable;

/**
 * One optimiser step.
 *
 * @param step its number, from 1
 * @param loss mean loss over its examples, before it
 * @param learningRate the rate it was taken with
 * @param gradNorm the global gradient norm before clipping
 * @param seconds since the trial began, evaluations included; null if the run did not keep it
 */
public record StepPoint(
        long step,
        double loss,
        double learningRate,
        double gradNorm,
        @Nullable Double seconds) {}

package io.lora4j.recipes.run;

import io.lora4j.eval.TaskMetrics;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a finished trial came to.
 *
 * @param key which trial
 * @param trainableParameters number of scalars that are trained, or that a single step changes or is described by
 * @param dev scores on the dev set after the last step
 * @param otherDevs scores on the other evaluation sets by name, as MNLI's {@code mismatched}; empty for nearly every task
 * @param steps optimiser steps
 * @param finalLoss mean loss over the last step's examples, before that step; null if there was no step
 * @param initSeconds seconds for the gradient estimate (also where another trial of the seed has made it) and the initialisation; for
 *     head-only, for the encoder's outputs
 * @param trainSeconds seconds of training, evaluations not included
 * @param evalSeconds seconds of all evaluations
 * @param peakBytes highest memory of the trial: ND4J's off-heap plus used heap bytes
 * @param chosenStep the step that was chosen among several; null for methods that do not choose
 * @param setup which tensors got which rate and weight decay, and what became of the start
 */
public record TrialResult(
        TrialKey key,
        long trainableParameters,
        TaskMetrics dev,
        Map<String, TaskMetrics> otherDevs,
        long steps,
        @Nullable Double finalLoss,
        double initSeconds,
        double trainSeconds,
        double evalSeconds,
        long peakBytes,
        @Nullable ChosenStep chosenStep,
        TrialSetup setup)
        implements TrialOutcome {
    /** Copies the map, keeping its order. */
    public TrialResult {
        otherDevs = Collections.unmodifiableMap(new LinkedHashMap<>(otherDevs));
    }

    /**
     * A step size out of a grid.
     *
     * @param stepSize eta of W - eta dL/dW
     * @param gradientLoss mean loss there over the gradient's examples, in training mode: what it was chosen by
     */
    public record ChosenStep(double stepSize, double gradientLoss) {}
}

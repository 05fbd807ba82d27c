package io.lora4j.recipes.run;

import io.lora4j.eval.ClassificationMetrics;

/**
 * What a finished trial came to.
 *
 * @param key which trial
 * @param trainableParameters number of trainable scalars
 * @param dev scores on the dev set after the last step
 * @param steps optimiser steps
 * @param finalLoss mean loss over the last step's examples, before that step
 * @param initSeconds seconds for the gradient estimate (also where another trial of the seed has made it) and the initialisation; for
 *     head-only, for the encoder's outputs
 * @param trainSeconds seconds of training, evaluations not included
 * @param evalSeconds seconds of all evaluations
 * @param peakBytes highest memory of the trial: ND4J's off-heap plus used heap bytes
 */
public record TrialResult(
        TrialKey key,
        long trainableParameters,
        ClassificationMetrics dev,
        long steps,
        double finalLoss,
        double initSeconds,
        double trainSeconds,
        double evalSeconds,
        long peakBytes) {}

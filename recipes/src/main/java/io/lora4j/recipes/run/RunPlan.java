package io.lora4j.recipes.run;

import java.util.List;

/**
 * What a comparison is going to do.
 *
 * @param trials all trials in order
 * @param stepsPerTrial optimiser steps of each
 * @param trainExamples training examples
 * @param devExamples dev examples
 * @param trainTokens tokens of all training examples, special ones included
 * @param devTokens tokens of all dev examples
 */
public record RunPlan(
        List<TrialKey> trials,
        long stepsPerTrial,
        int trainExamples,
        int devExamples,
        long trainTokens,
        long devTokens) {
    /** Copies the list. */
    public RunPlan {
        trials = List.copyOf(trials);
    }

    /**
     * Optimiser steps of all trials together.
     *
     * @return trials that are trained x steps of each
     */
    public long totalSteps() {
        return trials.stream().filter(TrialKey::hasRate).count() * stepsPerTrial;
    }
}

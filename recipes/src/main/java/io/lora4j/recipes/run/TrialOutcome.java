package io.lora4j.recipes.run;

/** What became of a trial: a result, or the reason why there is none. */
public sealed interface TrialOutcome permits TrialResult, FailedTrial {
    /**
     * Which trial.
     *
     * @return method, rate and seed
     */
    TrialKey key();
}

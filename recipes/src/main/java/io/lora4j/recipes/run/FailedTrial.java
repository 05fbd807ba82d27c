package io.lora4j.recipes.run;

/**
 * A trial that came to no result. It is a row of the table like any other.
 *
 * @param key which trial
 * @param status why
 * @param message the reason in words
 */
public record FailedTrial(TrialKey key, Status status, String message) implements TrialOutcome {
    /** Why there is no result. */
    public enum Status {
        /** Training met a NaN or an infinity. It would again: the trial counts as finished. */
        DIVERGED,
        /** Memory or disk gave out, which says nothing of the method: a resumed run tries it again. */
        FAILED
    }
}

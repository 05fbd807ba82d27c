package io.lora4j.recipes;

import java.util.List;

/**
 * A method of a search with everything it is tried with. Immutable.
 *
 * @param label what tables call it
 * @param candidates as many as {@link SearchChoice#trials()} says; one for a method that takes no learning rate, which is not tried
 */
public record SearchedMethod(String label, List<Candidate> candidates) {
    /** Copies the list. */
    public SearchedMethod {
        candidates = List.copyOf(candidates);
    }

    /**
     * Whether there is something to choose.
     *
     * @return false for a method that takes no learning rate
     */
    public boolean searched() {
        return candidates.get(0).learningRate() != Recipe.MethodChoice.NO_RATE;
    }
}

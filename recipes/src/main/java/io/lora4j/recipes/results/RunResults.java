package io.lora4j.recipes.results;

import io.lora4j.recipes.Recipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A run and the trials of it that came to an end. Immutable; the trials' large files are read when they are asked for.
 *
 * @param folder the run directory, as it was named
 * @param recipe what was run, with every default
 * @param provenance what made the results
 * @param majority the scores of always predicting the dev set's most frequent class (of a constant, for scores); empty where the run has not kept
 *     what they follow from
 * @param majorityLoss its loss; NaN where it is not known
 * @param trials the trials in the order of the table: methods as in the recipe, then rates, then seeds as in the recipe
 */
public record RunResults(
        Path folder,
        Recipe recipe,
        RunProvenance provenance,
        Map<String, Double> majority,
        double majorityLoss,
        List<TrialRecord> trials) {
    /** Copies the collections. */
    public RunResults {
        majority = Scores.copy(majority);
        trials = List.copyOf(trials);
    }

    /**
     * How many trials the recipe asks for.
     *
     * @return methods times rates times seeds
     */
    public int planned() {
        int rates = recipe.methods().stream()
                .mapToInt(method -> method.learningRates().size())
                .sum();
        return rates * recipe.train().seeds().size();
    }
}

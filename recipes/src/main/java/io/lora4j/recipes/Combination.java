package io.lora4j.recipes;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One comparison of a study, with the search before it. Immutable.
 *
 * @param name the name of its folder, e.g. {@code task-mrpc_adapter.rank-8}; empty if the study has no sweep
 * @param values the sweep's keys with this combination's values as they were written
 * @param recipe what is run; with a search, the methods have the settings and the rate of their first candidate
 * @param search how settings are chosen; null if the recipe has them
 * @param methods with a search, what every method of the recipe is tried with, in the recipe's order; else empty
 */
public record Combination(
        String name,
        Map<String, String> values,
        Recipe recipe,
        @Nullable SearchChoice search,
        List<SearchedMethod> methods) {
    /** Copies map and list. */
    public Combination {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        methods = List.copyOf(methods);
    }

    Combination named(String newName, Map<String, String> newValues) {
        return new Combination(newName, newValues, recipe, search, methods);
    }

    /**
     * Trials of the search.
     *
     * @return 0 without a search
     */
    public long searchTrials() {
        SearchChoice choice = search;
        if (choice == null) {
            return 0;
        }
        long searched = methods.stream().filter(SearchedMethod::searched).count();
        return searched
                * choice.rungs().stream()
                        .mapToLong(SearchChoice.Rung::candidates)
                        .sum();
    }

    /**
     * Trials of the comparison that is reported.
     *
     * @return methods and rates x seeds
     */
    public long finalTrials() {
        long rows = recipe.methods().stream()
                .mapToLong(method -> method.learningRates().size())
                .sum();
        return rows * recipe.train().seeds().size();
    }

    /**
     * Run directories: the search's, and the one that is reported.
     *
     * @return at least 1
     */
    public int comparisons() {
        SearchChoice choice = search;
        return 1 + (choice == null ? 0 : choice.rungs().size());
    }
}

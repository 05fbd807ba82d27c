package io.lora4j.recipes;

import java.util.List;

/**
 * A chain of comparisons: what a recipe file with {@code search} or {@code sweep} describes. A plain recipe is a study of one comparison.
 * Immutable.
 *
 * @param name what folders are called after
 * @param combinations one for every combination of the sweep's values, the first key's values outermost; one without a sweep
 * @param yaml the file with all overrides applied and absolute paths; reads back to an equal study
 */
public record Study(String name, List<Combination> combinations, String yaml) {
    /** Copies the list. */
    public Study {
        combinations = List.copyOf(combinations);
    }

    /**
     * Whether this is a single comparison whose recipe has all settings.
     *
     * @return true for a recipe without search and sweep
     */
    public boolean isPlain() {
        Combination first = combinations.get(0);
        return first.search() == null && first.name().isEmpty();
    }

    /**
     * All trials, those of the searches and those that are reported.
     *
     * @return at least 1
     */
    public long trials() {
        return combinations.stream()
                .mapToLong(each -> each.searchTrials() + each.finalTrials())
                .sum();
    }

    /**
     * All run directories.
     *
     * @return at least 1
     */
    public int comparisons() {
        return combinations.stream().mapToInt(Combination::comparisons).sum();
    }
}

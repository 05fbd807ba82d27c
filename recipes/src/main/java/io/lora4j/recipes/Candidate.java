package io.lora4j.recipes;

import io.lora4j.recipes.method.MethodSettings;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a method is tried with in a search. Immutable.
 *
 * @param grid the keys of the method's own grid, each with its value as it was written; empty if it has none
 * @param settings the method with these values
 * @param learningRate the peak rate; {@link Recipe.MethodChoice#NO_RATE} for a method that takes none
 */
public record Candidate(Map<String, String> grid, MethodSettings settings, double learningRate) {
    /** Copies the map, keeping its order. */
    public Candidate {
        grid = Collections.unmodifiableMap(new LinkedHashMap<>(grid));
    }

    /**
     * The grid's values as part of a label.
     *
     * @return e.g. {@code gamma=64}; empty without a grid
     */
    public String gridText() {
        return grid.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(" "));
    }
}

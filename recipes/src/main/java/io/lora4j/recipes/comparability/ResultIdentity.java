package io.lora4j.recipes.comparability;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a result depends on beside its method. Immutable.
 *
 * @param name the result's name in messages, e.g. its run directory
 * @param facts for each aspect its facts by name, e.g. {@code dev.tsv} and a checksum; an aspect that is left out has none
 */
public record ResultIdentity(String name, Map<Aspect, SortedMap<String, String>> facts) {
    /** Copies the facts; every aspect then is there. */
    public ResultIdentity {
        Map<Aspect, SortedMap<String, String>> copy = new EnumMap<>(Aspect.class);
        for (Aspect aspect : Aspect.values()) {
            SortedMap<String, String> given = facts.get(aspect);
            copy.put(
                    aspect,
                    given == null
                            ? Collections.emptySortedMap()
                            : Collections.unmodifiableSortedMap(new TreeMap<>(given)));
        }
        facts = Collections.unmodifiableMap(copy);
    }
}

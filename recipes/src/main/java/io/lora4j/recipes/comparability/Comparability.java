package io.lora4j.recipes.comparability;

import io.lora4j.error.UserException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Finds what results do not have in common, and refuses to compare those that differ where they must not. Pure functions. */
public final class Comparability {
    /** What a result says of a fact that it does not have. */
    private static final String ABSENT = "(not given)";

    private Comparability() {}

    /**
     * A fact that not all results share.
     *
     * @param aspect what it belongs to
     * @param fact its name
     * @param resultsByValue for each value, in the order of the results, the names of those that have it
     */
    public record Difference(Aspect aspect, String fact, Map<String, List<String>> resultsByValue) {
        @Override
        public String toString() {
            return aspect.label() + ", " + fact + ": "
                    + resultsByValue.entrySet().stream()
                            .map(value -> value.getKey() + " in " + String.join(", ", value.getValue()))
                            .collect(Collectors.joining("; "));
        }
    }

    /**
     * All differences.
     *
     * @param results any number of results
     * @return one per fact that has more than one value, by aspect and fact; a fact that only some have is a difference too
     */
    public static List<Difference> differences(List<ResultIdentity> results) {
        List<Difference> differences = new ArrayList<>();
        for (Aspect aspect : Aspect.values()) {
            SortedSet<String> facts = new TreeSet<>();
            results.forEach(result -> facts.addAll(of(result, aspect).keySet()));
            for (String fact : facts) {
                Map<String, List<String>> byValue = new LinkedHashMap<>();
                for (ResultIdentity result : results) {
                    String value = of(result, aspect).getOrDefault(fact, ABSENT);
                    byValue.computeIfAbsent(value, unused -> new ArrayList<>()).add(result.name());
                }
                if (byValue.size() > 1) {
                    differences.add(new Difference(aspect, fact, byValue));
                }
            }
        }
        return differences;
    }

    private static Map<String, String> of(ResultIdentity result, Aspect aspect) {
        return Objects.requireNonNull(result.facts().get(aspect));
    }

    /**
     * Refuses to compare results that differ in an aspect that was not allowed to.
     *
     * @param results any number of results
     * @param allowed aspects in which they may differ because the user said so
     * @return the differences that were allowed, for a note below the table
     * @throws UserException with every other difference, a line each, and the aspects that would have to be allowed
     */
    public static List<Difference> require(List<ResultIdentity> results, Set<Aspect> allowed) {
        List<Difference> all = differences(results);
        List<Difference> refused = all.stream()
                .filter(difference -> !allowed.contains(difference.aspect()))
                .toList();
        if (refused.isEmpty()) {
            return all;
        }
        Set<String> aspects = refused.stream()
                .map(difference -> difference.aspect().label())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        String list = String.join(", ", aspects);
        throw new UserException("these results cannot be compared, they differ in " + list + ":\n"
                + refused.stream().map(difference -> "  " + difference + "\n").collect(Collectors.joining())
                + "run them again alike, or allow them to differ: --allow " + String.join(",", aspects));
    }
}

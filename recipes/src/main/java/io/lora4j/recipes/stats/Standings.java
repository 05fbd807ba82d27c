package io.lora4j.recipes.stats;

import io.lora4j.error.UserException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * All methods of a table against one of them, by {@link PairedTests#bootstrap} with {@link Holm}'s correction.
 */
public final class Standings {
    private Standings() {}

    /**
     * A method beside the one it was compared with.
     *
     * @param method its label
     * @param scores over its seeds
     * @param difference its mean minus the other's; 0 for the other itself
     * @param interval of the difference, for this comparison alone
     * @param p of this comparison alone; 1 for the other itself
     * @param adjustedP after Holm's correction over all comparisons
     */
    public record Versus(
            String method, Spread scores, double difference, Interval interval, double p, double adjustedP) {
        /**
         * Whether the difference is more than chance.
         *
         * @param alpha the level, e.g. 0.05
         * @return true if the corrected p value is below it
         */
        public boolean significant(double alpha) {
            return adjustedP < alpha;
        }
    }

    /**
     * A method's cell in a table.
     *
     * @param versus its comparison with the best
     * @param best whether its mean is the highest (the first in the table's order where several are)
     * @param tied whether it is the best, or not significantly worse than the best
     */
    public record Standing(Versus versus, boolean best, boolean tied) {}

    /**
     * Every method against a reference, e.g. plain LoRA, each over the seeds that it shares with the reference.
     *
     * @param tests labels, metric, resamples
     * @param reference label of one of the methods
     * @param methods the rows
     * @return one comparison per method in the given order, the reference included; scores are over all seeds of a method, the difference over the
     *     shared ones
     * @throws UserException if the reference is not among them, a method shares no seed with it, or methods differ in examples
     */
    public static List<Versus> against(PairedTests tests, String reference, List<MethodRuns> methods) {
        MethodRuns other = methods.stream()
                .filter(runs -> runs.method().equals(reference))
                .findFirst()
                .orElseThrow(() -> new UserException("the reference " + reference + " is none of the methods "
                        + methods.stream().map(MethodRuns::method).toList()));
        List<PairedResult> results = new ArrayList<>();
        for (MethodRuns runs : methods) {
            if (runs != other) {
                results.add(overSharedSeeds(tests, runs, other));
            }
        }
        double[] adjusted =
                Holm.adjust(results.stream().mapToDouble(PairedResult::p).toArray());
        List<Versus> all = new ArrayList<>();
        int next = 0;
        for (MethodRuns runs : methods) {
            Spread scores = tests.scores(runs);
            if (runs == other) {
                all.add(new Versus(reference, scores, 0, new Interval(0, 0), 1, 1));
                continue;
            }
            PairedResult result = results.get(next);
            Interval interval = Objects.requireNonNull(result.interval());
            all.add(new Versus(runs.method(), scores, result.difference(), interval, result.p(), adjusted[next++]));
        }
        return all;
    }

    /** Where no seed is shared, the test refuses and tells the seeds of both. */
    private static PairedResult overSharedSeeds(PairedTests tests, MethodRuns runs, MethodRuns other) {
        Set<Long> shared = new TreeSet<>(runs.seeds());
        shared.retainAll(other.seeds());
        return shared.isEmpty() ? tests.bootstrap(runs, other) : tests.bootstrap(runs.only(shared), other.only(shared));
    }

    /**
     * The best method and those that are statistically tied with it: every method is compared with that of the highest mean, and is tied unless
     * its corrected p value is below alpha. A tie is no proof of equality, and the best was chosen by the same numbers: where many are tied,
     * another dev set may well have another best.
     *
     * @param tests labels, metric, resamples
     * @param methods one or more rows, compared over the seeds that they share with the best
     * @param alpha probability of declaring any equal method worse, e.g. 0.05
     * @return one per method in the given order
     * @throws UserException if a method shares no seed with the best, or methods differ in examples
     * @throws IllegalArgumentException if there is no method, or alpha is not between 0 and 1
     */
    public static List<Standing> best(PairedTests tests, List<MethodRuns> methods, double alpha) {
        if (!(alpha > 0 && alpha < 1)) {
            throw new IllegalArgumentException("alpha lies between 0 and 1: " + alpha);
        }
        // max keeps the first of equals
        MethodRuns best = methods.stream()
                .max(Comparator.comparingDouble(runs -> tests.scores(runs).mean()))
                .orElseThrow(() -> new IllegalArgumentException("no method"));
        return against(tests, best.method(), methods).stream()
                .map(versus -> {
                    boolean isBest = versus.method().equals(best.method());
                    return new Standing(versus, isBest, isBest || !versus.significant(alpha));
                })
                .toList();
    }
}

package io.lora4j.recipes.study;

import io.lora4j.recipes.Candidate;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a search came to: for every method its candidates, best first, by the task's first official metric on the held-out part, then by the lower
 * loss there, then by the lower rate. A candidate without a result loses; with halving a candidate that got into a later round beats one that did
 * not. Immutable.
 *
 * @param rule the rule in words
 * @param metric the figure's name, e.g. {@code matthews}
 * @param methods the methods in the recipe's order
 */
public record Choice(String rule, String metric, List<Chosen> methods) {
    /** Copies the list. */
    public Choice {
        methods = List.copyOf(methods);
    }

    /**
     * A method.
     *
     * @param label what tables call it
     * @param candidates all candidates, best first: the first one is chosen
     */
    public record Chosen(String label, List<Scored> candidates) {
        /** Copies the list. */
        public Chosen {
            candidates = List.copyOf(candidates);
        }

        /**
         * The best one.
         *
         * @return the first candidate
         */
        public Scored best() {
            return candidates.get(0);
        }
    }

    /**
     * A candidate with what became of it.
     *
     * @param candidate settings and rate
     * @param rung the last round it took part in, counted from 1; 0 if it was not tried, being the only one
     * @param score the metric on the held-out part, a fraction; null if there is no result
     * @param loss the loss there; null if there is no result
     * @param status {@code done}, {@code diverged}, {@code failed}, or {@code not tried}
     * @param trial the trial's folder within the combination's; empty if there is none
     */
    public record Scored(
            Candidate candidate,
            int rung,
            @Nullable Double score,
            @Nullable Double loss,
            String status,
            String trial) {
        /** The only one of a method that is not searched. */
        static Scored untried(Candidate candidate) {
            return new Scored(candidate, 0, null, null, "not tried", "");
        }

        private double scoreOrLowest() {
            return score == null ? Double.NEGATIVE_INFINITY : score;
        }

        private double lossOrHighest() {
            return loss == null ? Double.POSITIVE_INFINITY : loss;
        }
    }

    /** Best first. */
    static final Comparator<Scored> BEST_FIRST = Comparator.comparingInt(Scored::rung)
            .reversed()
            .thenComparing(Comparator.comparingDouble(Scored::scoreOrLowest).reversed())
            .thenComparingDouble(Scored::lossOrHighest)
            .thenComparingDouble(scored -> scored.candidate().learningRate());
}

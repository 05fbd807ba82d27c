package io.lora4j.recipes.stats;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** A method's predictions for the same examples, one run per seed. Immutable. */
public final class MethodRuns {
    private final String method;
    private final SortedMap<Long, double[]> predictions;
    private final int examples;

    /**
     * @param method its label
     * @param predictions for each seed, one finite number per example in file order (a class's number, or a regression's value); copied
     * @throws IllegalArgumentException if there is no run, a run has no examples, runs differ in length, or a prediction is not finite
     */
    public MethodRuns(String method, Map<Long, double[]> predictions) {
        this.method = method;
        this.predictions = new TreeMap<>();
        predictions.forEach((seed, values) -> this.predictions.put(seed, values.clone()));
        this.examples = this.predictions.values().stream()
                .findFirst()
                .map(values -> values.length)
                .orElse(0);
        if (examples == 0) {
            throw new IllegalArgumentException(method + " has no predictions");
        }
        this.predictions.forEach((seed, values) -> check(seed, values));
    }

    private void check(long seed, double[] values) {
        if (values.length != examples) {
            throw new IllegalArgumentException(method + " has predictions for " + values.length + " examples with seed "
                    + seed + ", and for " + examples + " with another");
        }
        for (double value : values) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException(method + " predicts " + value + " with seed " + seed);
            }
        }
    }

    /**
     * The method.
     *
     * @return its label
     */
    public String method() {
        return method;
    }

    /**
     * The seeds it was run with.
     *
     * @return one or more, upwards
     */
    public SortedSet<Long> seeds() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(predictions.keySet()));
    }

    /**
     * The number of examples of every run.
     *
     * @return 1 or more
     */
    public int examples() {
        return examples;
    }

    /**
     * Some of the runs, for a comparison with a method that has fewer.
     *
     * @param seeds which to keep
     * @return the runs of these seeds
     * @throws IllegalArgumentException if none is left
     */
    public MethodRuns only(Set<Long> seeds) {
        SortedMap<Long, double[]> kept = new TreeMap<>(predictions);
        kept.keySet().retainAll(seeds);
        return new MethodRuns(method, kept);
    }

    /** The runs, the smallest seed first; the live arrays. */
    double[][] values() {
        return predictions.values().toArray(double[][]::new);
    }
}

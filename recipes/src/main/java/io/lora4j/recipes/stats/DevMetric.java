package io.lora4j.recipes.stats;

import io.lora4j.eval.Confusion;
import java.util.Arrays;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;

/**
 * A score of predictions against labels, larger is better, that can be had again and again for resamples of the same examples. Classes are
 * numbers 0, 1, ...; a regression's labels and predictions any numbers.
 */
@FunctionalInterface
public interface DevMetric {
    /** Scores resamples of fixed labels and predictions. Not thread-safe: it reuses its memory. */
    @FunctionalInterface
    interface Scorer {
        /**
         * The score of a resample.
         *
         * @param counts how often each example is in it, at least one example at all; only read
         * @return the score, never NaN
         */
        double score(int[] counts);
    }

    /**
     * Looks at labels and predictions once, for many resamples.
     *
     * @param labels one per example; only read, and not changed by the caller while the scorer is in use
     * @param predictions one per example; as the labels
     * @return a scorer for these
     */
    Scorer prepare(double[] labels, double[] predictions);

    /**
     * The score of all examples.
     *
     * @param labels one per example
     * @param predictions one per example
     * @return the score, never NaN
     */
    default double of(double[] labels, double[] predictions) {
        int[] once = new int[labels.length];
        Arrays.fill(once, 1);
        return prepare(labels, predictions).score(once);
    }

    /**
     * Fraction of correct predictions.
     *
     * @param classes number of classes, at least 2
     * @return {@link Confusion#accuracy}
     */
    static DevMetric accuracy(int classes) {
        return confusion(classes, counts -> Confusion.accuracy(counts, classes));
    }

    /**
     * F1 of class 1 for two classes, else the mean over classes.
     *
     * @param classes number of classes, at least 2
     * @return {@link Confusion#f1}
     */
    static DevMetric f1(int classes) {
        return confusion(classes, counts -> Confusion.f1(counts, classes));
    }

    /**
     * Matthews correlation.
     *
     * @param classes number of classes, at least 2
     * @return {@link Confusion#matthews}
     */
    static DevMetric matthews(int classes) {
        return confusion(classes, counts -> Confusion.matthews(counts, classes));
    }

    /**
     * Pearson's correlation; 0 where labels or predictions do not vary.
     *
     * @return sum (x - mean x)(y - mean y) / sqrt(sum (x - mean x)^2 sum (y - mean y)^2)
     */
    static DevMetric pearson() {
        return (labels, predictions) -> counts -> Correlation.pearson(labels, predictions, counts);
    }

    /**
     * Spearman's rank correlation: Pearson's of the ranks within the resample, ties at their average rank; 0 where labels or predictions do not
     * vary.
     *
     * @return the metric; a resample costs time proportional to the examples, as they are sorted once
     */
    static DevMetric spearman() {
        return (labels, predictions) -> {
            Correlation.Ranks x = new Correlation.Ranks(labels);
            Correlation.Ranks y = new Correlation.Ranks(predictions);
            return counts -> Correlation.pearson(x.of(counts), y.of(counts), counts);
        };
    }

    /**
     * Any other score, with a resample's labels and predictions written out for every one.
     *
     * @param score of (labels, predictions), larger is better, never NaN
     * @return the metric
     */
    static DevMetric of(ToDoubleBiFunction<double[], double[]> score) {
        return (labels, predictions) -> counts -> {
            int size = 0;
            for (int count : counts) {
                size += count;
            }
            double[] x = new double[size];
            double[] y = new double[size];
            int at = 0;
            for (int i = 0; i < counts.length; i++) {
                for (int copy = 0; copy < counts[i]; copy++) {
                    x[at] = labels[i];
                    y[at++] = predictions[i];
                }
            }
            return score.applyAsDouble(x, y);
        };
    }

    /** A score of the confusion matrix: a resample is one addition per example. */
    private static DevMetric confusion(int classes, ToDoubleFunction<int[]> score) {
        if (classes < 2) {
            throw new IllegalArgumentException("a classifier has at least 2 classes: " + classes);
        }
        return (labels, predictions) -> {
            int[] cells = new int[labels.length];
            for (int i = 0; i < cells.length; i++) {
                cells[i] = label(labels[i], classes) * classes + label(predictions[i], classes);
            }
            int[] matrix = new int[classes * classes];
            return counts -> {
                Arrays.fill(matrix, 0);
                for (int i = 0; i < cells.length; i++) {
                    matrix[cells[i]] += counts[i];
                }
                return score.applyAsDouble(matrix);
            };
        };
    }

    private static int label(double value, int classes) {
        if (value != Math.rint(value) || value < 0 || value >= classes) {
            throw new IllegalArgumentException("class " + value + " is not one of 0.." + (classes - 1));
        }
        return (int) value;
    }
}

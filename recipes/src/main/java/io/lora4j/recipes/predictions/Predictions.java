package io.lora4j.recipes.predictions;

import io.lora4j.error.UserException;
import io.lora4j.recipes.stats.MethodRuns;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model's predictions for a set of examples, in file order, beside their labels. Immutable. */
public final class Predictions {
    private final int classes;
    private final double[] labels;
    private final double[] predictions;
    private final float[][] scores;
    private final String labelsSha256;

    Predictions(int classes, double[] labels, double[] predictions, float[][] scores) {
        this.classes = classes;
        this.labels = labels;
        this.predictions = predictions;
        this.scores = scores;
        this.labelsSha256 = sha256(classes, labels);
    }

    /**
     * A classifier's predictions: the most probable class, the first of equals.
     *
     * @param labels class of every example, 0..classes-1; copied
     * @param probabilities for every example one finite number per class, at least 2; copied
     * @return the predictions
     * @throws IllegalArgumentException if there is no example, or the arguments contradict each other
     */
    public static Predictions classification(int[] labels, float[][] probabilities) {
        if (labels.length == 0 || labels.length != probabilities.length) {
            throw new IllegalArgumentException(
                    labels.length + " labels, probabilities of " + probabilities.length + " examples");
        }
        int classes = probabilities[0].length;
        double[] predictions = new double[labels.length];
        float[][] scores = new float[labels.length][];
        for (int i = 0; i < labels.length; i++) {
            scores[i] = probabilities[i].clone();
            if (classes < 2 || scores[i].length != classes || labels[i] < 0 || labels[i] >= classes) {
                throw new IllegalArgumentException(
                        "example " + i + ": label " + labels[i] + ", " + scores[i].length + " probabilities");
            }
            int best = 0;
            for (int c = 0; c < classes; c++) {
                requireFinite(i, scores[i][c]);
                best = scores[i][c] > scores[i][best] ? c : best;
            }
            predictions[i] = best;
        }
        return new Predictions(classes, Arrays.stream(labels).asDoubleStream().toArray(), predictions, scores);
    }

    /**
     * A regression's predictions.
     *
     * @param labels one finite number per example; copied
     * @param values one finite number per example, float32 as networks compute; copied
     * @return the predictions, of no classes
     * @throws IllegalArgumentException if there is no example, or the arguments contradict each other
     */
    public static Predictions regression(double[] labels, float[] values) {
        if (labels.length == 0 || labels.length != values.length) {
            throw new IllegalArgumentException(labels.length + " labels, " + values.length + " values");
        }
        double[] predictions = new double[values.length];
        for (int i = 0; i < labels.length; i++) {
            requireFinite(i, labels[i]);
            requireFinite(i, values[i]);
            predictions[i] = values[i];
        }
        return new Predictions(0, labels.clone(), predictions, new float[labels.length][0]);
    }

    private static void requireFinite(int example, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("example " + example + " has " + value);
        }
    }

    /**
     * The number of examples.
     *
     * @return 1 or more
     */
    public int size() {
        return labels.length;
    }

    /**
     * The number of classes.
     *
     * @return 2 or more; 0 for a regression
     */
    public int classes() {
        return classes;
    }

    /**
     * The labels.
     *
     * @return one per example: a class's number or a regression's value; a copy
     */
    public double[] labels() {
        return labels.clone();
    }

    /**
     * What was predicted.
     *
     * @return one per example, as the labels; a copy
     */
    public double[] predictions() {
        return predictions.clone();
    }

    /**
     * The classes' probabilities for an example.
     *
     * @param example from 0, in file order
     * @return one per class, empty for a regression; a copy
     */
    public float[] scores(int example) {
        return scores[example].clone();
    }

    /**
     * Which data this is about.
     *
     * @return SHA-256, in lower-case hexadecimal, of the number of classes and the labels (a class's number, a value as {@link
     *     Double#toHexString}), each ended by a line feed
     */
    public String labelsSha256() {
        return labelsSha256;
    }

    /**
     * Refuses to compare predictions for different data.
     *
     * @param name of these predictions, for the message
     * @param other other predictions
     * @param otherName their name
     * @throws UserException if the labels differ
     */
    public void requireSameData(String name, Predictions other, String otherName) {
        if (!labelsSha256.equals(other.labelsSha256)) {
            throw new UserException(
                    name + " and " + otherName + " were evaluated on different data (" + size() + " and "
                            + other.size() + " examples, labels with SHA-256 " + labelsSha256.substring(0, 12) + " and "
                            + other.labelsSha256.substring(0, 12)
                            + "): they cannot be compared; evaluate both on the same dev file with the same data.max_eval_samples");
        }
    }

    /**
     * A method's runs for significance tests.
     *
     * @param method its label
     * @param bySeed its predictions for every seed
     * @return the runs
     * @throws UserException if two of them are for different data
     */
    public static MethodRuns runs(String method, Map<Long, Predictions> bySeed) {
        Map<Long, double[]> values = new LinkedHashMap<>();
        Map.Entry<Long, Predictions> first = null;
        for (Map.Entry<Long, Predictions> entry : bySeed.entrySet()) {
            first = first == null ? entry : first;
            first.getValue()
                    .requireSameData(
                            method + ", seed " + first.getKey(), entry.getValue(), method + ", seed " + entry.getKey());
            values.put(entry.getKey(), entry.getValue().predictions);
        }
        return new MethodRuns(method, values);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Predictions that
                && classes == that.classes
                && Arrays.equals(labels, that.labels)
                && Arrays.equals(predictions, that.predictions)
                && Arrays.deepEquals(scores, that.scores);
    }

    @Override
    public int hashCode() {
        return 31 * labelsSha256.hashCode() + Arrays.hashCode(predictions);
    }

    @Override
    public String toString() {
        return "Predictions[" + size() + " examples, " + classes + " classes]";
    }

    private static String sha256(int classes, double[] labels) {
        StringBuilder text = new StringBuilder().append(classes).append('\n');
        for (double label : labels) {
            text.append(classes > 0 ? Integer.toString((int) label) : Double.toHexString(label))
                    .append('\n');
        }
        try {
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

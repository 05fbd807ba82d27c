package io.lora4j.eval;

import org.nd4j.evaluation.classification.Evaluation;

/**
 * Scores of a classifier on a data set; all are dimensionless but the loss (nats per example), and none is NaN.
 *
 * @param examples number of examples, at least 1
 * @param accuracy fraction of correct predictions
 * @param f1 F1 of class 1 for two classes; for more, the unweighted mean over the classes that occur in labels or predictions; 0 where
 *     precision and recall are both 0 or undefined (scikit-learn's {@code f1_score} with zero_division 0)
 * @param matthews Matthews correlation, for more than two classes Gorodkin's R_K; 0 where it is undefined because labels or
 *     predictions have one class only (scikit-learn's {@code matthews_corrcoef})
 * @param loss mean cross-entropy -ln p(label)
 */
public record ClassificationMetrics(int examples, double accuracy, double f1, double matthews, double loss) {
    /**
     * Scores from counts.
     *
     * @param evaluation ND4J's counts of at least one example; only read
     * @param classes number of classes, at least 2
     * @param loss mean cross-entropy, passed through
     * @return the scores
     * @throws IllegalArgumentException if nothing was counted
     */
    static ClassificationMetrics of(Evaluation evaluation, int classes, double loss) {
        if (evaluation.getNumRowCounter() == 0) {
            throw new IllegalArgumentException("no example was evaluated");
        }
        return new ClassificationMetrics(
                evaluation.getNumRowCounter(),
                evaluation.accuracy(),
                classes == 2 ? f1(evaluation, 1) : macroF1(evaluation, classes),
                matthews(evaluation, classes),
                loss);
    }

    /** F1 = 2 tp / (2 tp + fp + fn), 0 for 0/0. */
    private static double f1(Evaluation evaluation, int label) {
        double correct = 2.0 * count(evaluation, label, label);
        double all = actual(evaluation, label) + predicted(evaluation, label);
        return all == 0 ? 0 : correct / all;
    }

    private static double macroF1(Evaluation evaluation, int classes) {
        double sum = 0;
        int present = 0;
        for (int c = 0; c < classes; c++) {
            if (actual(evaluation, c) + predicted(evaluation, c) > 0) {
                sum += f1(evaluation, c);
                present++;
            }
        }
        return sum / present;
    }

    /**
     * R_K = (n c - sum_k p_k t_k) / sqrt((n^2 - sum p_k^2)(n^2 - sum t_k^2)) with c correct of n, p_k predicted and t_k actual counts
     * (Gorodkin, 2004); for two classes the Matthews correlation.
     */
    private static double matthews(Evaluation evaluation, int classes) {
        double n = evaluation.getNumRowCounter();
        double correct = 0;
        double cross = 0;
        double predictedSquares = 0;
        double actualSquares = 0;
        for (int c = 0; c < classes; c++) {
            double predicted = predicted(evaluation, c);
            double actual = actual(evaluation, c);
            correct += count(evaluation, c, c);
            cross += predicted * actual;
            predictedSquares += predicted * predicted;
            actualSquares += actual * actual;
        }
        double denominator = Math.sqrt(n * n - predictedSquares) * Math.sqrt(n * n - actualSquares);
        return denominator == 0 ? 0 : (n * correct - cross) / denominator;
    }

    private static int count(Evaluation evaluation, int actual, int predicted) {
        return evaluation.getConfusionMatrix().getCount(actual, predicted);
    }

    private static int actual(Evaluation evaluation, int label) {
        return evaluation.getConfusionMatrix().getActualTotal(label);
    }

    private static int predicted(Evaluation evaluation, int label) {
        return evaluation.getConfusionMatrix().getPredictedTotal(label);
    }

    /**
     * The scores of always predicting the most frequent class of the same labels (the smallest class on ties), with the class
     * frequencies as probabilities: its loss is the entropy of the labels.
     *
     * @param labels class of every example, each in 0..classes-1
     * @param classes number of classes, at least 2
     * @return the baseline's scores
     * @throws IllegalArgumentException if there is no label or one is out of range
     */
    public static ClassificationMetrics majorityBaseline(int[] labels, int classes) {
        int[] counts = new int[classes];
        for (int label : labels) {
            if (label < 0 || label >= classes) {
                throw new IllegalArgumentException("label " + label + " is not in 0.." + (classes - 1));
            }
            counts[label]++;
        }
        int majority = 0;
        double entropy = 0;
        for (int c = 0; c < classes; c++) {
            majority = counts[c] > counts[majority] ? c : majority;
            if (counts[c] > 0) {
                double p = counts[c] / (double) labels.length;
                entropy -= p * Math.log(p);
            }
        }
        Evaluation evaluation = new Evaluation(classes);
        for (int label : labels) {
            evaluation.eval(majority, label);
        }
        return of(evaluation, classes, entropy);
    }
}

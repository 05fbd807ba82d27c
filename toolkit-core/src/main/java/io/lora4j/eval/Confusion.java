package io.lora4j.eval;

/**
 * Scores of a classifier from its confusion matrix: the one place of these formulas, for whole evaluations and for the thousands of resamples
 * of a significance test. Matrices are row-major, {@code counts[actual * classes + predicted]}, and only read; no score is NaN.
 */
public final class Confusion {
    private Confusion() {}

    /**
     * Fraction of correct predictions.
     *
     * @param counts [classes * classes], at least one example
     * @param classes number of classes
     * @return trace / sum
     */
    public static double accuracy(int[] counts, int classes) {
        double correct = 0;
        for (int c = 0; c < classes; c++) {
            correct += counts[c * classes + c];
        }
        return correct / total(counts);
    }

    /**
     * F1 as {@link ClassificationMetrics} defines it: of class 1 for two classes, else the unweighted mean over the classes that occur in
     * labels or predictions; F1 = 2 tp / (2 tp + fp + fn), 0 for 0/0 (scikit-learn's {@code f1_score} with zero_division 0).
     *
     * @param counts [classes * classes], at least one example
     * @param classes number of classes, at least 2
     * @return 0 to 1
     */
    public static double f1(int[] counts, int classes) {
        if (classes == 2) {
            return f1(counts, classes, 1);
        }
        double sum = 0;
        int present = 0;
        for (int c = 0; c < classes; c++) {
            if (actual(counts, classes, c) + predicted(counts, classes, c) > 0) {
                sum += f1(counts, classes, c);
                present++;
            }
        }
        return sum / present;
    }

    private static double f1(int[] counts, int classes, int label) {
        double correct = 2.0 * counts[label * classes + label];
        double all = actual(counts, classes, label) + predicted(counts, classes, label);
        return all == 0 ? 0 : correct / all;
    }

    /**
     * R_K = (n c - sum_k p_k t_k) / sqrt((n^2 - sum p_k^2)(n^2 - sum t_k^2)) with c correct of n, p_k predicted and t_k actual counts
     * (Gorodkin, 2004); for two classes the Matthews correlation. 0 where it is undefined, because labels or predictions have one class only
     * (scikit-learn's {@code matthews_corrcoef}).
     *
     * @param counts [classes * classes], at least one example
     * @param classes number of classes, at least 2
     * @return -1 to 1
     */
    public static double matthews(int[] counts, int classes) {
        double n = total(counts);
        double correct = 0;
        double cross = 0;
        double predictedSquares = 0;
        double actualSquares = 0;
        for (int c = 0; c < classes; c++) {
            double predicted = predicted(counts, classes, c);
            double actual = actual(counts, classes, c);
            correct += counts[c * classes + c];
            cross += predicted * actual;
            predictedSquares += predicted * predicted;
            actualSquares += actual * actual;
        }
        double denominator = Math.sqrt(n * n - predictedSquares) * Math.sqrt(n * n - actualSquares);
        return denominator == 0 ? 0 : (n * correct - cross) / denominator;
    }

    private static double total(int[] counts) {
        double sum = 0;
        for (int count : counts) {
            sum += count;
        }
        return sum;
    }

    private static double actual(int[] counts, int classes, int label) {
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += counts[label * classes + c];
        }
        return sum;
    }

    private static double predicted(int[] counts, int classes, int label) {
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += counts[c * classes + label];
        }
        return sum;
    }
}

package io.lora4j.eval;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
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
public record ClassificationMetrics(int examples, double accuracy, double f1, double matthews, double loss)
        implements TaskMetrics {
    @Override
    public Map<String, Double> figures() {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("accuracy", accuracy);
        figures.put("f1", f1);
        figures.put("matthews", matthews);
        return Collections.unmodifiableMap(figures);
    }

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
        int[] counts = new int[classes * classes];
        for (int actual = 0; actual < classes; actual++) {
            for (int predicted = 0; predicted < classes; predicted++) {
                counts[actual * classes + predicted] =
                        evaluation.getConfusionMatrix().getCount(actual, predicted);
            }
        }
        return new ClassificationMetrics(
                evaluation.getNumRowCounter(),
                Confusion.accuracy(counts, classes),
                Confusion.f1(counts, classes),
                Confusion.matthews(counts, classes),
                loss);
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

package io.lora4j.eval;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/**
 * Scores of predicted numbers on a data set; none is NaN.
 *
 * @param examples number of examples, at least 2
 * @param pearson Pearson's correlation of targets and predictions, sum (t - mean t)(p - mean p) / sqrt(sum (t - mean t)^2 sum (p - mean
 *     p)^2), from -1 to 1; 0 where it is undefined because targets or predictions are all equal (SciPy gives NaN)
 * @param spearman Spearman's rank correlation: Pearson's of the ranks, where equal values share the mean of their ranks; 0 where undefined
 * @param loss mean squared error: the mean of (p - t)^2, in squared units of the target
 */
public record RegressionMetrics(int examples, double pearson, double spearman, double loss) implements TaskMetrics {
    @Override
    public Map<String, Double> figures() {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("pearson", pearson);
        figures.put("spearman", spearman);
        return Collections.unmodifiableMap(figures);
    }

    /**
     * Scores predictions. The correlations are Commons Math's.
     *
     * @param targets the true numbers, two or more; only read
     * @param predictions the predicted numbers, in the same order; only read
     * @return the scores
     * @throws IllegalArgumentException if the lengths differ or are below 2, or a number is NaN or infinite
     */
    public static RegressionMetrics of(double[] targets, double[] predictions) {
        if (targets.length != predictions.length || targets.length < 2) {
            throw new IllegalArgumentException("a correlation needs two or more targets and as many predictions, got "
                    + targets.length + " and " + predictions.length);
        }
        double squares = 0;
        for (int i = 0; i < targets.length; i++) {
            if (!Double.isFinite(targets[i]) || !Double.isFinite(predictions[i])) {
                throw new IllegalArgumentException(
                        "example " + i + " has the target " + targets[i] + " and the prediction " + predictions[i]);
            }
            squares += (predictions[i] - targets[i]) * (predictions[i] - targets[i]);
        }
        return new RegressionMetrics(
                targets.length,
                defined(new PearsonsCorrelation().correlation(targets, predictions)),
                defined(new SpearmansCorrelation().correlation(targets, predictions)),
                squares / targets.length);
    }

    /**
     * The scores of predicting the mean of the same targets for every example: both correlations are 0 by the convention above, the loss is
     * the targets' variance (divided by n).
     *
     * @param targets the true numbers, two or more; only read
     * @return the scores of the baseline
     * @throws IllegalArgumentException if there are fewer than two, or one is NaN or infinite
     */
    public static RegressionMetrics meanBaseline(double[] targets) {
        double[] predictions = new double[targets.length];
        Arrays.fill(predictions, Arrays.stream(targets).average().orElse(0));
        return of(targets, predictions);
    }

    /** Without spread there is 0/0, and a model that always says the same has learnt nothing. */
    private static double defined(double correlation) {
        return Double.isNaN(correlation) ? 0 : correlation;
    }
}

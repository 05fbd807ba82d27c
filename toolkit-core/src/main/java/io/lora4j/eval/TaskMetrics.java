package io.lora4j.eval;

import java.util.Map;

/** Scores of a model on a data set, of either kind of task; none is NaN. */
public sealed interface TaskMetrics permits ClassificationMetrics, RegressionMetrics {
    /**
     * How many examples were scored.
     *
     * @return 1 or more
     */
    int examples();

    /**
     * The mean of what training minimises, over the examples: cross-entropy in nats, or squared error in squared units of the target.
     *
     * @return a number, 0 or more
     */
    double loss();

    /**
     * The scores by the names that result files give them: {@code accuracy}, {@code f1} and {@code matthews}, or {@code pearson} and {@code
     * spearman}. Larger is better; the loss is not among them.
     *
     * @return fractions, in the order of declaration; unmodifiable
     */
    Map<String, Double> figures();
}

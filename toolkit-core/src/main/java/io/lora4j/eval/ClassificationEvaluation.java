package io.lora4j.eval;

import java.util.Arrays;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Counts predictions batch by batch; the prediction is the most probable class. Not thread-safe. */
public final class ClassificationEvaluation {
    /** Probabilities below this count as this in the loss, as in DL4J's {@code LossMCXENT}. */
    private static final double LEAST_PROBABILITY = 1e-10;

    private final int classes;
    private final Evaluation evaluation;
    private double lossSum;

    /**
     * @param classes number of classes, at least 2
     */
    public ClassificationEvaluation(int classes) {
        if (classes < 2) {
            throw new IllegalArgumentException("a classifier has at least 2 classes: " + classes);
        }
        this.classes = classes;
        this.evaluation = new Evaluation(classes);
    }

    /**
     * Counts one batch.
     *
     * @param labels one-hot, [n, classes]; only read
     * @param probabilities the classifier's output after softmax, [n, classes]; only read
     * @throws IllegalArgumentException if the shapes are not these, or a probability is NaN
     */
    public void add(INDArray labels, INDArray probabilities) {
        if (labels.rank() != 2 || labels.size(1) != classes || !labels.equalShapes(probabilities)) {
            throw new IllegalArgumentException("labels " + Arrays.toString(labels.shape()) + " and probabilities "
                    + Arrays.toString(probabilities.shape()) + " must both be [n, " + classes + "]");
        }
        INDArray floored = Transforms.max(probabilities.castTo(DataType.DOUBLE), LEAST_PROBABILITY, true);
        double loss = -Transforms.log(floored, false)
                .mul(labels.castTo(DataType.DOUBLE))
                .sumNumber()
                .doubleValue();
        if (Double.isNaN(loss) || Double.isNaN(probabilities.sumNumber().doubleValue())) {
            throw new IllegalArgumentException("a predicted probability is NaN");
        }
        lossSum += loss;
        evaluation.eval(labels, probabilities);
    }

    /**
     * ND4J's counts so far, for its confusion matrix and statistics.
     *
     * @return the live object; only to be read
     */
    public Evaluation counts() {
        return evaluation;
    }

    /**
     * The scores so far.
     *
     * @return a snapshot
     * @throws IllegalArgumentException if nothing was counted
     */
    public ClassificationMetrics metrics() {
        return ClassificationMetrics.of(evaluation, classes, lossSum / Math.max(evaluation.getNumRowCounter(), 1));
    }
}

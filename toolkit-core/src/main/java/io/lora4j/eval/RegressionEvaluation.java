package io.lora4j.eval;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Collects predicted numbers batch by batch: rank correlations need all of them at once. Not thread-safe. */
public final class RegressionEvaluation {
    private final DoubleStream.Builder targets = DoubleStream.builder();
    private final DoubleStream.Builder predictions = DoubleStream.builder();

    /**
     * Collects one batch.
     *
     * @param batchTargets the true numbers, [n, 1]; only read
     * @param batchPredictions the model's output, [n, 1]; only read
     * @throws IllegalArgumentException if the shapes are not these
     */
    public void add(INDArray batchTargets, INDArray batchPredictions) {
        if (batchTargets.rank() != 2 || batchTargets.size(1) != 1 || !batchTargets.equalShapes(batchPredictions)) {
            throw new IllegalArgumentException("targets " + Arrays.toString(batchTargets.shape()) + " and predictions "
                    + Arrays.toString(batchPredictions.shape()) + " must both be [n, 1]");
        }
        collect(batchTargets, targets);
        collect(batchPredictions, predictions);
    }

    private static void collect(INDArray from, DoubleStream.Builder to) {
        for (double value : from.castTo(DataType.DOUBLE).dup('c').data().asDouble()) {
            to.add(value);
        }
    }

    /**
     * The scores of everything collected; call it once, at the end.
     *
     * @return the scores
     * @throws IllegalArgumentException if there were fewer than two examples, or a number is NaN or infinite
     */
    public RegressionMetrics metrics() {
        return RegressionMetrics.of(
                targets.build().toArray(), predictions.build().toArray());
    }
}

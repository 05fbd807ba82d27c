package io.lora4j.models.peft;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** How far the outputs of two classifiers are apart: the check that what was written is what was trained. Pure functions. */
public final class LogitDifference {
    private LogitDifference() {}

    /**
     * The largest difference of the logarithms of probabilities above 1e-30: that of the logits, up to what softmax does not see. Of a
     * regression, the largest difference of the numbers themselves.
     *
     * @param one softmax outputs, [B, labels], or a regression's, [B, 1]
     * @param other the same
     * @return at least 0; NaN if an output is NaN
     */
    public static double of(INDArray one, INDArray other) {
        if (one.size(1) == 1) {
            return one.sub(other).amaxNumber().doubleValue();
        }
        return logarithms(one).sub(logarithms(other)).amaxNumber().doubleValue();
    }

    private static INDArray logarithms(INDArray probabilities) {
        return Transforms.log(Transforms.max(probabilities, 1e-30, true), false);
    }
}

package io.lora4j.optim;

import io.lora4j.kernel.OptimizerKernels;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * AdamW's weight decay: DL4J's {@code WeightDecay(coefficient, true)}, which adds lr * coefficient * w to the update after the
 * updater has run, without its part of the score. DL4J adds coefficient * |w|^2 / 2 to a network's score; AdamW does not minimise that
 * sum (Loshchilov and Hutter, arXiv 1711.05101, section 2), and with it a loss could not be compared across coefficients or with
 * torch's.
 */
public final class DecoupledWeightDecay extends WeightDecay {
    private static final long serialVersionUID = 1L;

    /**
     * @param coefficient the decay, at least 0, multiplied by the current learning rate
     */
    public DecoupledWeightDecay(double coefficient) {
        super(new FixedSchedule(coefficient), true);
    }

    @JsonCreator
    private DecoupledWeightDecay(@JsonProperty("coeff") ISchedule coeff, @JsonProperty("applyLR") boolean applyLR) {
        super(coeff, applyLR);
    }

    /**
     * The decay at a step, before it is multiplied by the learning rate.
     *
     * @param step optimiser step, counted from 0
     * @param epoch counted from 0
     * @return at least 0
     */
    public double coefficient(int step, int epoch) {
        return coeff.valueAt(step, epoch);
    }

    /** In one pass over the memory: an operation of ND4J per array costs more than the arithmetic, and adapters are many small arrays. */
    @Override
    public void apply(INDArray param, INDArray gradView, double lr, int iteration, int epoch) {
        double coefficient = coeff.valueAt(iteration, epoch);
        OptimizerKernels.get().decay(gradView, param, applyLR ? lr * coefficient : coefficient);
    }

    @Override
    public double score(INDArray param, int iteration, int epoch) {
        return 0;
    }

    @Override
    public DecoupledWeightDecay clone() {
        return new DecoupledWeightDecay(coeff.clone(), applyLR);
    }
}

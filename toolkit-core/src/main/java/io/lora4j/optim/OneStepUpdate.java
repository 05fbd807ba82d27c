package io.lora4j.optim;

import io.lora4j.linalg.Accuracy;
import io.lora4j.linalg.Svd;
import io.lora4j.linalg.TruncatedSvd;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One step of gradient descent on a frozen weight, and nothing after it: W - eta G, or W - eta P_r(G) with the best rank-r
 * approximation P_r (Zhang et al., LoRA-One, arXiv 2502.01235v3, section 6.1 and table 2; repository YuanheZ/LoRA-One,
 * {@code search_eta}).
 *
 * <p>The direction is computed once and serves every step size. Immutable; owns its array.
 */
public final class OneStepUpdate {
    /** The step sizes that the authors' code tries, in its order. */
    public static final List<Double> PUBLISHED_GRID =
            List.of(10.0, 5.0, 1.0, 0.5, 0.1, 0.05, 0.01, 5e-3, 1e-3, 5e-4, 1e-4);

    private final INDArray direction;

    private OneStepUpdate(INDArray direction) {
        this.direction = direction;
    }

    /**
     * A step along the whole gradient.
     *
     * @param gradient G = dL/dW, any shape; copied
     * @return the update W - eta G
     */
    public static OneStepUpdate full(INDArray gradient) {
        return new OneStepUpdate(gradient.dup());
    }

    /**
     * A step along the gradient's best rank-r approximation.
     *
     * @param gradient G = dL/dW, [in, out], finite; only read
     * @param rank r, 1 to min(in, out)
     * @return the update W - eta P_r(G), computed in float64 and rounded to the gradient's type
     * @throws IllegalArgumentException if the rank is out of range or the gradient is not finite
     */
    public static OneStepUpdate ofRank(INDArray gradient, int rank) {
        Svd svd = TruncatedSvd.of(gradient, rank, Accuracy.PRECISE);
        DataType type = gradient.dataType();
        INDArray best = svd.u().mulRowVector(Nd4j.createFromArray(svd.s()));
        return new OneStepUpdate(best.mmul(svd.v().transpose()).castTo(type));
    }

    /**
     * What is to be added to W.
     *
     * @param eta step size, in units of weight per unit of gradient
     * @return a new array of the gradient's shape: -eta G or -eta P_r(G)
     */
    public INDArray shift(double eta) {
        return direction.mul(-eta);
    }

    /**
     * The step size and the loss there.
     *
     * @param eta the step size
     * @param loss the loss after that step
     */
    public record Choice(double eta, double loss) {}

    /**
     * Tries step sizes and keeps the one with the smallest loss, the first of equals; a loss that is NaN never wins.
     *
     * @param grid the step sizes, in the order in which they are tried
     * @param lossAt the loss after a step of the given size
     * @return the best of them
     * @throws ArithmeticException if no loss is a number
     */
    public static Choice search(List<Double> grid, DoubleUnaryOperator lossAt) {
        Choice best = null;
        for (double eta : grid) {
            double loss = lossAt.applyAsDouble(eta);
            if (!Double.isNaN(loss) && (best == null || loss < best.loss())) {
                best = new Choice(eta, loss);
            }
        }
        if (best == null) {
            throw new ArithmeticException("the loss is NaN at every step size of " + grid);
        }
        return best;
    }
}

package io.lora4j.init;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One layer as an initialiser sees it.
 *
 * @param layer the layer's name, for messages and the report
 * @param weight the frozen weight W, [in, out]; read only
 * @param gradient the gradient dL/dW with its plus sign, [in, out], float32 or float64, mean over the examples; null if the
 *     initialiser does not ask for one; read only, and its memory is freed when the initialiser has returned
 * @param inputs moments of the rows that go through W; null if the initialiser does not ask for them; read only
 * @param rank the adapter's rank r, 1 to min(in, out)
 * @param scaling the factor s of y = x (W + s A B)
 * @param random the layer's own random stream; drawn from only by initialisers that are random
 */
public record InitContext(
        String layer,
        INDArray weight,
        @Nullable INDArray gradient,
        @Nullable InputMoments inputs,
        int rank,
        double scaling,
        RandomGenerator random) {
    /**
     * A layer without moments of its inputs.
     *
     * @param layer the layer's name
     * @param weight the frozen weight W, [in, out]
     * @param gradient dL/dW, [in, out], or null
     * @param rank the adapter's rank r
     * @param scaling the factor s
     * @param random the layer's own random stream
     */
    public InitContext(
            String layer,
            INDArray weight,
            @Nullable INDArray gradient,
            int rank,
            double scaling,
            RandomGenerator random) {
        this(layer, weight, gradient, null, rank, scaling, random);
    }
}

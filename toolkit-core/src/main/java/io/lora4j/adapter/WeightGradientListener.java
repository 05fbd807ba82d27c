package io.lora4j.adapter;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Hears what a frozen weight's gradient is made of, at the moment the backward pass goes through its layer.
 *
 * <p>dL/dW = x^T delta, summed over the rows of the minibatch. The layer itself never forms that product; without a listener
 * nothing is computed for it.
 */
@FunctionalInterface
public interface WeightGradientListener {
    /**
     * Called once in every backward pass, on the thread that runs it.
     *
     * @param layer the layer's name
     * @param input x, the rows that went through W, [N, in]; valid during the call only, must not be changed
     * @param delta dL/dz of z = x W + b, [N, out]; valid during the call only, must not be changed
     */
    void onBackward(String layer, INDArray input, INDArray delta);
}

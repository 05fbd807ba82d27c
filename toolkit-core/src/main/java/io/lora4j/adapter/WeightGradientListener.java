package io.lora4j.adapter;

/**
 * Hears what a frozen weight's gradient is made of, at the moment the backward pass goes through its layer.
 *
 * <p>The layer itself never forms dL/dW; without a listener nothing is computed for it.
 */
@FunctionalInterface
public interface WeightGradientListener {
    /**
     * Called once in every backward pass, on the thread that runs it.
     *
     * @param pass what went through the weight, valid during the call only
     */
    void onBackward(WeightBackward pass);
}

package io.lora4j.adapter;

/**
 * A layer or vertex whose pre-trained arrays live outside DL4J's parameter table.
 *
 * <p>DL4J's {@code clone()} and {@code ModelSerializer} do not know of such arrays: a copy is unbound, says so when it is used, and
 * is bound again by {@link FrozenWeights}.
 */
public interface FrozenWeightsHolder {
    /**
     * Takes this holder's arrays out of {@code weights}; they are shared, never copied and never written.
     *
     * @param weights all frozen arrays of the network
     * @throws IllegalArgumentException if an array is missing or has the wrong shape or data type
     */
    void bindFrozen(FrozenWeights weights);
}

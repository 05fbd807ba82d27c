package io.lora4j.init;

/**
 * Chooses the factors A and B of one layer before training.
 *
 * <p>Implementations are immutable and thread-safe; the same context gives the same result to the last bit.
 */
public interface AdapterInitializer {
    /**
     * The name of the method as recipes and reports print it.
     *
     * @return a short lower-case name, e.g. {@code lora-one}
     */
    String name();

    /**
     * Whether {@link InitContext#gradient()} must be given.
     *
     * @return true if the full-batch gradient of the frozen weight has to be estimated first
     */
    boolean needsGradient();

    /**
     * Whether {@link InitContext#inputs()} must be given.
     *
     * @return true if moments of the layers' inputs have to be collected first ({@link InputMomentsEstimator})
     */
    default boolean needsInputs() {
        return false;
    }

    /**
     * The largest rank for which the method is defined on a layer.
     *
     * @param in rows of W
     * @param out columns of W
     * @return min(in, out) unless the method needs more singular pairs than its rank
     */
    default long maxRank(long in, long out) {
        return Math.min(in, out);
    }

    /**
     * Computes the initial factors of one layer.
     *
     * @param context the layer; its arrays are only read
     * @return new arrays, owned by the caller, in the data type of the frozen weight
     * @throws IllegalArgumentException if a gradient or the inputs' moments are needed and missing, or shapes do not fit
     */
    InitialAdapter initialize(InitContext context);
}

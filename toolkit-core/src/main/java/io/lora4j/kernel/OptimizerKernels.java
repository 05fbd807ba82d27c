package io.lora4j.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An optimiser's step over the flat arrays of one block of parameters.
 *
 * <p>All arrays of one call have one data type, float32 or float64, and one shape. No state: may be called from several threads. The same
 * operands give the same result to the last bit on the same machine.
 */
public interface OptimizerKernels {
    /**
     * The implementation for the backend that is loaded, chosen as {@link EncoderKernels#get()} is.
     *
     * @return a shared, thread-safe object
     * @throws io.lora4j.error.UserException if {@code LORA4J_KERNELS} has an unknown value, or asks for what is not there
     */
    static OptimizerKernels get() {
        return KernelChoice.OPTIMIZER;
    }

    /**
     * Adam's step (Kingma and Ba, arXiv 1412.6980, algorithm 1, in the form at the end of section 2): m := beta1 m + (1 - beta1) g, v := beta2
     * v + (1 - beta2) g^2, g := a m / (sqrt(v) + epsilon) with a = rate sqrt(1 - beta2^t) / (1 - beta1^t). In float32 the betas are rounded to
     * float32 first.
     *
     * @param gradient g; receives the update, which is to be taken from the parameters
     * @param m moving average of g; is changed
     * @param v moving average of g^2; is changed
     * @param step the numbers of this step
     */
    void adam(INDArray gradient, INDArray m, INDArray v, AdamStep step);

    /**
     * Decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2): update := update + factor w.
     *
     * @param update what is to be taken from the parameters; is changed
     * @param parameters w; only read
     * @param factor learning rate times coefficient
     */
    void decay(INDArray update, INDArray parameters, double factor);

    /**
     * The numbers of one step of Adam.
     *
     * @param rate learning rate, at least 0; 0 gives an update of exactly 0 and moves the averages
     * @param beta1 decay of m, in [0, 1)
     * @param beta2 decay of v, in [0, 1)
     * @param epsilon what is added to the uncorrected sqrt(v), greater than 0
     * @param iteration steps that were taken before: t - 1
     */
    record AdamStep(double rate, double beta1, double beta2, double epsilon, int iteration) {}
}

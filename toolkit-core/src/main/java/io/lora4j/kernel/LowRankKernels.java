package io.lora4j.kernel;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The thin products of an adapter x (s A B), A [in, r], B [r, out], r small: each reads a batch of rows once for a few numbers per row, which
 * a general matrix product does badly (it packs the rows anew for eight columns of result).
 *
 * <p>All arrays of one call have one data type, float32 or float64; rows and results made of rows are fastest row-major without gaps, factors
 * and their gradients column-major ('f'), as DL4J lays parameters out. Operands are only read; results must not share memory with them. No
 * state: may be called from several threads. The same operands give the same result to the last bit on the same machine.
 */
public interface LowRankKernels {
    /**
     * The implementation for the backend that is loaded, chosen as {@link EncoderKernels#get()} is.
     *
     * @return a shared, thread-safe object
     * @throws io.lora4j.error.UserException if {@code LORA4J_KERNELS} has an unknown value, or asks for what is not there
     */
    static LowRankKernels get() {
        return KernelChoice.LOW_RANK;
    }

    /**
     * t := x A.
     *
     * @param x rows [N, in]
     * @param a A, [in, r]
     * @param t result, [N, r]
     */
    void project(INDArray x, INDArray a, INDArray t);

    /**
     * z := z + s t B + bias.
     *
     * @param t rows [N, r]
     * @param b B, [r, out]
     * @param scale s
     * @param bias [out], or null for none
     * @param z [N, out]; is added to
     */
    void expand(INDArray t, INDArray b, double scale, @Nullable INDArray bias, INDArray z);

    /**
     * z := z + bias for every row.
     *
     * @param bias [out]
     * @param z [N, out]; is added to
     */
    void addBias(INDArray bias, INDArray z);

    /**
     * The backward pass through B: dB := s t^T delta, u := s delta B^T.
     *
     * @param t x A, [N, r]
     * @param delta gradient of the product, [N, out]
     * @param b B, [r, out]
     * @param scale s
     * @param dB result, [r, out]
     * @param u result, the gradient of t, [N, r]
     */
    void backwardB(INDArray t, INDArray delta, INDArray b, double scale, INDArray dB, INDArray u);

    /**
     * The backward pass through A: dA := x^T u, dx := dx + u A^T.
     *
     * @param x rows [N, in]
     * @param u gradient of x A, [N, r]
     * @param a A, [in, r]
     * @param dA result, [in, r]
     * @param dx [N, in], is added to; or null if it is not wanted
     */
    void backwardA(INDArray x, INDArray u, INDArray a, INDArray dA, @Nullable INDArray dx);
}

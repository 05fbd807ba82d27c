package io.lora4j.adapter;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What one backward pass through a frozen weight is made of: the rows x that went through W and delta = dL/dz of z = x W + b.
 *
 * <p>dL/dW = x^T delta, summed over the rows of the minibatch; for a convolution the rows are the patches that its kernel saw. Valid
 * during the listener's call only; the arrays must not be changed.
 */
public interface WeightBackward {
    /**
     * The layer.
     *
     * @return its name
     */
    String layer();

    /**
     * The rows that went through W.
     *
     * @return x, [N, in]
     * @throws UnsupportedOperationException if the layer looks rows of W up (an embedding) and so has no such matrix
     */
    INDArray input();

    /**
     * The gradient behind the product.
     *
     * @return delta, [N, out]
     */
    INDArray delta();

    /**
     * Adds this pass's dL/dW to an accumulator.
     *
     * @param sum [in, out], 'f' order, of any floating point type; is added to
     */
    void addTo(INDArray sum);

    /**
     * A pass of dense rows.
     *
     * @param layer the layer's name
     * @param input x, [N, in]
     * @param delta [N, out]
     */
    record Rows(String layer, INDArray input, INDArray delta) implements WeightBackward {
        @Override
        public void addTo(INDArray sum) {
            if (input.dataType() == sum.dataType()) {
                Nd4j.gemm(input, delta, sum, true, false, 1.0, 1.0);
            } else {
                INDArray part = Nd4j.createUninitialized(input.dataType(), sum.shape(), 'f');
                sum.addi(Nd4j.gemm(input, delta, part, true, false, 1.0, 0.0).castTo(sum.dataType()));
            }
        }
    }
}

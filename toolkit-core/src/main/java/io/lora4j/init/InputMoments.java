package io.lora4j.init;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * First and second moments of the rows x that go through a frozen weight: all that a principal component analysis of a layer's inputs
 * needs, in memory that does not grow with their number.
 *
 * @param sum the sum of x over the rows, [in], float64
 * @param squares the sum of x^T x over the rows, X^T X, [in, in], float64
 * @param rows number of rows, at least 1
 */
public record InputMoments(INDArray sum, INDArray squares, long rows) {
    /** Checks that the arrays belong together. */
    public InputMoments {
        long in = sum.length();
        if (squares.rank() != 2 || squares.size(0) != in || squares.size(1) != in) {
            throw new IllegalArgumentException("moments of " + in + " inputs need a matrix [" + in + ", " + in
                    + "], not " + Arrays.toString(squares.shape()));
        }
        if (rows < 1) {
            throw new IllegalArgumentException("no row was seen: " + rows);
        }
    }

    /**
     * The covariance of the inputs about their mean: X^T X / n - mu^T mu.
     *
     * @return a new array, [in, in], symmetric, float64
     */
    public INDArray covariance() {
        INDArray mean = sum.div(rows).reshape(1, sum.length());
        return squares.div(rows).subi(mean.transpose().mmul(mean));
    }
}

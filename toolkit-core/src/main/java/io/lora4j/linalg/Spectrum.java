package io.lora4j.linalg;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Singular values of a matrix without their vectors, and what they say of its rank. Owns its array; treat it as read-only.
 *
 * @param values singular values, descending, never negative, in the units of the matrix
 */
@SuppressWarnings("ArrayRecordComponent") // a value carrier that is never compared
public record Spectrum(double[] values) {
    /**
     * All singular values, from the eigenvalues of the smaller Gram matrix in float64. Squaring costs half of the digits: what is below
     * sqrt(n eps) times the largest one (3e-7 for n = 384, n the smaller side), about the rounding of a float32 matrix, is not known and given
     * as 0.
     *
     * @param matrix [m, n], of any floating-point type, finite; only read
     * @return min(m, n) values
     * @throws IllegalArgumentException if it is not of rank 2, or not finite
     */
    public static Spectrum of(INDArray matrix) {
        if (matrix.rank() != 2) {
            throw new IllegalArgumentException("not a matrix: shape " + Arrays.toString(matrix.shape()));
        }
        if (!TruncatedSvd.isFinite(matrix)) {
            throw new IllegalArgumentException(
                    "the matrix of shape " + Arrays.toString(matrix.shape()) + " holds NaN or infinity");
        }
        INDArray tall = (matrix.rows() < matrix.columns() ? matrix.transpose() : matrix)
                .castTo(DataType.DOUBLE)
                .dup('f');
        int n = tall.columns();
        int exponent = Math.getExponent(tall.amaxNumber().doubleValue());
        // A power of two: exact, and squares neither overflow nor vanish.
        tall.muli(Math.scalb(1.0, -exponent));
        INDArray vectors = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {n, n}, 'f');
        double[] lambda = ColumnRotation.gramEigen(tall, vectors);
        double floor = n * Math.ulp(1.0) * Math.max(lambda[n - 1], 0);
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            double square = lambda[n - 1 - i];
            values[i] = square > floor ? Math.scalb(Math.sqrt(square), exponent) : 0;
        }
        return new Spectrum(values);
    }

    /**
     * The effective rank exp(-sum p_i ln p_i) with p_i = s_i / sum s (Roy and Vetterli, "The effective rank", EUSIPCO 2007, definition 1).
     *
     * @return between 1 and the number of values; 0 if all are zero
     */
    public double effectiveRank() {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        if (sum == 0) {
            return 0;
        }
        double entropy = 0;
        for (double value : values) {
            double p = value / sum;
            if (p > 0) {
                entropy -= p * Math.log(p);
            }
        }
        return Math.exp(entropy);
    }

    /**
     * The stable rank sum s_i^2 / s_1^2, the squared ratio of the Frobenius norm to the spectral norm (Rudelson and Vershynin, "Sampling from
     * large matrices", JACM 2007).
     *
     * @return between 1 and the number of values; 0 if all are zero
     */
    public double stableRank() {
        double sum = 0;
        for (double value : values) {
            // Ratios first: squares of small gradients would vanish.
            double ratio = values[0] == 0 ? 0 : value / values[0];
            sum += ratio * ratio;
        }
        return sum;
    }
}

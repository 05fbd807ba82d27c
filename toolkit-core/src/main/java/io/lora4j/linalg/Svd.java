package io.lora4j.linalg;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The k leading singular triplets of a matrix M [m, n]: M is near u diag(s) v^T.
 *
 * <p>Columns of u and of v are orthonormal, also where a singular value is zero. The entry of largest absolute value of every
 * column of u (the first one on ties) is positive; v's columns carry the remaining sign. The object owns its arrays; treat them
 * as read-only.
 *
 * @param u left singular vectors, [m, k], float64
 * @param s singular values, k of them, descending, never negative, in the units of M
 * @param v right singular vectors, [n, k], float64
 */
@SuppressWarnings("ArrayRecordComponent") // a value carrier that is never compared
public record Svd(INDArray u, double[] s, INDArray v) {
    /**
     * How many singular values are not negligible beside the first one.
     *
     * @param relative the limit, for example 1e-6
     * @return the number of i with s[i] greater than 0 and at least {@code relative * s[0]}
     */
    public int countAbove(double relative) {
        int count = 0;
        for (double value : s) {
            if (value > 0 && value >= relative * s[0]) {
                count++;
            }
        }
        return count;
    }

    /**
     * The effective rank exp(-sum p_i ln p_i) with p_i = s_i / sum s, over the computed singular values (Roy and Vetterli, "The
     * effective rank", EUSIPCO 2007, definition 1).
     *
     * @return between 1 and k; 0 if all singular values are zero
     */
    public double effectiveRank() {
        return new Spectrum(s).effectiveRank();
    }
}

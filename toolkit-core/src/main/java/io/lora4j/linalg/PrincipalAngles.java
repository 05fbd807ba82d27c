package io.lora4j.linalg;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Principal (canonical) angles between the spans of the columns of two matrices.
 *
 * <p>Bj&ouml;rck and Golub, "Numerical methods for computing angles between linear subspaces" (Mathematics of Computation 27, 1973): with
 * orthonormal bases P and Q, cosines are the singular values of P^T Q, and sines those of Q - P P^T Q; small angles are taken from the sines,
 * large ones from the cosines, so that all are exact to about 1e-15. Deterministic; thread-safe.
 */
public final class PrincipalAngles {
    /** Directions of columns below this part of the longest one are rounding: adapters are float32. */
    private static final double NEGLIGIBLE = 1e-6;

    private PrincipalAngles() {}

    /**
     * An orthonormal basis of the span of a matrix's columns, directions with a singular value below 1e-6 of the largest left out.
     *
     * @param matrix [m, k], of any floating-point type, finite; only read
     * @return a new array, [m, rank], float64; null if the matrix is zero
     */
    public static @Nullable INDArray basis(INDArray matrix) {
        Svd svd = TruncatedSvd.of(matrix, Math.min(matrix.rows(), matrix.columns()));
        int rank = svd.countAbove(NEGLIGIBLE);
        return rank == 0
                ? null
                : svd.u()
                        .get(NDArrayIndex.all(), NDArrayIndex.interval(0, rank))
                        .dup('f');
    }

    /**
     * The angles between two subspaces.
     *
     * @param p an orthonormal basis of the first, [m, k], float64; only read
     * @param q an orthonormal basis of the second, [m, l], float64; only read
     * @return min(k, l) angles in radians, ascending, from 0 to pi / 2
     * @throws IllegalArgumentException if they are not of one space
     */
    public static double[] between(INDArray p, INDArray q) {
        if (p.rows() != q.rows()) {
            throw new IllegalArgumentException("subspaces of spaces of dimension " + p.rows() + " and " + q.rows());
        }
        if (p.columns() < q.columns()) {
            return between(q, p);
        }
        int count = q.columns();
        INDArray overlap = product(p.transpose(), q);
        INDArray rest = q.sub(product(p, overlap));
        double[] cosines = TruncatedSvd.of(overlap, count).s();
        double[] sines = TruncatedSvd.of(rest, count).s();
        double[] angles = new double[count];
        for (int i = 0; i < count; i++) {
            double cosine = Math.min(cosines[i], 1);
            double sine = Math.min(sines[count - 1 - i], 1);
            angles[i] = cosine * cosine > 0.5 ? Math.asin(sine) : Math.acos(cosine);
        }
        // Where cosine and sine hand over, rounding may exchange neighbours.
        Arrays.sort(angles);
        return angles;
    }

    private static INDArray product(INDArray a, INDArray b) {
        INDArray result = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {a.rows(), b.columns()}, 'f');
        return a.mmuli(b, result);
    }
}

package io.lora4j.linalg;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The eigendecomposition V diag(lambda) V^T of a small symmetric positive semi-definite matrix, in float64, and what follows from
 * it: damped inverses and Sylvester equations. Made for the r x r Gram matrices of an adapter's factors.
 *
 * <p>By LAPACK {@code syev} through ND4J. Eigenvalues that rounding made negative count as zero. Immutable; owns its arrays.
 */
public final class SymmetricEigen {
    private final double[] values;
    private final INDArray vectors;

    private SymmetricEigen(double[] values, INDArray vectors) {
        this.values = values;
        this.vectors = vectors;
    }

    /**
     * Decomposes a matrix.
     *
     * @param matrix symmetric and positive semi-definite, [n, n], of any floating-point type; only read (its upper triangle)
     * @return the decomposition
     * @throws ArithmeticException if the matrix holds NaN or infinity, or LAPACK fails
     */
    public static SymmetricEigen of(INDArray matrix) {
        if (matrix.rank() != 2 || matrix.size(0) != matrix.size(1)) {
            throw new IllegalArgumentException("not a square matrix: shape " + Arrays.toString(matrix.shape()));
        }
        if (!TruncatedSvd.isFinite(matrix)) {
            throw new ArithmeticException("the matrix holds NaN or infinity");
        }
        INDArray vectors = matrix.castTo(DataType.DOUBLE).dup('f');
        INDArray values = Nd4j.create(DataType.DOUBLE, vectors.rows());
        int status = Nd4j.getBlasWrapper().lapack().syev('V', 'U', vectors, values);
        if (status != 0) {
            throw new ArithmeticException("LAPACK syev failed with status " + status);
        }
        double[] clamped = values.data().asDouble();
        Arrays.setAll(clamped, i -> Math.max(clamped[i], 0));
        return new SymmetricEigen(clamped, vectors);
    }

    /**
     * The eigenvalues.
     *
     * @return a new array, ascending, none negative
     */
    public double[] values() {
        return values.clone();
    }

    /**
     * (M + damping I)^-1, and for directions in which M + damping I is zero to working precision 0 instead of 1/0: the
     * Moore-Penrose inverse.
     *
     * @param damping added to the diagonal, at least 0, in the units of M
     * @return a new symmetric array, [n, n], float64
     * @throws IllegalArgumentException if the damping is out of range
     */
    public INDArray inverse(double damping) {
        if (!(damping >= 0 && damping < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("damping must be at least 0: " + damping);
        }
        double zero = negligible(largest() + damping);
        double[] inverted = new double[values.length];
        for (int i = 0; i < inverted.length; i++) {
            double shifted = values[i] + damping;
            inverted[i] = shifted > zero ? 1 / shifted : 0;
        }
        return vectors.mulRowVector(Nd4j.createFromArray(inverted)).mmul(vectors.transpose());
    }

    /**
     * The X of M X + X N = C, with M this matrix: X = V [(V^T C U)_ij / (lambda_i + mu_j)] U^T, with N = U diag(mu) U^T (Bartels and
     * Stewart's equation for symmetric matrices). Where lambda_i + mu_j is zero to working precision X has no part: the solution
     * of least norm, if there is one.
     *
     * @param right the decomposition of N, [m, m]
     * @param c C, [n, m], of any floating-point type; only read
     * @return a new array, [n, m], float64
     */
    public INDArray solveSylvester(SymmetricEigen right, INDArray c) {
        INDArray x = vectors.transpose().mmul(c.castTo(DataType.DOUBLE)).mmul(right.vectors);
        double zero = negligible(largest() + right.largest());
        int m = right.values.length;
        double[] inverted = new double[values.length * m];
        for (int i = 0; i < values.length; i++) {
            for (int j = 0; j < m; j++) {
                double sum = values[i] + right.values[j];
                inverted[i * m + j] = sum > zero ? 1 / sum : 0;
            }
        }
        x = x.mul(Nd4j.createFromArray(inverted).reshape('c', values.length, m));
        return vectors.mmul(x).mmul(right.vectors.transpose());
    }

    private double largest() {
        return values[values.length - 1];
    }

    private double negligible(double scale) {
        return values.length * Math.ulp(1.0) * scale;
    }
}

package io.lora4j.linalg;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.longer.MatchCondition;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.conditions.Conditions;

/**
 * The leading singular triplets of a dense matrix: exactly in float64, or as accurately as asked for ({@link Accuracy}) in a fraction of the
 * time by subspace iteration in float32.
 *
 * <p>Exact method: the symmetric eigenproblem of the smaller Gram matrix X^T X (LAPACK {@code syev} through ND4J), which costs a
 * fraction of {@code gesvd}, repeated on what is left after the triplets found so far are projected away. A Gram matrix alone
 * loses every singular value below sqrt(eps) sigma_1; here a round accepts only those within a factor 1000 of its own largest, so
 * that the eigenvalue error eps sigma_1^2 is at most 1000 eps sigma_1 in sigma, and the next round sees the small ones at full
 * precision. One-sided Jacobi rotations (Hestenes; Golub and Van Loan, Matrix Computations, 4th ed., section 8.6.3) of X V then
 * make the left vectors orthogonal to rounding. Singular values below max(m, n) eps sigma_1 are zero to working precision: they
 * are returned as 0 with any orthonormal completion.
 *
 * <p>A matrix whose leading triplets lie within a factor 1000 takes one round. The result depends on nothing but the matrix, k
 * and the BLAS underneath; the signs follow the rule of {@link Svd}. Works on any ND4J backend with LAPACK. Thread-safe.
 */
public final class TruncatedSvd {
    private static final double EPSILON = Math.ulp(1.0);
    /** Singular values of one round lie within this factor; smaller means more rounds, larger means more rounding error. */
    private static final double ROUND_RANGE = 1e-3;

    /** Up to this many rows or columns the whole eigenproblem is as fast as finding a part of it. */
    private static final int SMALL = 128;

    private TruncatedSvd() {}

    /**
     * Computes the k leading singular triplets.
     *
     * @param matrix [m, n], of any floating-point type, finite; only read
     * @param k how many, 1 to min(m, n)
     * @return u [m, k], s and v [n, k] with orthonormal columns, never NaN; zero singular values have arbitrary but orthonormal
     *     vectors
     * @throws IllegalArgumentException if the matrix is not of rank 2, not finite, or k is out of range
     */
    public static Svd of(INDArray matrix, int k) {
        check(matrix, k);
        boolean wide = matrix.rows() < matrix.columns();
        INDArray tall =
                (wide ? matrix.transpose() : matrix).castTo(DataType.DOUBLE).dup('f');
        int exponent = Math.getExponent(tall.amaxNumber().doubleValue());
        // A power of two: exact, and squares neither overflow nor vanish.
        tall.muli(Math.scalb(1.0, -exponent));
        OrthonormalColumns left = new OrthonormalColumns(tall.rows(), k);
        OrthonormalColumns right = new OrthonormalColumns(tall.columns(), k);
        double[] s = new double[k];
        deflate(tall, k, left, right, s);
        left.complete();
        right.complete();
        for (int i = 0; i < k; i++) {
            s[i] = Math.scalb(s[i], exponent);
        }
        return assemble(wide ? right : left, s, wide ? left : right);
    }

    /**
     * Computes the k leading singular triplets no more accurately than asked for. Small matrices, and those of which more than a few triplets are
     * wanted, are always decomposed exactly; {@link Accuracy#FAST} and {@link Accuracy#PRECISE} fall to the next better one where float32
     * cannot tell the triplets, or the iteration does not converge.
     *
     * @param matrix [m, n], of any floating-point type, finite; only read
     * @param k how many, 1 to min(m, n)
     * @param accuracy what is promised
     * @return as {@link #of(INDArray, int)}, with vectors as orthonormal as {@code accuracy} says
     * @throws IllegalArgumentException if the matrix is not of rank 2, not finite, or k is out of range
     */
    public static Svd of(INDArray matrix, int k, Accuracy accuracy) {
        checkShape(matrix, k);
        int least = Math.min(matrix.rows(), matrix.columns());
        if (accuracy == Accuracy.EXACT || least <= SMALL || 2 * SubspaceSvd.blockSize(k) > least) {
            return of(matrix, k);
        }
        boolean wide = matrix.rows() < matrix.columns();
        INDArray tall = wide ? matrix.transpose() : matrix;
        // Most matrices need no scaling, and what is not finite shows: neither is worth a pass over the matrix
        // beforehand.
        Svd svd = tall.dataType() == DataType.FLOAT ? subspace(tall, k, accuracy) : null;
        if (svd != null) {
            return signed(svd, 0, wide);
        }
        checkFinite(matrix);
        int exponent = Math.getExponent(tall.amaxNumber().doubleValue());
        INDArray scaled = tall.castTo(DataType.DOUBLE).mul(Math.scalb(1.0, -exponent));
        svd = subspace(scaled.castTo(DataType.FLOAT), k, accuracy);
        // A float64 matrix has more digits than the iteration looks at.
        boolean told =
                svd != null && (tall.dataType() == DataType.FLOAT || svd.s()[k - 1] > SubspaceSvd.NOISE * svd.s()[0]);
        return svd == null || !told ? of(matrix, k) : signed(svd, exponent, wide);
    }

    private static @Nullable Svd subspace(INDArray x, int k, Accuracy accuracy) {
        Svd svd = accuracy == Accuracy.FAST ? SubspaceSvd.fast(x, k) : null;
        svd = svd == null ? SubspaceSvd.precise(x, k) : svd;
        return svd == null || svd.s().length < k ? null : svd;
    }

    private static void check(INDArray matrix, int k) {
        checkShape(matrix, k);
        checkFinite(matrix);
    }

    private static void checkShape(INDArray matrix, int k) {
        if (matrix.rank() != 2) {
            throw new IllegalArgumentException("not a matrix: shape " + Arrays.toString(matrix.shape()));
        }
        long limit = Math.min(matrix.size(0), matrix.size(1));
        if (k < 1 || k > limit) {
            throw new IllegalArgumentException("k must be in 1.." + limit + " for a matrix of shape "
                    + Arrays.toString(matrix.shape()) + ": " + k);
        }
    }

    private static void checkFinite(INDArray matrix) {
        if (!isFinite(matrix)) {
            throw new IllegalArgumentException(
                    "the matrix of shape " + Arrays.toString(matrix.shape()) + " holds NaN or infinity");
        }
    }

    /**
     * Whether every entry is a finite number.
     *
     * @param array any floating-point array; only read
     * @return false if there is a NaN or an infinity
     */
    public static boolean isFinite(INDArray array) {
        // A norm takes a tenth of the time; it is not finite also where squares overflow.
        return Double.isFinite(array.norm2Number().doubleValue())
                || Nd4j.getExecutioner()
                                .exec(new MatchCondition(array, Conditions.notFinite()))
                                .getLong(0)
                        == 0;
    }

    /** Finds triplets of the tall matrix until k are found or nothing but rounding is left; {@code rest} is overwritten. */
    private static void deflate(INDArray rest, int k, OrthonormalColumns left, OrthonormalColumns right, double[] s) {
        int n = rest.columns();
        double floor = -1;
        while (left.count() < k) {
            INDArray vectors = Nd4j.create(DataType.DOUBLE, new long[] {n, n}, 'f');
            double[] lambda = ColumnRotation.gramEigen(rest, vectors);
            double largest = Math.sqrt(Math.max(lambda[n - 1], 0));
            if (floor < 0) {
                floor = Math.max(rest.rows(), n) * EPSILON * largest;
            }
            if (largest <= floor) {
                return;
            }
            int found = left.count();
            int count = countWithin(lambda, ROUND_RANGE * largest, k - found);
            double[][] v = new double[count][];
            for (int i = 0; i < count; i++) {
                v[i] = right.orthogonalised(
                        vectors.getColumn(n - 1 - i).dup().data().asDouble());
            }
            double[][] y = multiply(rest, v);
            OneSidedJacobi.orthogonalise(y, v);
            for (int i : descending(y)) {
                s[left.count()] = OrthonormalColumns.norm(y[i]);
                left.append(y[i]);
                right.append(v[i]);
            }
            if (left.count() < k) {
                project(rest, left.matrix(found), right.matrix(found));
            }
        }
    }

    private static int countWithin(double[] lambda, double limit, int most) {
        int count = 0;
        while (count < most
                && count < lambda.length
                && Math.sqrt(Math.max(lambda[lambda.length - 1 - count], 0)) >= limit) {
            count++;
        }
        return count;
    }

    private static double[][] multiply(INDArray rest, double[][] v) {
        INDArray product = rest.mmul(OrthonormalColumns.toMatrix(v)).dup('f');
        double[] flat = product.data().asDouble();
        int rows = rest.rows();
        double[][] y = new double[v.length][];
        for (int i = 0; i < v.length; i++) {
            y[i] = Arrays.copyOfRange(flat, i * rows, (i + 1) * rows);
        }
        return y;
    }

    /** rest becomes (I - U U^T) rest (I - V V^T). */
    private static void project(INDArray rest, INDArray u, INDArray v) {
        rest.subi(u.mmul(u.transpose().mmul(rest)));
        rest.subi(rest.mmul(v).mmul(v.transpose()));
    }

    private static int[] descending(double[][] columns) {
        double[] norms = new double[columns.length];
        Arrays.setAll(norms, i -> OrthonormalColumns.norm(columns[i]));
        return IntStream.range(0, norms.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -norms[i]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static Svd assemble(OrthonormalColumns u, double[] s, OrthonormalColumns v) {
        int[] order = IntStream.range(0, s.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -s[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[][] uColumns = new double[s.length][];
        double[][] vColumns = new double[s.length][];
        double[] sorted = new double[s.length];
        for (int i = 0; i < s.length; i++) {
            double sign = Math.signum(largestEntry(u.column(order[i])));
            uColumns[i] = times(u.column(order[i]), sign);
            vColumns[i] = times(v.column(order[i]), sign);
            sorted[i] = s[order[i]];
        }
        return new Svd(OrthonormalColumns.toMatrix(uColumns), sorted, OrthonormalColumns.toMatrix(vColumns));
    }

    /** Scales by a power of two, gives u back to the side of the rows, and applies the rule of signs. */
    private static Svd signed(Svd svd, int exponent, boolean wide) {
        INDArray u = wide ? svd.v() : svd.u();
        INDArray v = wide ? svd.u() : svd.v();
        double[] flat = u.data().asDouble();
        int rows = u.rows();
        double[] signs = new double[u.columns()];
        double[] s = new double[signs.length];
        for (int i = 0; i < signs.length; i++) {
            signs[i] = Math.signum(largestEntry(Arrays.copyOfRange(flat, i * rows, (i + 1) * rows)));
            s[i] = Math.scalb(svd.s()[i], exponent);
        }
        INDArray factors = Nd4j.createFromArray(signs);
        return new Svd(u.muliRowVector(factors), s, v.muliRowVector(factors));
    }

    private static double largestEntry(double[] column) {
        double largest = 0;
        for (double x : column) {
            if (Math.abs(x) > Math.abs(largest)) {
                largest = x;
            }
        }
        return largest;
    }

    private static double[] times(double[] column, double factor) {
        double[] result = new double[column.length];
        Arrays.setAll(result, i -> factor * column[i]);
        return result;
    }
}

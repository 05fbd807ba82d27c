package io.lora4j.linalg;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The leading part of a QR decomposition: for M [m, n] = Q R the first k columns of Q and the first k rows of R.
 *
 * <p>Householder reflections H = I - tau v v^T of the first k columns, with the signs of LAPACK's {@code geqrf}: the entry of R on the
 * diagonal has the opposite sign of the entry it replaces, and a column that is already reduced is left alone. Columns of Q are
 * orthonormal also where M has not full rank.
 *
 * @param q [m, k], float64
 * @param r [k, n], float64, zero below the diagonal
 */
public record LeadingQr(INDArray q, INDArray r) {
    /**
     * Decomposes a matrix.
     *
     * @param matrix [m, n], of any floating-point type, finite; only read
     * @param k how many columns of Q, 1 to min(m, n)
     * @return new arrays
     * @throws IllegalArgumentException if k is out of range or the matrix is not of rank 2
     */
    public static LeadingQr of(INDArray matrix, int k) {
        if (matrix.rank() != 2 || k < 1 || k > Math.min(matrix.size(0), matrix.size(1))) {
            throw new IllegalArgumentException(
                    "no leading " + k + " columns of Q for shape " + Arrays.toString(matrix.shape()));
        }
        INDArray m = matrix.castTo(DataType.DOUBLE);
        double[][] columns = new double[k][];
        for (int j = 0; j < k; j++) {
            columns[j] = m.getColumn(j).dup().data().asDouble();
        }
        double[] taus = new double[k];
        for (int j = 0; j < k; j++) {
            taus[j] = reflector(columns[j], j);
            for (int l = j + 1; l < k; l++) {
                reflect(columns[j], taus[j], j, columns[l]);
            }
        }
        INDArray q = OrthonormalColumns.toMatrix(leadingColumnsOfQ(columns, taus));
        INDArray r = q.transpose().mmul(m);
        for (int i = 1; i < k; i++) {
            for (int j = 0; j < i; j++) {
                r.putScalar(i, j, 0);
            }
        }
        return new LeadingQr(q, r);
    }

    /** Overwrites x below entry j by the reflector v (v_j = 1 is not stored) that zeroes it, and gives tau. */
    private static double reflector(double[] x, int j) {
        double below = 0;
        for (int i = j + 1; i < x.length; i++) {
            below = Math.hypot(below, x[i]);
        }
        if (below == 0) {
            return 0;
        }
        double beta = -Math.copySign(Math.hypot(x[j], below), x[j]);
        for (int i = j + 1; i < x.length; i++) {
            x[i] /= x[j] - beta;
        }
        return (beta - x[j]) / beta;
    }

    /** y := (I - tau v v^T) y with v = (0, ..., 0, 1, x[j + 1], ...). */
    private static void reflect(double[] x, double tau, int j, double[] y) {
        double overlap = y[j];
        for (int i = j + 1; i < x.length; i++) {
            overlap += x[i] * y[i];
        }
        overlap *= tau;
        y[j] -= overlap;
        for (int i = j + 1; i < x.length; i++) {
            y[i] -= overlap * x[i];
        }
    }

    private static double[][] leadingColumnsOfQ(double[][] reflectors, double[] taus) {
        int k = reflectors.length;
        double[][] q = new double[k][reflectors[0].length];
        for (int l = 0; l < k; l++) {
            q[l][l] = 1;
            for (int j = k - 1; j >= 0; j--) {
                reflect(reflectors[j], taus[j], j, q[l]);
            }
        }
        return q;
    }
}

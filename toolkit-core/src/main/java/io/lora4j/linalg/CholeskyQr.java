package io.lora4j.linalg;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Orthonormal columns for a block W [n, b] by the Cholesky factor of its Gram matrix: W = Q R with R^T R = W^T W, in float64 whatever W's
 * type. For tall blocks two matrix products instead of b (b - 1) / 2 passes over the columns.
 *
 * <p>Columns are scaled to length 1 first, which the result does not depend on but for rounding: columns of very different length cost no
 * accuracy, only nearly dependent ones do. A column that depends on those before it to rounding gives a zero column of Q.
 *
 * @param q [n, b], float64, 'f' order; orthonormal but for zero columns, to about 1e-16 times the square of the scaled block's condition
 * @param diagonal the diagonal of R, how far each column was from the span of those before it; 0 for a zero column of Q
 */
@SuppressWarnings("ArrayRecordComponent") // two results of one call, never compared
record CholeskyQr(INDArray q, double[] diagonal) {
    /** A squared distance of a unit column from the others' span that is rounding. */
    private static final double NOTHING = 1e-15;

    static CholeskyQr of(INDArray w) {
        INDArray wide = w.castTo(DataType.DOUBLE);
        int b = wide.columns();
        double[] gram = gram(wide);
        double[] lengths = new double[b];
        for (int i = 0; i < b; i++) {
            lengths[i] = Math.sqrt(gram[i * b + i]);
        }
        double[][] factor = factor(gram, lengths);
        double[] diagonal = new double[b];
        for (int i = 0; i < b; i++) {
            diagonal[i] = factor[i][i] * lengths[i];
        }
        INDArray q = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {wide.rows(), b}, 'f');
        Nd4j.gemm(wide, inverse(factor, lengths), q, false, false, 1.0, 0.0);
        return new CholeskyQr(q, diagonal);
    }

    /** W^T W, both triangles. */
    private static double[] gram(INDArray w) {
        INDArray gram = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {w.columns(), w.columns()}, 'f');
        return Nd4j.gemm(w, w, gram, true, false, 1.0, 0.0).data().asDouble();
    }

    /** The lower triangle L of D^-1 W^T W D^-1 = L L^T, D the columns' lengths, by rows; zero rows and columns where there is nothing. */
    private static double[][] factor(double[] gram, double[] lengths) {
        int b = lengths.length;
        double[][] l = new double[b][];
        for (int i = 0; i < b; i++) {
            l[i] = new double[i + 1];
            for (int j = 0; j <= i; j++) {
                double scale = lengths[i] * lengths[j];
                double rest = (scale > 0 ? gram[i * b + j] / scale : 0) - dot(l[i], l[j], j);
                if (j < i) {
                    l[i][j] = l[j][j] > 0 ? rest / l[j][j] : 0;
                } else {
                    l[i][i] = rest > NOTHING ? Math.sqrt(rest) : 0;
                }
            }
        }
        return l;
    }

    private static double dot(double[] x, double[] y, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    /** D^-1 L^-T, [b, b]. */
    private static INDArray inverse(double[][] l, double[] lengths) {
        int b = lengths.length;
        // Row i of L^-1 is column i of the result, so the rows one after the other are its memory in 'f' order.
        double[] flat = new double[b * b];
        for (int i = 0; i < b; i++) {
            if (l[i][i] == 0) {
                continue;
            }
            int row = i * b;
            for (int k = 0; k < i; k++) {
                double factor = l[i][k];
                for (int j = 0; j <= k; j++) {
                    flat[row + j] -= factor * flat[k * b + j];
                }
            }
            flat[row + i] = 1;
            for (int j = 0; j <= i; j++) {
                flat[row + j] /= l[i][i];
            }
        }
        for (int i = 0; i < b; i++) {
            for (int j = 0; j <= i; j++) {
                flat[i * b + j] = lengths[j] > 0 ? flat[i * b + j] / lengths[j] : 0;
            }
        }
        return Nd4j.createFromArray(flat).reshape('f', b, b);
    }
}

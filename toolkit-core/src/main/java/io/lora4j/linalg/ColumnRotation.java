package io.lora4j.linalg;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The rotation W of b columns that makes Y W orthogonal, longest column first, from the symmetric eigenproblem of Y^T Y (LAPACK {@code
 * syev} through ND4J): the singular value decomposition Y = U diag(s) W^T of a block. The squares cost accuracy: s is exact to about 1e-16
 * s_1^2 / s_i, the columns of U are orthogonal to 1e-16 (s_1 / s_i)^2.
 *
 * @param s lengths of the columns of Y W, descending, k of them
 * @param w the first k columns of W, [b, k], float64
 */
@SuppressWarnings("ArrayRecordComponent") // two results of one call, never compared
record ColumnRotation(double[] s, INDArray w) {
    /**
     * @param y [m, b], float64; only read
     * @param k how many, 1 to b
     */
    static ColumnRotation of(INDArray y, int k) {
        int b = y.columns();
        INDArray vectors = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {b, b}, 'f');
        double[] lambda = gramEigen(y, vectors);
        double[] flat = vectors.data().asDouble();
        double[] s = new double[k];
        double[] w = new double[b * k];
        for (int i = 0; i < k; i++) {
            s[i] = Math.sqrt(Math.max(lambda[b - 1 - i], 0));
            System.arraycopy(flat, (b - 1 - i) * b, w, i * b, b);
        }
        return new ColumnRotation(s, Nd4j.createFromArray(w).reshape('f', b, k));
    }

    /** Ascending eigenvalues of Y^T Y; its eigenvectors go into {@code vectors}, [b, b] in 'f' order. */
    static double[] gramEigen(INDArray y, INDArray vectors) {
        Nd4j.gemm(y, y, vectors, true, false, 1.0, 0.0);
        INDArray values = Nd4j.create(DataType.DOUBLE, vectors.rows());
        int status = Nd4j.getBlasWrapper().lapack().syev('V', 'U', vectors, values);
        if (status != 0) {
            throw new ArithmeticException("LAPACK syev failed with status " + status);
        }
        return values.data().asDouble();
    }

    /** The first columns only. */
    ColumnRotation first(int count) {
        return count == s.length
                ? this
                : new ColumnRotation(
                        Arrays.copyOf(s, count),
                        w.get(NDArrayIndex.all(), NDArrayIndex.interval(0, count))
                                .dup('f'));
    }

    /** Y W of a block with as many columns as W has rows; a new array in 'f' order. */
    INDArray turned(INDArray block) {
        INDArray result = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {block.rows(), w.columns()}, 'f');
        return Nd4j.gemm(block, w, result, false, false, 1.0, 0.0);
    }

    /** U = Y W diag(1 / s), with zero columns where s is zero; a new array in 'f' order. */
    INDArray normalised(INDArray y) {
        double[] inverse = new double[s.length];
        for (int i = 0; i < s.length; i++) {
            inverse[i] = s[i] > 0 ? 1 / s[i] : 0;
        }
        return turned(y).muliRowVector(Nd4j.createFromArray(inverse));
    }
}

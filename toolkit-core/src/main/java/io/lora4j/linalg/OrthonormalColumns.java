package io.lora4j.linalg;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A growing set of orthonormal columns of one length, kept so by Gram-Schmidt with re-orthogonalisation. Not thread-safe. */
final class OrthonormalColumns {
    private final int length;
    private final double[][] columns;
    private int count;

    /**
     * @param length entries of a column
     * @param capacity the most columns it will hold, at most {@code length}
     */
    OrthonormalColumns(int length, int capacity) {
        this.length = length;
        this.columns = new double[capacity][];
    }

    int count() {
        return count;
    }

    double[] column(int i) {
        return columns[i];
    }

    /** The columns from {@code first} on, as a new [length, count - first] matrix in 'f' order. */
    INDArray matrix(int first) {
        double[][] part = new double[count - first][];
        System.arraycopy(columns, first, part, 0, part.length);
        return toMatrix(part);
    }

    /** Takes {@code x} out of the span of the columns and normalises it, in place; gives x back. */
    double[] orthogonalised(double[] x) {
        normalise(x);
        // "Twice is enough" (Kahan, Parlett): the second pass removes what the first one's cancellation left.
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < count; i++) {
                double overlap = dot(columns[i], x);
                for (int l = 0; l < length; l++) {
                    x[l] -= overlap * columns[i][l];
                }
            }
            normalise(x);
        }
        return x;
    }

    /** Appends {@code x}, orthogonalised in place; x must not be zero and now belongs to this object. */
    void append(double[] x) {
        columns[count] = orthogonalised(x);
        count++;
    }

    /** Fills up to the capacity with unit vectors made orthogonal, each time the one farthest from the span. */
    void complete() {
        while (count < columns.length) {
            double[] unit = new double[length];
            unit[farthestCoordinate()] = 1;
            append(unit);
        }
    }

    private int farthestCoordinate() {
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int l = 0; l < length; l++) {
            double inside = 0;
            for (int i = 0; i < count; i++) {
                inside += columns[i][l] * columns[i][l];
            }
            // The margin makes the choice independent of rounding among coordinates that are equally far.
            if (inside < least - 1e-9) {
                least = inside;
                best = l;
            }
        }
        return best;
    }

    private static void normalise(double[] x) {
        double norm = norm(x);
        for (int l = 0; l < x.length; l++) {
            x[l] /= norm;
        }
    }

    static double norm(double[] x) {
        return Math.sqrt(dot(x, x));
    }

    static double dot(double[] x, double[] y) {
        // Four partial sums: the additions do not wait for each other, and the rounding error is smaller.
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int l = 0;
        for (; l + 3 < x.length; l += 4) {
            s0 += x[l] * y[l];
            s1 += x[l + 1] * y[l + 1];
            s2 += x[l + 2] * y[l + 2];
            s3 += x[l + 3] * y[l + 3];
        }
        for (; l < x.length; l++) {
            s0 += x[l] * y[l];
        }
        return (s0 + s1) + (s2 + s3);
    }

    /** Columns [k][length] as a new [length, k] matrix in 'f' order. */
    static INDArray toMatrix(double[][] columns) {
        int rows = columns[0].length;
        double[] flat = new double[rows * columns.length];
        for (int i = 0; i < columns.length; i++) {
            System.arraycopy(columns[i], 0, flat, i * rows, rows);
        }
        return Nd4j.createFromArray(flat).reshape('f', rows, columns.length);
    }
}

package io.lora4j.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arrays and comparisons that the kernel tests share. */
final class KernelFixtures {
    private KernelFixtures() {}

    static double[][] rows(Random random, int count, int columns, double size) {
        double[][] values = new double[count][columns];
        for (double[] row : values) {
            for (int j = 0; j < columns; j++) {
                row[j] = size * random.nextGaussian();
            }
        }
        return values;
    }

    static double[] vector(Random random, int columns, double size) {
        return rows(random, 1, columns, size)[0];
    }

    /** Row-major array of a type. */
    static INDArray array(double[][] values, DataType type) {
        return Nd4j.createFromArray(values).castTo(type);
    }

    static INDArray array(double[] values, DataType type) {
        return Nd4j.createFromArray(values).castTo(type);
    }

    /** An array full of NaN, so that what a kernel forgets to write is seen. */
    static INDArray result(DataType type, long... shape) {
        return Nd4j.valueArrayOf(shape, Double.NaN, type);
    }

    /** What float32 operands hold after rounding, so that the reference starts from the same numbers. */
    static double[][] rounded(double[][] values, DataType type) {
        return array(values, type).castTo(DataType.DOUBLE).toDoubleMatrix();
    }

    static void assertRows(double[][] expected, INDArray actual, double absolute, double relative, String what) {
        double[][] got = actual.castTo(DataType.DOUBLE).toDoubleMatrix();
        for (int i = 0; i < expected.length; i++) {
            for (int j = 0; j < expected[i].length; j++) {
                double limit = absolute + relative * Math.abs(expected[i][j]);
                boolean close = Math.abs(expected[i][j] - got[i][j]) <= limit;
                assertTrue(close, what + "[" + i + "," + j + "]: expected " + expected[i][j] + ", got " + got[i][j]);
            }
        }
    }

    /** Sum of weights * values: a scalar loss whose gradient is the weights. */
    static double dot(double[][] weights, double[][] values) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            for (int j = 0; j < weights[i].length; j++) {
                sum += weights[i][j] * values[i][j];
            }
        }
        return sum;
    }

    /** Central differences of a loss over every entry of {@code at}, which is restored. */
    static double[][] numericGradient(double[][] at, java.util.function.DoubleSupplier loss) {
        double step = 1e-5;
        double[][] gradient = new double[at.length][at[0].length];
        for (int i = 0; i < at.length; i++) {
            for (int j = 0; j < at[i].length; j++) {
                double value = at[i][j];
                at[i][j] = value + step;
                double above = loss.getAsDouble();
                at[i][j] = value - step;
                double below = loss.getAsDouble();
                at[i][j] = value;
                gradient[i][j] = (above - below) / (2 * step);
            }
        }
        return gradient;
    }
}

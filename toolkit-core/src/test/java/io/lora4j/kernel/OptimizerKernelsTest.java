package io.lora4j.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.kernel.OptimizerKernels.AdamStep;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Both implementations against a loop in float64, on lengths that are no multiple of anything. */
class OptimizerKernelsTest {
    private static final double[] EXTREMES = {0, -0.0, 1e-30, -1e-30, 1e-12, 1, -1, 1e6, -1e6, 1e15, -1e15};

    static Stream<Arguments> cases() {
        return kernels().flatMap(each -> Stream.of(DataType.FLOAT, DataType.DOUBLE)
                .flatMap(type ->
                        Stream.of(1, 15, 16, 17, 2047, 2049, 100_003).map(length -> Arguments.of(each, type, length))));
    }

    static Stream<OptimizerKernels> kernels() {
        return Stream.of(Nd4jOptimizer.INSTANCE, KernelChoice.optimizer(KernelChoice.choose("vector")));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stepsFollowTheFormula(OptimizerKernels kernels, DataType type, int length) {
        Random random = new Random(length);
        INDArray state = Nd4j.zeros(type, 2L * length + 5);
        INDArray m = state.get(NDArrayIndex.interval(2, 2 + length));
        INDArray v = state.get(NDArrayIndex.interval(5 + length, 5 + 2L * length));
        double[] expectedM = new double[length];
        double[] expectedV = new double[length];
        double beta1 = rounded(0.9, type);
        double beta2 = rounded(0.999, type);
        for (int t = 1; t <= 4; t++) {
            INDArray gradient = gradient(random, type, length);
            double[] g = gradient.castTo(DataType.DOUBLE).toDoubleVector();

            kernels.adam(gradient, m, v, new AdamStep(0.01, 0.9, 0.999, 1e-9, t - 1));

            double size = 0.01 * Math.sqrt(1 - Math.pow(beta2, t)) / (1 - Math.pow(beta1, t));
            double[] update = new double[length];
            for (int i = 0; i < length; i++) {
                expectedM[i] = beta1 * expectedM[i] + (1 - beta1) * g[i];
                expectedV[i] = beta2 * expectedV[i] + (1 - beta2) * g[i] * g[i];
                update[i] = size * expectedM[i] / (Math.sqrt(expectedV[i]) + 1e-9);
            }
            double tolerance = type == DataType.DOUBLE ? 1e-12 : 2e-5;
            assertClose(update, gradient, tolerance, "update " + t);
            assertClose(expectedM, m, tolerance, "m " + t);
            assertClose(expectedV, v, tolerance, "v " + t);
        }
        assertEquals(0, state.getDouble(0) + state.getDouble(2 + length) + state.getDouble(4 + length), "beside them");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void decayAddsAPartOfTheParameters(OptimizerKernels kernels, DataType type, int length) {
        Random random = new Random(length);
        INDArray beside = Nd4j.valueArrayOf(new long[] {length + 2L}, 7.0, type);
        INDArray update = beside.get(NDArrayIndex.interval(1, 1 + length));
        update.assign(gradient(random, type, length));
        INDArray parameters = gradient(random, type, length);
        double[] u = update.castTo(DataType.DOUBLE).toDoubleVector();
        double[] w = parameters.castTo(DataType.DOUBLE).toDoubleVector();

        kernels.decay(update, parameters, 0.37);

        double[] got = update.castTo(DataType.DOUBLE).toDoubleVector();
        double factor = rounded(0.37, type);
        for (int i = 0; i < length; i++) {
            // A rounding error of either term stays where they cancel.
            double size = Math.abs(u[i]) + Math.abs(factor * w[i]);
            assertEquals(u[i] + factor * w[i], got[i], size * (type == DataType.DOUBLE ? 3e-16 : 2e-7), "update " + i);
        }
        assertArrayEquals(w, parameters.castTo(DataType.DOUBLE).toDoubleVector(), "the parameters are only read");
        assertEquals(14, beside.getDouble(0) + beside.getDouble(length + 1), "beside them");
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void decayOfMatricesFollowsTheirOrders(OptimizerKernels kernels) {
        for (char[] orders : new char[][] {{'c', 'c'}, {'f', 'f'}, {'c', 'f'}, {'f', 'c'}}) {
            INDArray update = Nd4j.create(DataType.FLOAT, new long[] {5, 3}, orders[0]);
            INDArray parameters = Nd4j.create(DataType.FLOAT, new long[] {5, 3}, orders[1]);
            for (int i = 0; i < 15; i++) {
                parameters.putScalar(i / 3, i % 3, i + 1);
            }

            kernels.decay(update, parameters, 0.5);

            for (int i = 0; i < 15; i++) {
                assertEquals((i + 1) / 2f, update.getFloat(i / 3, i % 3), new String(orders));
            }
        }
    }

    private static INDArray gradient(Random random, DataType type, int length) {
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = i % 3 == 0 ? EXTREMES[i % EXTREMES.length] : random.nextGaussian();
        }
        return Nd4j.createFromArray(values).castTo(type);
    }

    private static double rounded(double value, DataType type) {
        return type == DataType.FLOAT ? (float) value : value;
    }

    /** Relative to the value, and to 1 where numbers of both signs cancel. */
    private static void assertClose(double[] expected, INDArray actual, double tolerance, String what) {
        double[] got = actual.castTo(DataType.DOUBLE).toDoubleVector();
        for (int i = 0; i < expected.length; i++) {
            double limit = tolerance * Math.max(1e-2, Math.abs(expected[i]));
            assertTrue(
                    Math.abs(expected[i] - got[i]) <= limit,
                    what + "[" + i + "]: expected " + expected[i] + ", got " + got[i]);
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void rateZeroMovesTheAveragesOnly(OptimizerKernels kernels) {
        INDArray gradient = Nd4j.createFromArray(3f, -4f, 1e10f);
        INDArray m = Nd4j.zeros(DataType.FLOAT, 3);
        INDArray v = Nd4j.zeros(DataType.FLOAT, 3);

        kernels.adam(gradient, m, v, new AdamStep(0, 0.9, 0.999, 1e-8, 0));

        assertArrayEquals(new float[3], gradient.toFloatVector());
        assertArrayEquals(new float[] {0.3f, -0.4f, 1e9f}, m.toFloatVector(), 1e3f);
        assertEquals(0.3f, m.getFloat(0), 1e-6f);
        assertEquals(0.009f, v.getFloat(0), 1e-6f);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void whatIsNotFiniteStaysSo(OptimizerKernels kernels) {
        INDArray gradient = Nd4j.createFromArray(Float.NaN, 1f);
        INDArray m = Nd4j.zeros(DataType.FLOAT, 2);

        kernels.adam(gradient, m, Nd4j.zeros(DataType.FLOAT, 2), new AdamStep(0.1, 0.9, 0.999, 1e-8, 0));

        assertTrue(Float.isNaN(gradient.getFloat(0)) && Float.isNaN(m.getFloat(0)));
        assertEquals(0.1f, gradient.getFloat(1), 1e-5f);
    }
}

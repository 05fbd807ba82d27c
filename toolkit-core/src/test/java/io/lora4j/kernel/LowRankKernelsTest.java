package io.lora4j.kernel;

import static io.lora4j.kernel.KernelFixtures.array;
import static io.lora4j.kernel.KernelFixtures.assertRows;
import static io.lora4j.kernel.KernelFixtures.rounded;
import static io.lora4j.kernel.KernelFixtures.rows;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Both implementations against loops in float64, on shapes that are no multiple of anything. */
class LowRankKernelsTest {
    private static final double SCALE = 1.75;

    static Stream<Arguments> cases() {
        int[][] shapes = {
            {1, 1, 1, 1},
            {3, 5, 2, 7},
            {70, 48, 8, 33},
            {333, 384, 8, 100},
            {131, 17, 17, 400},
            {9, 3072, 4, 16},
            {40, 64, 65, 64}
        };
        EncoderKernels vector = KernelChoice.choose("vector");
        return Stream.of(Nd4jLowRank.INSTANCE, KernelChoice.lowRank(vector))
                .flatMap(kernels -> Stream.of(DataType.FLOAT, DataType.DOUBLE).flatMap(type -> Stream.of(shapes)
                        .map(s -> Arguments.of(kernels, type, s[0], s[1], s[2], s[3]))));
    }

    private static double[][] times(double[][] a, double[][] b) {
        double[][] c = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int k = 0; k < b.length; k++) {
                for (int j = 0; j < b[0].length; j++) {
                    c[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return c;
    }

    private static double[][] turned(double[][] a) {
        double[][] t = new double[a[0].length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[0].length; j++) {
                t[j][i] = a[i][j];
            }
        }
        return t;
    }

    /** a + s b. */
    private static double[][] plus(double[][] a, double s, double[][] b) {
        double[][] c = new double[a.length][];
        for (int i = 0; i < a.length; i++) {
            c[i] = a[i].clone();
            for (int j = 0; j < c[i].length; j++) {
                c[i][j] += s * b[Math.min(i, b.length - 1)][j];
            }
        }
        return c;
    }

    /** Column-major, as parameters are; a view behind other numbers, as they are too. */
    private static INDArray factor(double[][] values, DataType type) {
        INDArray flat = Nd4j.valueArrayOf(new long[] {3 + (long) values.length * values[0].length}, Double.NaN, type);
        INDArray view = flat.get(org.nd4j.linalg.indexing.NDArrayIndex.interval(3, flat.length()))
                .reshape('f', values.length, values[0].length);
        return view.assign(array(values, type));
    }

    private static INDArray empty(DataType type, long... shape) {
        double[][] nan = new double[(int) shape[0]][(int) shape[1]];
        for (double[] row : nan) {
            java.util.Arrays.fill(row, Double.NaN);
        }
        return factor(nan, type);
    }

    private static double tolerance(DataType type) {
        return type == DataType.FLOAT ? 5e-5 : 1e-11;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void forward(LowRankKernels kernels, DataType type, int n, int in, int rank, int out) {
        Random random = new Random(n);
        double[][] x = rounded(rows(random, n, in, 1), type);
        double[][] a = rounded(rows(random, in, rank, 0.2), type);
        double[][] b = rounded(rows(random, rank, out, 0.2), type);
        double[][] z = rounded(rows(random, n, out, 1), type);
        double[][] bias = rounded(rows(random, 1, out, 1), type);
        INDArray t = KernelFixtures.result(type, n, rank);
        kernels.project(array(x, type), factor(a, type), t);
        assertRows(times(x, a), t, tolerance(type), tolerance(type), "t");

        double[][] thin = rounded(times(x, a), type);
        double[][] withAdapter = plus(z, SCALE, times(thin, b));
        INDArray plain = array(z, type);
        kernels.expand(array(thin, type), factor(b, type), SCALE, null, plain);
        assertRows(withAdapter, plain, tolerance(type), tolerance(type), "z");
        INDArray biased = array(z, type);
        kernels.expand(array(thin, type), factor(b, type), SCALE, array(bias[0], type), biased);
        assertRows(plus(withAdapter, 1, bias), biased, tolerance(type), tolerance(type), "z with bias");
        INDArray only = array(z, type);
        kernels.addBias(array(bias[0], type), only);
        assertRows(plus(z, 1, bias), only, tolerance(type), tolerance(type), "bias");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void backward(LowRankKernels kernels, DataType type, int n, int in, int rank, int out) {
        Random random = new Random(n);
        double[][] x = rounded(rows(random, n, in, 1), type);
        double[][] a = rounded(rows(random, in, rank, 0.2), type);
        double[][] b = rounded(rows(random, rank, out, 0.2), type);
        double[][] t = rounded(rows(random, n, rank, 1), type);
        double[][] delta = rounded(rows(random, n, out, 0.1), type);
        double[][] dx = rounded(rows(random, n, in, 1), type);
        INDArray dB = empty(type, rank, out);
        INDArray u = KernelFixtures.result(type, n, rank);
        kernels.backwardB(array(t, type), array(delta, type), factor(b, type), SCALE, dB, u);
        double[][] zero = new double[n][rank];
        assertRows(
                plus(new double[rank][out], SCALE, times(turned(t), delta)),
                dB,
                tolerance(type),
                tolerance(type),
                "dB");
        assertRows(plus(zero, SCALE, times(delta, turned(b))), u, tolerance(type), tolerance(type), "u");

        double[][] thin = rounded(rows(random, n, rank, 0.1), type);
        INDArray dA = empty(type, in, rank);
        INDArray sum = array(dx, type);
        kernels.backwardA(array(x, type), array(thin, type), factor(a, type), dA, sum);
        assertRows(times(turned(x), thin), dA, tolerance(type), tolerance(type), "dA");
        assertRows(plus(dx, 1, times(thin, turned(a))), sum, tolerance(type), tolerance(type), "dx");
        INDArray alone = empty(type, in, rank);
        kernels.backwardA(array(x, type), array(thin, type), factor(a, type), alone, null);
        assertRows(times(turned(x), thin), alone, tolerance(type), tolerance(type), "dA alone");
    }
}

package io.lora4j.linalg;

import static io.lora4j.golden.Golden.distance;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class TruncatedSvdTest {
    @ParameterizedTest
    @CsvSource({"40,25,25", "25,40,25", "30,30,30", "64,8,3", "8,64,8", "1,5,1", "5,1,1", "1,1,1"})
    void randomMatricesAgreeWithGesvd(int rows, int columns, int k) {
        INDArray m = gaussian(rows, columns, 7);
        Svd svd = TruncatedSvd.of(m, k);
        assertOrthonormal(svd);
        assertArrayEquals(gesvdValues(m, k), svd.s(), 1e-13 * svd.s()[0]);
        assertTriplets(m, svd, 1e-12);
    }

    /** The shape of an encoder's feed-forward weight, with a spectrum that falls as gradients' do. */
    @Test
    void encoderSizedGradientAgreesWithGesvd() {
        double[] values = new double[48];
        for (int i = 0; i < values.length; i++) {
            values[i] = 0.02 * Math.pow(0.8, i);
        }
        INDArray m = withSpectrum(384, 1536, values).castTo(DataType.FLOAT);
        Svd svd = TruncatedSvd.of(m, 32);
        assertOrthonormal(svd);
        INDArray exact = m.castTo(DataType.DOUBLE);
        assertArrayEquals(gesvdValues(exact, 32), svd.s(), 1e-13 * svd.s()[0]);
        assertTriplets(exact, svd, 1e-12);
    }

    @Test
    void spectrumOverThirteenDecadesKeepsGesvdsAccuracy() {
        double[] values = new double[14];
        for (int i = 0; i < values.length; i++) {
            values[i] = 3 * Math.pow(10, -i);
        }
        INDArray m = withSpectrum(60, 45, values);
        Svd svd = TruncatedSvd.of(m, 14);
        assertOrthonormal(svd);
        // The absolute error of a backward stable method: a small multiple of eps * sigma_1.
        assertArrayEquals(values, svd.s(), 5e-14 * 3);
        assertTriplets(m, svd, 1e-13);
        assertEquals(values[7], svd.s()[7], 1e-6 * values[7]);
    }

    @Test
    void rankOneIsCompletedToAnOrthonormalBasis() {
        INDArray m = Nd4j.createFromArray(new double[][] {{2, 0, 1}, {-4, 0, -2}, {0, 0, 0}, {6, 0, 3}});
        Svd svd = TruncatedSvd.of(m, 3);
        assertEquals(Math.sqrt(56) * Math.sqrt(5) / 2, svd.s()[0], 1e-14 * svd.s()[0]);
        assertEquals(0, svd.s()[1]);
        assertEquals(0, svd.s()[2]);
        assertOrthonormal(svd);
        assertTriplets(m, svd, 1e-14);
        assertEquals(1, svd.countAbove(1e-6));
        assertEquals(1, svd.effectiveRank(), 1e-12);
    }

    @Test
    void rankFiveOfFloat32NoiseIsSeenAsRankFive() {
        INDArray m = gaussian(50, 5, 1).mmul(gaussian(5, 70, 2)).castTo(DataType.FLOAT);
        Svd svd = TruncatedSvd.of(m, 20);
        assertOrthonormal(svd);
        assertEquals(5, svd.countAbove(1e-6));
        assertTriplets(m.castTo(DataType.DOUBLE), svd, 1e-13);
    }

    @ParameterizedTest
    @CsvSource({"6,4", "4,6", "3,3"})
    void zeroMatrixGivesZeroValuesAndOrthonormalVectors(int rows, int columns) {
        Svd svd = TruncatedSvd.of(Nd4j.zeros(DataType.FLOAT, rows, columns), 3);
        assertArrayEquals(new double[3], svd.s());
        assertOrthonormal(svd);
        assertEquals(0, svd.countAbove(1e-6));
        assertEquals(0, svd.effectiveRank());
    }

    @Test
    void equalSingularValuesStayOrthonormal() {
        INDArray m = Nd4j.eye(12).castTo(DataType.DOUBLE).muli(0.25);
        Svd svd = TruncatedSvd.of(m, 5);
        assertOrthonormal(svd);
        assertTriplets(m, svd, 1e-14);
        assertEquals(5, svd.effectiveRank(), 1e-12);
    }

    @ParameterizedTest
    @CsvSource({"1e-150", "1e-300", "1e-310", "1e150", "1e300"})
    void extremeSizesNeitherOverflowNorVanish(double size) {
        INDArray m = gaussian(9, 6, 3);
        double[] expected = TruncatedSvd.of(m, 4).s();
        double[] s = TruncatedSvd.of(m.mul(size), 4).s();
        for (int i = 0; i < 4; i++) {
            assertEquals(expected[i], s[i] / size, 1e-12 * expected[0] + 1e-323 / size * 10);
        }
    }

    @Test
    void largestEntryOfEveryLeftVectorIsPositive() {
        for (INDArray m : new INDArray[] {gaussian(20, 11, 5), gaussian(11, 20, 6)}) {
            Svd svd = TruncatedSvd.of(m, 8);
            Svd negated = TruncatedSvd.of(m.neg(), 8);
            for (int i = 0; i < 8; i++) {
                double[] u = svd.u().getColumn(i).dup().data().asDouble();
                double largest = 0;
                for (double x : u) {
                    largest = Math.abs(x) > Math.abs(largest) ? x : largest;
                }
                assertTrue(largest > 0, "vector " + i);
            }
            assertEquals(0, distance(svd.u(), negated.u()), 1e-12);
            assertEquals(0, distance(svd.v(), negated.v().neg()), 1e-12);
        }
    }

    @Test
    void transposingSwapsTheSides() {
        INDArray m = gaussian(13, 21, 9);
        Svd svd = TruncatedSvd.of(m, 6);
        Svd transposed = TruncatedSvd.of(m.transpose(), 6);
        assertArrayEquals(svd.s(), transposed.s(), 1e-13 * svd.s()[0]);
        INDArray best =
                svd.u().mulRowVector(Nd4j.createFromArray(svd.s())).mmul(svd.v().transpose());
        INDArray other = transposed
                .v()
                .mulRowVector(Nd4j.createFromArray(transposed.s()))
                .mmul(transposed.u().transpose());
        assertEquals(0, distance(best, other), 1e-12);
    }

    @Test
    void viewsAndInputArePreservedAndRunsAreIdentical() {
        INDArray big = gaussian(40, 40, 4);
        INDArray copy = big.dup();
        INDArray view = big.get(NDArrayIndex.interval(3, 33), NDArrayIndex.interval(5, 2, 35));
        Svd first = TruncatedSvd.of(view, 7);
        Svd second = TruncatedSvd.of(view.dup('c'), 7);
        assertEquals(copy, big);
        assertArrayEquals(first.s(), second.s());
        assertEquals(0, distance(first.u(), second.u()));
        assertEquals(0, distance(first.v(), second.v()));
    }

    @Test
    void refusesWhatIsNotAFiniteMatrix() {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            INDArray m = Nd4j.ones(DataType.DOUBLE, 3, 4);
            m.putScalar(1, 2, bad);
            assertThrows(IllegalArgumentException.class, () -> TruncatedSvd.of(m, 1));
            assertThrows(IllegalArgumentException.class, () -> TruncatedSvd.of(m.castTo(DataType.FLOAT), 1));
        }
        INDArray m = Nd4j.ones(DataType.DOUBLE, 3, 4);
        assertThrows(IllegalArgumentException.class, () -> TruncatedSvd.of(m, 0));
        assertThrows(IllegalArgumentException.class, () -> TruncatedSvd.of(m, 4));
        assertThrows(IllegalArgumentException.class, () -> TruncatedSvd.of(Nd4j.ones(DataType.DOUBLE, 5), 1));
    }

    static INDArray gaussian(int rows, int columns, long seed) {
        Random random = new Random(seed);
        double[] values = new double[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        return Nd4j.createFromArray(values).reshape('c', rows, columns);
    }

    /** Q1 diag(values) Q2^T with orthonormal Q1, Q2 by Gram-Schmidt of gaussian columns. */
    static INDArray withSpectrum(int rows, int columns, double[] values) {
        INDArray q1 = orthonormal(rows, values.length, 11);
        INDArray q2 = orthonormal(columns, values.length, 12);
        return q1.mulRowVector(Nd4j.createFromArray(values)).mmul(q2.transpose());
    }

    private static INDArray orthonormal(int rows, int columns, long seed) {
        INDArray q = gaussian(rows, columns, seed);
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < columns; i++) {
                INDArray x = q.getColumn(i);
                if (i > 0) {
                    INDArray before = q.get(NDArrayIndex.all(), NDArrayIndex.interval(0, i));
                    INDArray column = x.reshape(rows, 1);
                    x.subi(before.mmul(before.transpose().mmul(column)).reshape(rows));
                }
                x.divi(x.norm2Number().doubleValue());
            }
        }
        return q;
    }

    static double[] gesvdValues(INDArray m, int k) {
        INDArray a = m.dup('f');
        int min = Math.min(a.rows(), a.columns());
        INDArray s = Nd4j.create(DataType.DOUBLE, min);
        INDArray u = Nd4j.create(DataType.DOUBLE, new long[] {a.rows(), a.rows()}, 'f');
        INDArray vt = Nd4j.create(DataType.DOUBLE, new long[] {a.columns(), a.columns()}, 'f');
        Nd4j.getBlasWrapper().lapack().gesvd(a, s, u, vt);
        return Arrays.copyOf(s.data().asDouble(), k);
    }

    private static void assertOrthonormal(Svd svd) {
        assertOrthonormal(svd, 1e-13);
    }

    static void assertOrthonormal(Svd svd, double tolerance) {
        for (INDArray q : new INDArray[] {svd.u(), svd.v()}) {
            assertEquals(DataType.DOUBLE, q.dataType());
            INDArray gram = q.transpose().mmul(q);
            INDArray identity = Nd4j.eye(svd.s().length).castTo(DataType.DOUBLE);
            assertEquals(0, distance(gram, identity), tolerance);
        }
    }

    /** M v = s u and M^T u = s v, relative to the largest singular value. */
    private static void assertTriplets(INDArray m, Svd svd, double tolerance) {
        INDArray s = Nd4j.createFromArray(svd.s());
        double limit = tolerance * svd.s()[0];
        assertEquals(0, distance(m.mmul(svd.v()), svd.u().mulRowVector(s)), limit);
        assertEquals(0, distance(m.transpose().mmul(svd.u()), svd.v().mulRowVector(s)), limit);
    }
}

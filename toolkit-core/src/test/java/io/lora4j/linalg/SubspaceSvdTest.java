package io.lora4j.linalg;

import static io.lora4j.golden.Golden.distance;
import static io.lora4j.linalg.TruncatedSvdTest.assertOrthonormal;
import static io.lora4j.linalg.TruncatedSvdTest.gaussian;
import static io.lora4j.linalg.TruncatedSvdTest.gesvdValues;
import static io.lora4j.linalg.TruncatedSvdTest.withSpectrum;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** {@link Accuracy#FAST} and {@link Accuracy#PRECISE} on matrices that are too large for the exact method, whose singular values are known. */
class SubspaceSvdTest {
    private static double[] values(int count, IntToDoubleFunction value) {
        double[] s = new double[count];
        Arrays.setAll(s, value);
        return s;
    }

    /** A matrix of these singular values in float32, in a given order of memory. */
    private static INDArray matrix(int rows, int columns, double[] s, char order) {
        return withSpectrum(rows, columns, s).castTo(DataType.FLOAT).dup(order);
    }

    private static double residual(INDArray m, Svd svd) {
        INDArray p =
                svd.u().mulRowVector(Nd4j.createFromArray(svd.s())).mmul(svd.v().transpose());
        return m.castTo(DataType.DOUBLE).sub(p).norm2Number().doubleValue();
    }

    private static double best(double[] s, int k) {
        double sum = 0;
        for (int i = k; i < s.length; i++) {
            sum += s[i] * s[i];
        }
        return Math.sqrt(sum);
    }

    /** Every relative error, the residual and the triplets' two equations. */
    private static void assertPrecise(INDArray m, double[] s, Svd svd) {
        int k = svd.s().length;
        assertOrthonormal(svd, 1e-12);
        for (int i = 0; i < k; i++) {
            assertEquals(s[i], svd.s()[i], 1e-5 * s[i], "singular value " + i);
        }
        assertTrue(residual(m, svd) <= best(s, k) * (1 + 1e-4));
        INDArray exact = m.castTo(DataType.DOUBLE);
        INDArray scale = Nd4j.createFromArray(svd.s());
        double limit = 1e-5 * s[0];
        assertEquals(0, distance(exact.mmul(svd.v()), svd.u().mulRowVector(scale)), limit);
        // What the residuals may leave: 1e-6 of the squared value.
        assertEquals(0, distance(exact.transpose().mmul(svd.u()), svd.v().mulRowVector(scale)), 1.5e-3 * s[0]);
    }

    @ParameterizedTest
    @CsvSource({
        "200,160,8,c",
        "200,160,8,f",
        "160,260,8,c",
        "160,260,8,f",
        "180,180,16,c",
        "400,200,32,f",
        "1400,760,8,c",
        "1400,760,8,f",
        "760,1400,8,c",
        "760,1400,16,f",
        "1400,760,32,c"
    })
    void gradientLikeSpectraInEveryShapeAndOrder(int rows, int columns, int k, char order) {
        double[] s = values(80, i -> 0.03 / (i + 1));
        INDArray m = matrix(rows, columns, s, order);
        INDArray copy = m.dup(order);
        assertPrecise(m, s, TruncatedSvd.of(m, k, Accuracy.PRECISE));
        Svd fast = TruncatedSvd.of(m, k, Accuracy.FAST);
        assertOrthonormal(fast, 1e-6);
        assertTrue(residual(m, fast) <= best(s, k) * (1 + 1e-5));
        assertEquals(copy, m);
    }

    @Test
    void gaussianMatrixAgreesWithGesvd() {
        INDArray m = gaussian(300, 200, 5).castTo(DataType.FLOAT);
        double[] s = gesvdValues(m.castTo(DataType.DOUBLE), 200);
        for (int k : new int[] {1, 8, 32}) {
            assertPrecise(m, s, TruncatedSvd.of(m, k, Accuracy.PRECISE));
        }
        assertPrecise(m.castTo(DataType.DOUBLE), s, TruncatedSvd.of(m.castTo(DataType.DOUBLE), 8, Accuracy.PRECISE));
    }

    /** More equal values than a block has columns, at the front and across the limit of what is wanted. */
    @ParameterizedTest
    @CsvSource({"1,8", "5,8", "20,8", "40,8", "12,16", "150,8"})
    void clustersOfEqualSingularValues(int equal, int k) {
        double[] s = values(150, i -> i < equal ? 2 : 1.0 / (i + 1 - equal));
        Arrays.sort(s);
        for (int i = 0; i < s.length / 2; i++) {
            double x = s[i];
            s[i] = s[s.length - 1 - i];
            s[s.length - 1 - i] = x;
        }
        INDArray m = matrix(240, 170, s, 'c');
        assertPrecise(m, s, TruncatedSvd.of(m, k, Accuracy.PRECISE));
    }

    @Test
    void nearlyEqualSingularValuesKeepTheirDifferences() {
        double[] s = values(120, i -> 1 - 1e-3 * i);
        INDArray m = matrix(200, 160, s, 'c');
        assertPrecise(m, s, TruncatedSvd.of(m, 8, Accuracy.PRECISE));
    }

    /** Ten decades in float64, of which the first seven are promised in digits. */
    @Test
    void steepSpectraAreTakenInParts() {
        double[] s = values(12, i -> 3 * Math.pow(10, -i * 0.5));
        assertPrecise(matrix(200, 160, s, 'c'), s, TruncatedSvd.of(matrix(200, 160, s, 'c'), 8, Accuracy.PRECISE));
        double[] steeper = values(14, i -> 3 * Math.pow(10, -i));
        INDArray exact = withSpectrum(200, 160, steeper);
        Svd svd = TruncatedSvd.of(exact, 10, Accuracy.PRECISE);
        assertOrthonormal(svd, 1e-12);
        for (int i = 0; i < 10; i++) {
            assertEquals(steeper[i], svd.s()[i], 1e-5 * steeper[i], "singular value " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT", "DOUBLE"})
    void rankBelowWhatIsWantedIsSeen(DataType type) {
        INDArray m = gaussian(200, 5, 1).mmul(gaussian(5, 170, 2)).castTo(type);
        for (Accuracy accuracy : Accuracy.values()) {
            Svd svd = TruncatedSvd.of(m, 20, accuracy);
            assertOrthonormal(svd, 1e-12);
            assertEquals(5, svd.countAbove(1e-6), accuracy.toString());
            assertArrayEquals(gesvdValues(m.castTo(DataType.DOUBLE), 5), Arrays.copyOf(svd.s(), 5), 1e-5 * svd.s()[4]);
        }
        INDArray one = Nd4j.zeros(type, 200, 170);
        one.putScalar(17, 3, -2);
        for (Accuracy accuracy : Accuracy.values()) {
            Svd svd = TruncatedSvd.of(one, 4, accuracy);
            assertOrthonormal(svd, 1e-12);
            assertEquals(2, svd.s()[0], 2e-7);
            assertEquals(1, svd.countAbove(1e-6));
            assertEquals(1, svd.u().getDouble(17, 0), 1e-6);
            assertEquals(-1, svd.v().getDouble(3, 0), 1e-6);
        }
    }

    @ParameterizedTest
    @CsvSource({"FAST", "PRECISE"})
    void zeroMatrixGivesZeroValuesAndOrthonormalVectors(Accuracy accuracy) {
        Svd svd = TruncatedSvd.of(Nd4j.zeros(DataType.FLOAT, 200, 150), 3, accuracy);
        assertArrayEquals(new double[3], svd.s());
        assertOrthonormal(svd, 1e-13);
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT,1e-30",
        "FLOAT,1e-15",
        "FLOAT,1e15",
        "FLOAT,1e30",
        "DOUBLE,1e-300",
        "DOUBLE,1e-150",
        "DOUBLE,1e300"
    })
    void extremeSizesNeitherOverflowNorVanish(DataType type, double size) {
        double[] s = values(80, i -> 1.0 / (i + 1));
        INDArray m = withSpectrum(200, 160, s).mul(size).castTo(type);
        for (Accuracy accuracy : new Accuracy[] {Accuracy.FAST, Accuracy.PRECISE}) {
            double[] found = TruncatedSvd.of(m, 8, accuracy).s();
            for (int i = 0; i < 8; i++) {
                assertEquals(s[i], found[i] / size, 1e-5 * s[i]);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"FAST", "PRECISE"})
    void runsAreIdenticalSignsFollowTheRuleAndViewsWork(Accuracy accuracy) {
        double[] s = values(80, i -> 1.0 / (i + 1));
        INDArray big = matrix(260, 240, s, 'c');
        INDArray view = big.get(NDArrayIndex.interval(3, 203), NDArrayIndex.interval(5, 205));
        Svd first = TruncatedSvd.of(view, 7, accuracy);
        Svd second = TruncatedSvd.of(view.dup('c'), 7, accuracy);
        assertArrayEquals(first.s(), second.s());
        assertEquals(0, distance(first.u(), second.u()));
        assertEquals(0, distance(first.v(), second.v()));
        for (INDArray m : new INDArray[] {view, view.transpose(), matrix(160, 300, s, 'f')}) {
            Svd svd = TruncatedSvd.of(m, 7, accuracy);
            for (int i = 0; i < 7; i++) {
                INDArray u = svd.u().getColumn(i);
                assertEquals(u.maxNumber().doubleValue(), u.amaxNumber().doubleValue(), "vector " + i);
            }
        }
    }

    @Test
    void refusesWhatIsNotFinite() {
        INDArray m = gaussian(200, 150, 1).castTo(DataType.FLOAT);
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            m.putScalar(20, 30, bad);
            for (Accuracy accuracy : Accuracy.values()) {
                assertThrows(IllegalArgumentException.class, () -> TruncatedSvd.of(m, 4, accuracy));
            }
        }
        assertThrows(IllegalArgumentException.class, () -> TruncatedSvd.of(gaussian(200, 150, 1), 0, Accuracy.PRECISE));
    }
}

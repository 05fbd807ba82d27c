package io.lora4j.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SpectrumTest {
    private static INDArray gaussian(int rows, int columns) {
        Random random = new Random(5);
        double[] values = random.doubles((long) rows * columns)
                .map(unused -> random.nextGaussian())
                .toArray();
        return Nd4j.createFromArray(values).reshape('c', rows, columns);
    }

    @ParameterizedTest
    @CsvSource({"30,20,1", "20,30,1", "20,20,1e-25", "1,7,1", "150,9,1e30"})
    void isThatOfTheExactDecomposition(int rows, int columns, double scale) {
        INDArray matrix = gaussian(rows, columns).muli(scale);
        int n = Math.min(rows, columns);
        double[] exact = TruncatedSvd.of(matrix, n).s();
        assertArrayEquals(exact, Spectrum.of(matrix).values(), 1e-10 * exact[0]);
    }

    @Test
    void whatIsBelowTheSquareRootOfRoundingIsZero() {
        double[] diagonal = {3, 1e-3, 1e-9, 0};
        double[] values = Spectrum.of(Nd4j.diag(Nd4j.createFromArray(diagonal))).values();
        assertArrayEquals(new double[] {3, 1e-3, 0, 0}, values, 1e-12);
        assertArrayEquals(
                new double[3], Spectrum.of(Nd4j.zeros(DataType.FLOAT, 3, 4)).values());
    }

    /** Values by hand: entropy of (1/2, 1/4, 1/4) is 1.5 ln 2. */
    @Test
    void ranks() {
        assertEquals(Math.pow(2, 1.5), new Spectrum(new double[] {2, 1, 1, 0}).effectiveRank(), 1e-14);
        assertEquals(1.5, new Spectrum(new double[] {2, 1, 1, 0}).stableRank(), 1e-14);
        assertEquals(3, new Spectrum(new double[] {1e-200, 1e-200, 1e-200}).stableRank(), 1e-14);
        assertEquals(3, new Spectrum(new double[] {7, 7, 7}).effectiveRank(), 1e-14);
        Spectrum zero = new Spectrum(new double[3]);
        assertEquals(0, zero.effectiveRank());
        assertEquals(0, zero.stableRank());
    }

    @Test
    void refusesWhatIsNotFinite() {
        INDArray matrix = gaussian(3, 3).putScalar(1, 1, Double.NaN);
        assertThrows(IllegalArgumentException.class, () -> Spectrum.of(matrix));
        assertThrows(IllegalArgumentException.class, () -> Spectrum.of(Nd4j.zeros(2, 2, 2)));
        assertEquals(2, Arrays.stream(Spectrum.of(Nd4j.eye(2)).values()).sum(), 1e-12);
    }
}

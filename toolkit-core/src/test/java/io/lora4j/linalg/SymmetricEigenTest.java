package io.lora4j.linalg;

import static io.lora4j.golden.Golden.distance;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SymmetricEigenTest {
    private static INDArray gaussian(int rows, int columns, long seed) {
        Random random = new Random(seed);
        double[] values = new double[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        return Nd4j.createFromArray(values).reshape('c', rows, columns);
    }

    private static INDArray gram(INDArray x) {
        return x.transpose().mmul(x);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 32})
    void theInverseTimesTheDampedMatrixIsTheIdentity(int n) {
        INDArray m = gram(gaussian(2 * n, n, 1));
        INDArray product = SymmetricEigen.of(m)
                .inverse(0.01)
                .mmul(m.add(Nd4j.eye(n).castTo(DataType.DOUBLE).mul(0.01)));
        assertEquals(0, distance(Nd4j.eye(n).castTo(DataType.DOUBLE), product), 1e-10);
    }

    @Test
    void withoutDampingASingularMatrixGetsItsPseudoInverse() {
        INDArray x = gaussian(2, 5, 1);
        INDArray m = gram(x);
        INDArray inverse = SymmetricEigen.of(m).inverse(0);
        assertEquals(0, distance(m, m.mmul(inverse).mmul(m)), 1e-12);
        assertEquals(0, distance(inverse, inverse.mmul(m).mmul(inverse)), 1e-12);
        assertEquals(0, distance(m.mul(0), SymmetricEigen.of(m.mul(0)).inverse(0)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16})
    void theSylvesterEquationHolds(int n) {
        INDArray m = gram(gaussian(n + 2, n, 1));
        INDArray k = gram(gaussian(n + 4, n + 1, 2));
        INDArray c = gaussian(n, n + 1, 3);
        INDArray x = SymmetricEigen.of(m).solveSylvester(SymmetricEigen.of(k), c);
        assertEquals(0, distance(c, m.mmul(x).add(x.mmul(k))), 1e-11);
    }

    @Test
    void theSylvesterEquationOfZeroMatricesGivesZero() {
        SymmetricEigen zero = SymmetricEigen.of(Nd4j.zeros(DataType.DOUBLE, 2, 2));
        INDArray x = zero.solveSylvester(zero, Nd4j.zeros(DataType.DOUBLE, 2, 2));
        assertEquals(0, x.amaxNumber().doubleValue());
    }

    @Test
    void wrongArgumentsAreRefused() {
        INDArray m = gram(gaussian(3, 2, 1));
        assertThrows(IllegalArgumentException.class, () -> SymmetricEigen.of(gaussian(3, 2, 1)));
        assertThrows(IllegalArgumentException.class, () -> SymmetricEigen.of(m).inverse(-1));
        assertThrows(ArithmeticException.class, () -> SymmetricEigen.of(m.putScalar(0, 1, Double.NaN)));
    }
}

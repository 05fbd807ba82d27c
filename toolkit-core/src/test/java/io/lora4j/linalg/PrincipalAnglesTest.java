package io.lora4j.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Subspaces that are made to lie at known angles. */
class PrincipalAnglesTest {
    private static final double[] ANGLES = {1e-9, 1e-4, 0.3, Math.PI / 4, 1.2, Math.PI / 2};
    private static final int SPACE = 40;

    private static INDArray gaussian(int rows, int columns, long seed) {
        Random random = new Random(seed);
        double[] values = random.doubles((long) rows * columns)
                .map(unused -> random.nextGaussian())
                .toArray();
        return Nd4j.createFromArray(values).reshape('c', rows, columns);
    }

    private static INDArray orthonormal(int rows, int columns, long seed) {
        return TruncatedSvd.of(gaussian(rows, columns, seed), columns).u();
    }

    private static INDArray columns(INDArray matrix, int from, int to) {
        return matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to)).dup('f');
    }

    /** The second of two subspaces: each direction of the first turned by its angle, towards one that is orthogonal to all of them. */
    private static INDArray turned(INDArray space) {
        int k = ANGLES.length;
        INDArray cosines =
                Nd4j.createFromArray(Arrays.stream(ANGLES).map(Math::cos).toArray());
        INDArray sines =
                Nd4j.createFromArray(Arrays.stream(ANGLES).map(Math::sin).toArray());
        return columns(space, 0, k)
                .mulRowVector(cosines)
                .add(columns(space, k, 2 * k).mulRowVector(sines));
    }

    @Test
    void knownAnglesInAnyBasis() {
        int k = ANGLES.length;
        INDArray space = orthonormal(SPACE, 2 * k, 3);
        INDArray first = columns(space, 0, k).mmul(orthonormal(k, k, 4));
        INDArray second = turned(space).mmul(orthonormal(k, k, 5));
        assertArrayEquals(ANGLES, PrincipalAngles.between(first, second), 1e-13);
        assertArrayEquals(ANGLES, PrincipalAngles.between(second, first), 1e-13);
    }

    @Test
    void aSmallerSubspaceHasFewerAngles() {
        int k = ANGLES.length;
        INDArray space = orthonormal(SPACE, 2 * k, 6);
        INDArray some = columns(turned(space), 2, 5);
        double[] expected = Arrays.copyOfRange(ANGLES, 2, 5);
        assertArrayEquals(expected, PrincipalAngles.between(columns(space, 0, k), some), 1e-13);
        assertArrayEquals(expected, PrincipalAngles.between(some, columns(space, 0, k)), 1e-13);
    }

    @Test
    void aBasisSpansTheColumnsAndNoMore() {
        INDArray two = gaussian(SPACE, 2, 7);
        INDArray five = two.mmul(gaussian(2, 5, 8)).muli(1e-20).castTo(DataType.FLOAT);
        INDArray scaled = two.mmul(gaussian(2, 5, 8)).muli(1e-3).castTo(DataType.FLOAT);
        assertEquals(2, Objects.requireNonNull(PrincipalAngles.basis(five)).columns());
        INDArray basis = Objects.requireNonNull(PrincipalAngles.basis(scaled));
        assertEquals(2, basis.columns());
        assertArrayEquals(
                new double[2],
                PrincipalAngles.between(basis, Objects.requireNonNull(PrincipalAngles.basis(two))),
                1e-6);
        assertNull(PrincipalAngles.basis(Nd4j.zeros(DataType.FLOAT, 5, 2)));
    }

    @Test
    void refusesDifferentSpaces() {
        INDArray a = orthonormal(5, 2, 9);
        INDArray b = orthonormal(6, 2, 9);
        assertThrows(IllegalArgumentException.class, () -> PrincipalAngles.between(a, b));
    }
}

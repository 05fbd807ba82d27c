package io.lora4j.linalg;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Subspace iteration with a Chebyshev filter for the leading right singular vectors of a float32 matrix X [m, n]: blocks of b columns run
 * through polynomials of C = X^T X and are made orthonormal in float64.
 *
 * <p>The first two rounds apply C once and C^2, as the randomised range finder does (Halko, Martinsson and Tropp, SIAM Review 53, 2011,
 * algorithm 4.4). From then on the smallest eigenvalue c that the block sees is known, and a round applies the Chebyshev polynomial
 * T_2(2 C / c - 1) (Zhou, Saad, Tiago and Chelikowsky, J. Comput. Phys. 219, 2006): at most 1 on [0, c], where all that is unwanted
 * lies, and about 8 (lambda / c)^2 above, so that a round gains several times what two applications of C do.
 *
 * <p>The start is a fixed pseudo-random block, so the result depends on nothing but X, k, b and the arithmetic underneath. A column's own
 * products are exact to 1e-7 of sigma_1: vectors are lost in rounding below about 1e-4 sigma_1. Not thread-safe.
 */
final class ChebyshevIteration {
    private static final long SEED = 0x10ca1L;
    /** What is left of a vector in float32 after it was amplified that much less than another one, would be rounding. */
    private static final double GREATEST_SPREAD = 1e5;
    /** The least usable square of a singular value. */
    private static final double LEAST = 1e-24;

    private final GramOperator operator;
    private final int wanted;
    private final INDArray block;
    private final INDArray filtered;
    private CholeskyQr basis;
    /** The largest, the k-th and the smallest eigenvalue of C that the block sees, roughly. */
    private double largest;

    private double last;
    private double smallest;

    /**
     * Takes the first two rounds: three applications of C.
     *
     * @param x [m, n], float32; only read
     * @param wanted k
     * @param size b, k to n
     */
    ChebyshevIteration(INDArray x, int wanted, int size) {
        this.operator = new GramOperator(x, size);
        this.wanted = wanted;
        this.block = operator.newBlock();
        this.filtered = operator.newBlock();
        randomise(block);
        operator.apply(block, 1, 0, filtered);
        this.basis = CholeskyQr.of(filtered);
        double[] seen = basis.diagonal();
        // A column of uniform numbers has the squared length n / 3.
        this.largest = seen[0] / Math.sqrt(x.columns() / 3.0);
        if (usable()) {
            power(seen[size - 1] * GREATEST_SPREAD < seen[0] ? 1 : 2);
        }
    }

    private static void randomise(INDArray block) {
        SplittableRandom random = new SplittableRandom(SEED);
        float[] values = new float[Math.toIntExact(block.length())];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt() * 0x1p-31f;
        }
        block.assign(Nd4j.createFromArray(values).reshape(block.ordering(), block.shape()));
    }

    /** Whether X is neither zero, nor so large or small that float32 products of four factors overflow or vanish, nor not finite. */
    boolean usable() {
        return largest > LEAST && largest < 1 / LEAST;
    }

    private void power(int degree) {
        double scale = largest;
        block.assign(basis.q());
        operator.apply(block, 1 / scale, 0, filtered);
        if (degree == 2) {
            block.assign(filtered);
            operator.apply(block, 1 / scale, 0, filtered);
        }
        basis = CholeskyQr.of(filtered);
        double[] seen = basis.diagonal().clone();
        Arrays.sort(seen);
        int b = seen.length;
        largest = scale * Math.pow(seen[b - 1], 1.0 / degree);
        last = scale * Math.pow(seen[b - wanted], 1.0 / degree);
        // The floor keeps polynomials of c finite where the matrix has a lower rank than the block.
        smallest = Math.max(scale * Math.pow(seen[0], 1.0 / degree), largest * 1e-8);
    }

    /**
     * By how much a round reduces what is wrong with the k-th vector, roughly.
     *
     * @return T_2(2 lambda_k / c - 1), at least 1
     */
    double gain() {
        double x = Math.max(2 * last / smallest - 1, 1);
        return degree() == 2 ? 2 * x * x - 1 : x;
    }

    private int degree() {
        return largest > GREATEST_SPREAD * smallest ? 1 : 2;
    }

    /** The square of a singular value below which vectors are not amplified. */
    double cut() {
        return smallest;
    }

    /** One round: two applications of C, or one where the block's spectrum spans too much for float32. */
    void round() {
        block.assign(basis.q());
        filtered.assign(block);
        operator.apply(block, 2 / smallest, -1, filtered);
        if (degree() == 2) {
            INDArray first = filtered.dup(filtered.ordering());
            filtered.muli(2).addi(block);
            operator.apply(first, 4 / smallest, -1, filtered);
        }
        basis = CholeskyQr.of(filtered);
    }

    /** The orthonormal block, [n, b], float64, 'f' order, some columns zero if X has a lower rank than b. */
    INDArray basis() {
        return basis.q();
    }

    /** X^T u, a new float32 array. */
    INDArray transposeTimes(INDArray u) {
        return operator.transposeTimes(u);
    }

    /** X times the block, [m, b], as a new float64 array. */
    INDArray image() {
        block.assign(basis.q());
        return operator.times(block).castTo(DataType.DOUBLE);
    }
}

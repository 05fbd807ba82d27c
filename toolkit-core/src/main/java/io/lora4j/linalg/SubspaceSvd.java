package io.lora4j.linalg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Leading singular triplets by {@link ChebyshevIteration} in float32: with {@link #fast} as they come, with {@link #precise} after one
 * more step in float64 whose residuals say how good they are. A second round of the latter works on what is left without the triplets
 * found, where the spectrum spans more than a factor 1000.
 */
final class SubspaceSvd {
    /** Below this fraction of the first one singular values are lost in the rounding of float32 products. */
    private static final double FAST_RANGE = 1e-5;
    /** Singular values of one precise round lie within this factor. */
    private static final double ROUND_RANGE = 1e-3;
    /** The rounding of a float32 matrix, relative to its largest singular value. */
    private static final double NOISE = 1e-7;
    /** Relative error of a singular value as its residual tells it, for the vectors' sake smaller than promised. */
    private static final double TOLERANCE = 1e-7;
    /** The error of a vector that the first estimate of the number of rounds aims at. */
    private static final double AIM = 1e-4;

    private static final int MOST_ROUNDS = 24;

    /** A block has the wanted columns and half as many more. */
    private static final int SPARE = 8;

    private SubspaceSvd() {}

    /** Columns of the block for k wanted triplets. */
    static int blockSize(int k) {
        return k + Math.max(SPARE, k / 2);
    }

    /**
     * @param x [m, n], float32, its size such that the fourth power of its norm neither overflows nor vanishes
     * @return null if k reaches into what float32 cannot tell
     */
    static @Nullable Svd fast(INDArray x, int k) {
        ChebyshevIteration iteration = new ChebyshevIteration(x, k, blockSize(k));
        if (iteration.nothing()) {
            return null;
        }
        int rounds = blockSize(k) < 2 * k ? 2 : 1;
        for (int i = 0; i < rounds; i++) {
            iteration.round();
        }
        INDArray y = iteration.image();
        ColumnRotation rotation = ColumnRotation.of(y, k);
        double[] s = rotation.s();
        if (s[k - 1] < FAST_RANGE * s[0]) {
            return null;
        }
        return new Svd(rotation.normalised(y), s, rotation.turned(iteration.basis()));
    }

    /**
     * @param x [m, n], float64, its largest entry near 1
     * @return up to k triplets, fewer if the rest is rounding; null if it did not converge
     */
    static @Nullable Svd precise(INDArray x, int k) {
        List<Svd> parts = new ArrayList<>();
        INDArray rest = x;
        double first = 0;
        int found = 0;
        while (found < k) {
            Svd part = leading(rest, k - found, first);
            if (part == null) {
                return null;
            }
            double largest = part.s()[0];
            if (largest <= Math.max(x.rows(), x.columns()) * Math.ulp(1.0) * first || largest == 0) {
                break;
            }
            first = Math.max(first, largest);
            parts.add(part);
            found += part.s().length;
            if (found < k) {
                rest = without(rest == x ? x.dup() : rest, part);
            }
        }
        return parts.isEmpty()
                ? new Svd(Nd4j.empty(DataType.DOUBLE), new double[0], Nd4j.empty(DataType.DOUBLE))
                : joined(parts);
    }

    private static INDArray without(INDArray rest, Svd part) {
        INDArray u = part.u();
        INDArray v = part.v();
        rest.subi(u.mmul(u.transpose().mmul(rest)));
        return rest.subi(rest.mmul(v).mmul(v.transpose()));
    }

    private static Svd joined(List<Svd> parts) {
        INDArray[] u = parts.stream().map(Svd::u).toArray(INDArray[]::new);
        INDArray[] v = parts.stream().map(Svd::v).toArray(INDArray[]::new);
        double[] s =
                parts.stream().flatMapToDouble(part -> Arrays.stream(part.s())).toArray();
        // Nearly orthonormal already: this takes the last digits.
        return new Svd(
                CholeskyQr.of(Nd4j.hstack(u)).q(),
                s,
                CholeskyQr.of(Nd4j.hstack(v)).q());
    }

    /** The leading triplets within {@link #ROUND_RANGE}, at most k, at least one; null if they did not converge. */
    private static @Nullable Svd leading(INDArray rest, int k, double first) {
        int size = Math.min(blockSize(k), rest.columns());
        double scale = rest.amaxNumber().doubleValue();
        if (scale == 0) {
            return new Svd(rest, new double[1], rest);
        }
        // What is left after a first round may be as small as that round's rounding.
        double unit = scale < NOISE ? scale : 1;
        INDArray x = (unit == 1 ? rest : rest.div(unit)).castTo(DataType.FLOAT);
        ChebyshevIteration iteration = new ChebyshevIteration(x, k, size);
        int rounds = (int) Math.ceil(-Math.log(AIM) / Math.log(Math.max(iteration.gain(), 1.5)));
        for (int done = 0; done < MOST_ROUNDS; rounds = 2) {
            for (int i = 0; i < rounds; i++, done++) {
                iteration.round();
            }
            Svd triplets = refined(rest, iteration, unit, k, first);
            if (triplets != null) {
                return triplets;
            }
        }
        return null;
    }

    /** One step in float64 from the iteration's block; null if a residual is too large. */
    private static @Nullable Svd refined(
            INDArray rest, ChebyshevIteration iteration, double unit, int k, double first) {
        ColumnRotation ritz = ColumnRotation.of(iteration.image(), k);
        INDArray v = CholeskyQr.of(ritz.turned(iteration.basis())).q();
        INDArray y = rest.mmul(v);
        ColumnRotation rotation = ColumnRotation.of(y, k);
        INDArray u = CholeskyQr.of(rotation.normalised(y)).q();
        INDArray z = rest.transpose().mmul(u);
        double[] s = rotation.s();
        INDArray residual = z.sub(rotation.turned(v).muliRowVector(Nd4j.createFromArray(s)));
        double[] squares = residual.mul(residual).sum(0).data().asDouble();
        double cut = unit * Math.sqrt(iteration.cut());
        int count = 0;
        double largest = Math.max(first, s[0]);
        while (count < k && s[count] >= ROUND_RANGE * s[0]) {
            double relative = squares[count] / (s[count] * s[count]) / 2;
            double gap = 1 - Math.min(cut * cut / (s[count] * s[count]), 0.99);
            if (s[count] > NOISE * largest && relative / gap > TOLERANCE) {
                return null;
            }
            count++;
        }
        INDArray right = leading(z, count);
        ColumnRotation last = ColumnRotation.of(right, count);
        return new Svd(last.turned(leading(u, count)), last.s(), last.normalised(right));
    }

    private static INDArray leading(INDArray columns, int count) {
        return count == columns.columns()
                ? columns
                : columns.get(NDArrayIndex.all(), NDArrayIndex.interval(0, count))
                        .dup('f');
    }
}

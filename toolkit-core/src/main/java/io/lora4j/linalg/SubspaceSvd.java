package io.lora4j.linalg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Leading singular triplets by {@link ChebyshevIteration} in float32: with {@link #fast} as they come after a fixed number of rounds, with
 * {@link #precise} once their residuals are small. Where the wanted part of the spectrum spans more than a factor 500, precise takes it in
 * parts and goes on with what is left without the triplets found.
 */
final class SubspaceSvd {
    /** Singular values of one part lie within this factor, so that the rounding of float32 products stays far below 1e-5 of each. */
    private static final double RANGE = 2e-3;
    /** The rounding of a float32 matrix, relative to its largest singular value: smaller ones are nobody's. */
    static final double NOISE = 1e-7;
    /** Relative error of a singular value as its residual tells it. */
    private static final double TOLERANCE = 1e-6;
    /** The factor by which the filter shall reduce errors before residuals are looked at. */
    private static final double AIM = 3e-3;

    private static final int MOST_ROUNDS = 24;
    /** How many columns more than wanted a block has at least. */
    private static final int SPARE = 8;

    private SubspaceSvd() {}

    /** Columns of the block for k wanted triplets. */
    static int blockSize(int k) {
        return k + Math.max(SPARE, k / 2);
    }

    /**
     * Triplets after a fixed number of rounds.
     *
     * @param x [m, n], float32
     * @return k triplets; null if they cannot be told apart from rounding, or x is of a size that float32 does not bear
     */
    static @Nullable Svd fast(INDArray x, int k) {
        ChebyshevIteration iteration = new ChebyshevIteration(x, k, blockSize(k));
        if (!iteration.usable()) {
            return null;
        }
        int rounds = blockSize(k) < 2 * k ? 2 : 1;
        for (int i = 0; i < rounds; i++) {
            iteration.round();
        }
        INDArray y = iteration.image();
        ColumnRotation rotation = ColumnRotation.of(y, k);
        double[] s = rotation.s();
        return s[k - 1] < RANGE * s[0] ? null : new Svd(rotation.normalised(y), s, rotation.turned(iteration.basis()));
    }

    /**
     * Triplets whose residuals are small.
     *
     * @param x [m, n], float32
     * @return k triplets, fewer if the rest is rounding; null if they did not converge, or x is of a size that float32 does not bear
     */
    static @Nullable Svd precise(INDArray x, int k) {
        List<Svd> parts = new ArrayList<>();
        INDArray part = x;
        INDArray rest = x;
        double first = 0;
        int found = 0;
        while (true) {
            Svd triplets = leading(part, k - found, first);
            if (triplets == null) {
                return null;
            }
            parts.add(triplets);
            found += triplets.s().length;
            if (found == k) {
                return joined(parts);
            }
            first = Math.max(first, triplets.s()[0]);
            rest = without(rest == x ? x.castTo(DataType.DOUBLE) : rest, triplets);
            double size = rest.amaxNumber().doubleValue();
            if (size <= Math.ulp(1.0) * first) {
                return joined(parts);
            }
            part = rest.castTo(DataType.FLOAT);
        }
    }

    /** rest becomes (I - U U^T) rest (I - V V^T). */
    private static INDArray without(INDArray rest, Svd found) {
        INDArray u = found.u();
        INDArray v = found.v();
        rest.subi(u.mmul(u.transpose().mmul(rest)));
        return rest.subi(rest.mmul(v).mmul(v.transpose()));
    }

    private static Svd joined(List<Svd> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        INDArray[] u = parts.stream().map(Svd::u).toArray(INDArray[]::new);
        INDArray[] v = parts.stream().map(Svd::v).toArray(INDArray[]::new);
        double[] s =
                parts.stream().flatMapToDouble(part -> Arrays.stream(part.s())).toArray();
        // Parts are orthogonal to each other nearly: this takes the last digits.
        return new Svd(
                CholeskyQr.of(Nd4j.hstack(u)).q(),
                s,
                CholeskyQr.of(Nd4j.hstack(v)).q());
    }

    /** The leading triplets within {@link #RANGE}, at most k, at least one; null if they did not converge. */
    private static @Nullable Svd leading(INDArray x, int k, double first) {
        ChebyshevIteration iteration = new ChebyshevIteration(x, k, Math.min(blockSize(k), x.columns()));
        if (!iteration.usable()) {
            return null;
        }
        int rounds = (int) Math.max(1, Math.ceil(-Math.log(AIM) / Math.log(Math.max(iteration.gain(), 1.5))));
        for (int done = 0; done < MOST_ROUNDS; rounds = 2) {
            for (int i = 0; i < rounds; i++) {
                iteration.round();
            }
            done += rounds;
            Svd triplets = checked(iteration, k, first);
            if (triplets != null) {
                return triplets;
            }
        }
        return null;
    }

    /** Rayleigh-Ritz in the iteration's block; null if a residual is too large. */
    private static @Nullable Svd checked(ChebyshevIteration iteration, int k, double first) {
        INDArray y = iteration.image();
        ColumnRotation all = ColumnRotation.of(y, k);
        int count = 1;
        while (count < k && all.s()[count] >= RANGE * all.s()[0]) {
            count++;
        }
        ColumnRotation rotation = all.first(count);
        double[] s = rotation.s();
        INDArray u = CholeskyQr.of(rotation.normalised(y)).q();
        INDArray v = rotation.turned(iteration.basis());
        INDArray residual = iteration.transposeTimes(u).subi(v.mulRowVector(Nd4j.createFromArray(s)));
        double[] lengths = residual.norm2(0).castTo(DataType.DOUBLE).data().asDouble();
        for (int i = 0; i < count; i++) {
            double ratio = lengths[i] / s[i];
            double outside = Math.min(iteration.cut() / (s[i] * s[i]), 0.99);
            if (s[i] > NOISE * first && ratio * ratio / 2 / (1 - outside) > TOLERANCE) {
                return null;
            }
        }
        return new Svd(u, s, v);
    }
}

package io.lora4j.init;

import io.lora4j.linalg.Accuracy;
import io.lora4j.linalg.Svd;
import io.lora4j.linalg.TruncatedSvd;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * LoRA-GA in its authors' form (Wang, Yu and Li, NeurIPS 2024, arXiv 2407.05000; repository Outsider565/LoRA-GA,
 * {@code peft/src/peft/tuners/lora/layer.py}): A and B are different singular directions of the gradient, and the frozen weight is
 * shifted so that the network's output is unchanged.
 *
 * <p>With G = L diag(sigma) R^T (L [in, 2r] on the input side, R [out, 2r] on the output side, W [in, out]) and index sets I_A, I_B of
 * {@link Direction}:
 *
 * <pre>  A = f L[:, I_A],   B = f R[:, I_B]^T,   W becomes W - s A B</pre>
 *
 * with f of {@link Scale}. The shift is computed in float64 from A and B as rounded to the weight's type, so that it cancels what the
 * layer will really add.
 *
 * <p>A and B take different singular pairs, so A B depends on the signs of the singular vectors: they follow the rule of {@link Svd}
 * applied to R.
 *
 * <p><b>Gradients of rank below 2r.</b> Singular vectors beyond the rank (sigma_i / sigma_1 below 1e-6) are arbitrary null-space
 * vectors: they say nothing about the task, yet would be shifted out of W and depend on the SVD routine. To first order a factor
 * moves by the gradient seen through the other: dA = -s G B^T and dB = -s A^T G, and a null-space vector lets nothing through. So with
 * {@link Refill#KAIMING}, pair by pair: if one side is a null-space vector it becomes zero, which leaves the first step of the other
 * side as it was and takes the arbitrary direction away; if both are, neither would move, and the pair gets the plain LoRA start, a
 * Kaiming column of A (drawn pair by pair in ascending order) and a zero row of B. In all cases the pair adds nothing to A B.
 * {@link Refill#NONE} keeps the arbitrary vectors, as the authors' code does. The report counts both kinds as dead pairs.
 *
 * <p>A gradient that is zero or not finite gives the plain LoRA start without a shift; the report says so.
 */
public final class LoraGaInit extends GradientInitializer {
    /** The name reports print. */
    public static final String NAME = "lora-ga";
    /** The authors' default of {@code stable_gamma}. */
    public static final double DEFAULT_GAMMA = 16;

    /** Which singular directions A and B take; the names are the authors', in the paper's orientation, counted from 1. */
    public enum Direction {
        /** A from pairs 1..r, B from pairs r+1..2r; the authors' default. */
        ARB2R,
        /** A from pairs r+1..2r, B from pairs 1..r. */
        A2RBR,
        /** A from pairs 2, 4, ..., 2r, B from pairs 1, 3, ..., 2r-1. */
        ARBR,
        /** A and B share pairs 1..2r between them at random, from the layer's stream, drawn before any refill. */
        RANDOM;

        IndexPairs pick(int rank, RandomGenerator random) {
            return switch (this) {
                case ARB2R -> new IndexPairs(indices(rank, 0, 1), indices(rank, rank, 1));
                case A2RBR -> new IndexPairs(indices(rank, rank, 1), indices(rank, 0, 1));
                case ARBR -> new IndexPairs(indices(rank, 1, 2), indices(rank, 0, 2));
                case RANDOM -> IndexPairs.randomSplit(rank, random);
            };
        }

        private static int[] indices(int rank, int first, int step) {
            return IntStream.range(0, rank).map(i -> first + step * i).toArray();
        }
    }

    /** The factor f that multiplies both A and B. */
    public enum Scale {
        /** 1. */
        UNIT,
        /** out^(1/4) / sqrt(gamma); the authors' default. */
        STABLE,
        /** 1 / s. */
        GD,
        /** The mean over i = 1..r of sqrt(sigma_i(W) / s) ({@code weightS}). */
        WEIGHTS
    }

    private final Direction direction;
    private final Scale scale;
    private final double gamma;

    /** The authors' defaults: ARB2R, STABLE, gamma 16; dead pairs refilled. */
    public LoraGaInit() {
        this(Direction.ARB2R, Scale.STABLE, DEFAULT_GAMMA);
    }

    /**
     * Dead pairs refilled.
     *
     * @param direction which singular directions A and B take
     * @param scale their size
     * @param gamma divisor of {@link Scale#STABLE}, greater than 0; other scales do not look at it
     */
    public LoraGaInit(Direction direction, Scale scale, double gamma) {
        this(direction, scale, gamma, Refill.KAIMING);
    }

    /**
     * All settings.
     *
     * @param direction which singular directions A and B take
     * @param scale their size
     * @param gamma divisor of {@link Scale#STABLE}, greater than 0; other scales do not look at it
     * @param refill what happens to pairs with null-space vectors
     * @throws IllegalArgumentException if gamma is out of range
     */
    public LoraGaInit(Direction direction, Scale scale, double gamma, Refill refill) {
        super(NAME, 2, refill);
        this.direction = direction;
        this.scale = scale;
        this.gamma = positive("LoRA-GA's gamma", gamma);
    }

    @Override
    InitialAdapter start(InitContext context, Svd svd) {
        double f = factor(context);
        IndexPairs indices = direction.pick(context.rank(), context.random());
        SingularPairs pairs = SingularPairs.of(context, svd, indices, i -> f, i -> f, refill);
        return finish(context, svd, pairs, true, null, pairs.noteOfSides(context.rank(), refill));
    }

    private double factor(InitContext context) {
        return switch (scale) {
            case UNIT -> 1;
            case STABLE -> Math.pow(context.weight().columns(), 0.25) / Math.sqrt(gamma);
            case GD -> 1 / context.scaling();
            case WEIGHTS ->
                Arrays.stream(TruncatedSvd.of(context.weight(), context.rank(), Accuracy.PRECISE)
                                .s())
                        .map(sigma -> Math.sqrt(sigma / context.scaling()))
                        .average()
                        .orElseThrow();
        };
    }
}

package io.lora4j.init;

import io.lora4j.linalg.Svd;
import io.lora4j.linalg.TruncatedSvd;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

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
public final class LoraGaInit implements AdapterInitializer {
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
        ARBR;

        int indexOfA(int i, int rank) {
            return switch (this) {
                case ARB2R -> i;
                case A2RBR -> rank + i;
                case ARBR -> 2 * i + 1;
            };
        }

        int indexOfB(int i, int rank) {
            return switch (this) {
                case ARB2R -> rank + i;
                case A2RBR -> i;
                case ARBR -> 2 * i;
            };
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
    private final Refill refill;

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
        if (!(gamma > 0) || Double.isInfinite(gamma)) {
            throw new IllegalArgumentException("LoRA-GA's gamma must be greater than 0: " + gamma);
        }
        this.direction = direction;
        this.scale = scale;
        this.gamma = gamma;
        this.refill = refill;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean needsGradient() {
        return true;
    }

    /**
     * {@inheritDoc}
     *
     * @return min(in, out) / 2, since A and B take different pairs out of the first 2r
     */
    @Override
    public long maxRank(long in, long out) {
        return Math.min(in, out) / 2;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException also if 2 * rank exceeds min(in, out): there are not enough singular pairs
     */
    @Override
    public InitialAdapter initialize(InitContext context) {
        long limit = Factors.check(context);
        int rank = context.rank();
        if (2L * rank > limit) {
            throw new IllegalArgumentException("layer " + context.layer() + ": LoRA-GA at rank " + rank + " needs "
                    + 2L * rank + " singular pairs of the gradient, but a weight ["
                    + context.weight().size(0) + ", " + context.weight().size(1) + "] has " + limit
                    + ": the rank may be at most " + limit / 2);
        }
        INDArray gradient = Factors.gradientOf(context);
        if (!TruncatedSvd.isFinite(gradient)) {
            return Factors.plainStart(context, NAME, null, "gradient is not finite: plain LoRA start");
        }
        // Transposed, so that the sign rule looks at the output side, as in PEFT's orientation.
        Svd svd = TruncatedSvd.of(gradient.transpose(), 2 * rank);
        if (svd.s()[0] == 0) {
            return Factors.plainStart(context, NAME, 0.0, "gradient is zero: plain LoRA start");
        }
        return build(context, svd);
    }

    private InitialAdapter build(InitContext context, Svd svd) {
        int rank = context.rank();
        int alive = svd.countAbove(Factors.DEAD);
        double f = factor(context);
        INDArray a = Nd4j.create(DataType.DOUBLE, context.weight().size(0), rank);
        INDArray b = Nd4j.create(DataType.DOUBLE, rank, context.weight().size(1));
        int dead = 0;
        int restarted = 0;
        for (int i = 0; i < rank; i++) {
            int ia = direction.indexOfA(i, rank);
            int ib = direction.indexOfB(i, rank);
            boolean keepA = ia < alive || refill == Refill.NONE;
            boolean keepB = ib < alive || refill == Refill.NONE;
            if (keepA) {
                a.putColumn(i, svd.v().getColumn(ia).mul(f));
            } else if (!keepB) {
                a.putColumn(i, Nd4j.createFromArray(Factors.kaiming(context.random(), a.rows(), a.rows())));
                restarted++;
            }
            if (keepB) {
                b.putRow(i, svd.u().getColumn(ib).mul(f));
            }
            dead += ia < alive && ib < alive ? 0 : 1;
        }
        DataType type = context.weight().dataType();
        INDArray roundedA = a.castTo(type);
        INDArray roundedB = b.castTo(type);
        LayerInitReport report = report(context, svd, roundedA, roundedB, dead, note(rank, dead, restarted));
        return new InitialAdapter(roundedA, roundedB, shift(context, roundedA, roundedB), report);
    }

    private static INDArray shift(InitContext context, INDArray a, INDArray b) {
        INDArray product = a.castTo(DataType.DOUBLE).mmul(b.castTo(DataType.DOUBLE));
        return product.muli(-context.scaling()).castTo(context.weight().dataType());
    }

    private double factor(InitContext context) {
        return switch (scale) {
            case UNIT -> 1;
            case STABLE -> Math.pow(context.weight().columns(), 0.25) / Math.sqrt(gamma);
            case GD -> 1 / context.scaling();
            case WEIGHTS ->
                Arrays.stream(TruncatedSvd.of(context.weight(), context.rank()).s())
                        .map(sigma -> Math.sqrt(sigma / context.scaling()))
                        .average()
                        .orElseThrow();
        };
    }

    private @Nullable String note(int rank, int dead, int restarted) {
        if (dead == 0) {
            return null;
        }
        String what = dead + " of " + rank + " pairs reach beyond the gradient's rank: ";
        if (refill == Refill.NONE) {
            return what + "null-space vectors kept";
        }
        return what + restarted + " start as plain LoRA, " + (dead - restarted) + " from one side";
    }

    private static LayerInitReport report(
            InitContext context, Svd svd, INDArray a, INDArray b, int dead, @Nullable String note) {
        return new LayerInitReport(
                context.layer(),
                NAME,
                context.rank(),
                svd.s()[0],
                svd.s()[context.rank() - 1],
                svd.effectiveRank(),
                Factors.relativeUpdate(context, a, b),
                null,
                dead,
                note);
    }
}

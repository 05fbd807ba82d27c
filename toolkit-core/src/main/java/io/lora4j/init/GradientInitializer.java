package io.lora4j.init;

import io.lora4j.linalg.Accuracy;
import io.lora4j.linalg.Svd;
import io.lora4j.linalg.TruncatedSvd;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What the initialisers that decompose the gradient share: the checks, the decomposition, the way out for a gradient without directions,
 * rounding and the report.
 */
abstract class GradientInitializer implements AdapterInitializer {
    private final String name;
    private final int tripletsPerPair;
    final Refill refill;

    /**
     * @param name what reports print
     * @param tripletsPerPair 2 if A and B take different singular triplets, else 1
     * @param refill what happens to dead pairs
     */
    GradientInitializer(String name, int tripletsPerPair, Refill refill) {
        this.name = name;
        this.tripletsPerPair = tripletsPerPair;
        this.refill = refill;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final boolean needsGradient() {
        return true;
    }

    /**
     * {@inheritDoc}
     *
     * @return min(in, out), or half of it where A and B take different singular triplets out of the first 2r
     */
    @Override
    public final long maxRank(long in, long out) {
        return Math.min(in, out) / tripletsPerPair;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException also if the rank exceeds {@link #maxRank}
     */
    @Override
    public final InitialAdapter initialize(InitContext context) {
        long limit = Factors.check(context);
        int triplets = tripletsPerPair * context.rank();
        if (triplets > limit) {
            throw new IllegalArgumentException("layer " + context.layer() + ": " + name + " at rank " + context.rank()
                    + " needs " + triplets + " singular pairs of the gradient, but a weight ["
                    + context.weight().size(0) + ", " + context.weight().size(1) + "] has " + limit
                    + ": the rank may be at most " + limit / tripletsPerPair);
        }
        INDArray gradient = Factors.gradientOf(context);
        if (!TruncatedSvd.isFinite(gradient)) {
            return Factors.plainStart(context, name, null, "gradient is not finite: plain LoRA start");
        }
        // Transposed, so that the sign rule looks at the output side, as in PEFT's orientation.
        Svd svd = TruncatedSvd.of(gradient.transpose(), triplets, Accuracy.PRECISE);
        if (svd.s()[0] == 0) {
            return Factors.plainStart(context, name, 0.0, "gradient is zero: plain LoRA start");
        }
        return start(context, svd);
    }

    /**
     * The factors of one layer.
     *
     * @param svd the leading triplets of +G^T; those of -G^T have the same u and -v
     */
    abstract InitialAdapter start(InitContext context, Svd svd);

    /** Rounds the pairs to the weight's type, shifts the weight by -s A B if asked for, and reports. */
    final InitialAdapter finish(
            InitContext context,
            Svd svd,
            SingularPairs pairs,
            boolean shift,
            @Nullable Double effectiveStep,
            @Nullable String note) {
        DataType type = context.weight().dataType();
        INDArray a = pairs.a().castTo(type);
        INDArray b = pairs.b().castTo(type);
        LayerInitReport report = new LayerInitReport(
                context.layer(),
                name,
                context.rank(),
                svd.s()[0],
                svd.s()[context.rank() - 1],
                svd.effectiveRank(),
                Factors.relativeUpdate(context, a, b),
                effectiveStep,
                pairs.dead(),
                note);
        return new InitialAdapter(a, b, shift ? Factors.shift(context, a, b) : null, report);
    }

    /** Checks a setting that must be greater than 0. */
    static double positive(String what, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + " must be greater than 0: " + value);
        }
        return value;
    }
}

package io.lora4j.init;

import io.lora4j.init.LoraGaInit.Direction;
import io.lora4j.linalg.Accuracy;
import io.lora4j.linalg.Svd;
import io.lora4j.linalg.TruncatedSvd;
import java.util.function.IntToDoubleFunction;

/**
 * LoRA-GA as Hugging Face PEFT ships it since 0.20.1 (huggingface/peft, {@code src/peft/tuners/lora/layer.py}, {@code lora_ga_init}):
 * not the authors' form ({@link LoraGaInit}), since B carries singular values of the gradient and {@link Scale#STABLE} leaves A alone.
 *
 * <p>With G = L diag(sigma) R^T as in {@link LoraGaInit} and index sets I_A, I_B of {@link Direction}:
 *
 * <pre>  A = f_A L[:, I_A],   B = f_B diag(sigma[I_B]) R[:, I_B]^T,   W becomes W - s A B</pre>
 *
 * with f_A and f_B of {@link Scale}. {@link Direction#RANDOM} here means the <em>same</em> r of the first 2r pairs for A and for B. The
 * factors' size depends on the gradient's, so on the loss's scale, except for {@link Scale#WEIGHT_SVD}. Shift, sign rule and the
 * starts for a gradient that is zero or not finite are those of {@link LoraGaInit}; so is the refill, though a dead side of B is
 * (nearly) zero already. Where the pair by which {@link Scale#WEIGHT_SVD} divides is dead, a refilled start divides by the first live one;
 * without refill the layer gets the plain LoRA start if the quotient is not finite.
 */
public final class LoraGaPeftInit extends GradientInitializer {
    /** The name reports print. */
    public static final String NAME = "lora-ga-peft";
    /** PEFT's default of {@code stable_gamma}. */
    public static final double DEFAULT_GAMMA = 16;

    /** The factors f_A and f_B. */
    public enum Scale {
        /** 1 and 1. */
        UNIT,
        /** 1 and out^(1/4) / sqrt(gamma); PEFT's default. */
        STABLE,
        /** 1 / s and 1 / s. */
        GD_SCALE,
        /** 1 and sigma_1(W) / sigma[first of I_B], so that B's first row has the size of W's spectral norm. */
        WEIGHT_SVD
    }

    private final Direction direction;
    private final Scale scale;
    private final double gamma;

    /** PEFT's defaults: ARB2R, STABLE, gamma 16; dead pairs refilled. */
    public LoraGaPeftInit() {
        this(Direction.ARB2R, Scale.STABLE, DEFAULT_GAMMA, Refill.KAIMING);
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
    public LoraGaPeftInit(Direction direction, Scale scale, double gamma, Refill refill) {
        super(NAME, 2, refill);
        this.direction = direction;
        this.scale = scale;
        this.gamma = positive("LoRA-GA's gamma", gamma);
    }

    @Override
    InitialAdapter start(InitContext context, Svd svd) {
        IndexPairs indices = direction.pick(context.rank(), context.random());
        if (direction == Direction.RANDOM) {
            indices = new IndexPairs(indices.ofA(), indices.ofA());
        }
        int[] ofB = indices.ofB();
        double factorOfA = scale == Scale.GD_SCALE ? 1 / context.scaling() : 1;
        double factorOfB = factorOfB(context, svd, ofB);
        if (!Double.isFinite(factorOfB)) {
            String note = "the gradient has no direction to divide by: plain LoRA start";
            return Factors.plainStart(context, NAME, svd.s()[0], note);
        }
        IntToDoubleFunction withSigma = i -> factorOfB * svd.s()[ofB[i]];
        SingularPairs pairs = SingularPairs.of(context, svd, indices, i -> factorOfA, withSigma, refill);
        return finish(context, svd, pairs, true, null, pairs.noteOfSides(context.rank(), refill));
    }

    private double factorOfB(InitContext context, Svd svd, int[] ofB) {
        return switch (scale) {
            case UNIT -> 1;
            case STABLE -> Math.pow(context.weight().columns(), 0.25) / Math.sqrt(gamma);
            case GD_SCALE -> 1 / context.scaling();
            case WEIGHT_SVD ->
                TruncatedSvd.of(context.weight(), 1, Accuracy.PRECISE).s()[0] / divisor(svd, ofB);
        };
    }

    private double divisor(Svd svd, int[] ofB) {
        int alive = svd.countAbove(Factors.DEAD);
        for (int index : ofB) {
            if (refill == Refill.NONE || index < alive) {
                return svd.s()[index];
            }
        }
        // All of B is dead and will be zero: any finite factor will do.
        return 1;
    }
}

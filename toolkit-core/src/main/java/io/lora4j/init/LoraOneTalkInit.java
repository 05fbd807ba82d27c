package io.lora4j.init;

import io.lora4j.linalg.Svd;

/**
 * LoRA-One as its authors' talk had it (Zhang et al., slides of February and March 2025, algorithm 1; repository YuanheZ/LoRA-One,
 * {@code prec_run_exp.py} of February 2025, removed later): the gradient's leading directions at equal size, the frozen weight shifted so
 * that the network's output is unchanged. The final form is {@link LoraOneInit}.
 *
 * <p>With the singular value decomposition of <em>plus</em> the gradient, G = L diag(sigma) R^T (L [in, r], R [out, r], W [in, out]):
 *
 * <pre>  A = f L,   B = f R^T,   W becomes W - s A B,   f = out^(1/4) / sqrt(gamma)</pre>
 *
 * It keeps the gradient's subspace and drops its spectrum. A and B take the same pairs, so A B does not depend on the sign of G or of the
 * singular vectors. Its training step is AdamW behind a preconditioner; the shift makes an exported adapter one of rank 2r.
 *
 * <p>Pairs with sigma_i / sigma_1 below 1e-6 are dead: null-space vectors on both sides, through which no first step passes. {@link
 * Refill#KAIMING} gives them the plain LoRA start, as in {@link LoraOneInit}. A gradient that is zero or not finite gives the plain LoRA
 * start without a shift. The report says so in both cases.
 */
public final class LoraOneTalkInit extends GradientInitializer {
    /** The name reports print. */
    public static final String NAME = "lora-one-talk";
    /** The authors' default of {@code stable_gamma} at that time. */
    public static final double DEFAULT_GAMMA = 16;

    private final double gamma;

    /** The authors' gamma of 16, dead pairs refilled. */
    public LoraOneTalkInit() {
        this(DEFAULT_GAMMA, Refill.KAIMING);
    }

    /**
     * All settings.
     *
     * @param gamma divisor of the factors' size, greater than 0, dimensionless; larger is smaller factors
     * @param refill what happens to dead pairs
     * @throws IllegalArgumentException if gamma is out of range
     */
    public LoraOneTalkInit(double gamma, Refill refill) {
        super(NAME, 1, refill);
        this.gamma = positive("LoRA-One's gamma", gamma);
    }

    @Override
    InitialAdapter start(InitContext context, Svd svd) {
        double f = Math.pow(context.weight().columns(), 0.25) / Math.sqrt(gamma);
        SingularPairs pairs =
                SingularPairs.of(context, svd, IndexPairs.leading(context.rank()), i -> f, i -> f, refill);
        return finish(context, svd, pairs, true, null, pairs.note(context.rank(), "gradient", refill));
    }
}

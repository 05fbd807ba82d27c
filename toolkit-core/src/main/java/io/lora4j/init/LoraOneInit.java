package io.lora4j.init;

import io.lora4j.linalg.Svd;
import java.util.function.IntToDoubleFunction;

/**
 * LoRA-One in its final form (Zhang et al., ICML 2025, arXiv 2502.01235v3, algorithm 1; repository YuanheZ/LoRA-One,
 * {@code run_exp.py}): the adapter starts as one rank-r gradient step.
 *
 * <p>With the singular value decomposition of <em>minus</em> the gradient, -G = L diag(sigma) R^T (L [in, r] on the input side, R
 * [out, r] on the output side, W [in, out]):
 *
 * <pre>  w_i = sqrt(sigma_i / sigma_1) / sqrt(gamma),   A = L diag(w),   B = diag(w) R^T</pre>
 *
 * The frozen weight is left alone, so training starts at W + s A B = W - eta P_r(G) with eta = s / (gamma sigma_1) and P_r the best
 * rank-r approximation. The factors' size does not depend on the gradient's: gamma alone sets the first jump's spectral norm, s /
 * gamma.
 *
 * <p>Pairs with sigma_i / sigma_1 below 1e-6 are dead: both sides are (nearly) zero and would never train. {@link Refill#KAIMING}
 * gives them a Kaiming column of A, drawn pair by pair in ascending order, and a zero row of B; A B is unchanged by that. A gradient
 * that is zero or not finite gives the plain LoRA start. The report says so in both cases. Deterministic but for refilled columns,
 * which come from the context's stream.
 */
public final class LoraOneInit extends GradientInitializer {
    /** The name reports print. */
    public static final String NAME = "lora-one";
    /** The authors' default ({@code stable_gamma} in {@code conf/init/gradient.yaml}). */
    public static final double DEFAULT_GAMMA = 128;

    private final double gamma;

    /** The authors' gamma of 128, dead pairs refilled. */
    public LoraOneInit() {
        this(DEFAULT_GAMMA);
    }

    /**
     * Dead pairs refilled.
     *
     * @param gamma divisor of the first step, greater than 0, dimensionless; larger is a smaller step
     */
    public LoraOneInit(double gamma) {
        this(gamma, Refill.KAIMING);
    }

    /**
     * All settings.
     *
     * @param gamma divisor of the first step, greater than 0, dimensionless; larger is a smaller step
     * @param refill what happens to dead pairs
     * @throws IllegalArgumentException if gamma is out of range
     */
    public LoraOneInit(double gamma, Refill refill) {
        super(NAME, 1, refill);
        this.gamma = positive("LoRA-One's gamma", gamma);
    }

    @Override
    InitialAdapter start(InitContext context, Svd svd) {
        double[] s = svd.s();
        IntToDoubleFunction w = i -> Math.sqrt(s[i] / s[0]) / Math.sqrt(gamma);
        // Of -G, not of G: the right vectors change their sign.
        SingularPairs pairs =
                SingularPairs.of(context, svd, IndexPairs.leading(context.rank()), i -> -w.applyAsDouble(i), w, refill);
        double step = context.scaling() / (gamma * s[0]);
        return finish(context, svd, pairs, false, step, pairs.note(context.rank(), "gradient", refill));
    }
}

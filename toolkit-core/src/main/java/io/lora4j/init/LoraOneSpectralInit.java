package io.lora4j.init;

import io.lora4j.linalg.Svd;
import java.util.function.IntToDoubleFunction;

/**
 * The spectral initialisation of LoRA-One's theory (Zhang et al., arXiv 2502.01235, "Spectral-initialization"; repository
 * YuanheZ/LoRA-One, {@code prec_run_exp.py} of February 2025, direction {@code Spectral-Init}): the adapter starts as the gradient's
 * best rank-r approximation in its own size.
 *
 * <p>With the singular value decomposition of <em>minus</em> the gradient, -G = L diag(sigma) R^T (L [in, r], R [out, r], W [in, out]):
 *
 * <pre>  A = L diag(sqrt(gamma sigma)),   B = diag(sqrt(gamma sigma)) R^T,   A B = gamma P_r(-G)</pre>
 *
 * The frozen weight is left alone, so training starts at W + s A B = W - eta P_r(G) with eta = s gamma; the authors run it with s = 1.
 * Unlike {@link LoraOneInit} gamma multiplies, and the first jump's size follows the gradient's.
 *
 * <p>Dead pairs (sigma_i / sigma_1 below 1e-6), {@link Refill} and gradients that are zero or not finite: as in {@link LoraOneInit}.
 */
public final class LoraOneSpectralInit extends GradientInitializer {
    /** The name reports print. */
    public static final String NAME = "lora-one-spectral";
    /** The authors' default ({@code spec_gamma}). */
    public static final double DEFAULT_GAMMA = 0.01;

    private final double gamma;

    /** The authors' gamma of 0.01, dead pairs refilled. */
    public LoraOneSpectralInit() {
        this(DEFAULT_GAMMA, Refill.KAIMING);
    }

    /**
     * All settings.
     *
     * @param gamma multiplier of the first step, greater than 0, in units of weight per unit of gradient
     * @param refill what happens to dead pairs
     * @throws IllegalArgumentException if gamma is out of range
     */
    public LoraOneSpectralInit(double gamma, Refill refill) {
        super(NAME, 1, refill);
        this.gamma = positive("the spectral initialisation's gamma", gamma);
    }

    @Override
    InitialAdapter start(InitContext context, Svd svd) {
        IntToDoubleFunction w = i -> Math.sqrt(gamma * svd.s()[i]);
        // Of -G, not of G: the right vectors change their sign.
        SingularPairs pairs =
                SingularPairs.of(context, svd, IndexPairs.leading(context.rank()), i -> -w.applyAsDouble(i), w, refill);
        double step = context.scaling() * gamma;
        return finish(context, svd, pairs, false, step, pairs.note(context.rank(), "gradient", refill));
    }
}

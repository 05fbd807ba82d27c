package io.lora4j.init;

import io.lora4j.linalg.Svd;
import io.lora4j.linalg.TruncatedSvd;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

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
public final class LoraOneInit implements AdapterInitializer {
    /** The name reports print. */
    public static final String NAME = "lora-one";
    /** The authors' default ({@code stable_gamma} in {@code conf/init/gradient.yaml}). */
    public static final double DEFAULT_GAMMA = 128;

    private final double gamma;
    private final Refill refill;

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
        if (!(gamma > 0) || Double.isInfinite(gamma)) {
            throw new IllegalArgumentException("LoRA-One's gamma must be greater than 0: " + gamma);
        }
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

    @Override
    public InitialAdapter initialize(InitContext context) {
        Factors.check(context);
        INDArray gradient = Factors.gradientOf(context);
        if (!TruncatedSvd.isFinite(gradient)) {
            return Factors.plainStart(context, NAME, null, "gradient is not finite: plain LoRA start");
        }
        // Transposed, so that the sign rule looks at the output side, as in PEFT's orientation.
        Svd svd = TruncatedSvd.of(gradient.transpose().neg(), context.rank());
        if (svd.s()[0] == 0) {
            return Factors.plainStart(context, NAME, 0.0, "gradient is zero: plain LoRA start");
        }
        int alive = svd.countAbove(Factors.DEAD);
        INDArray weights = weights(svd.s());
        INDArray a = svd.v().mulRowVector(weights);
        INDArray b = svd.u().mulRowVector(weights).transpose();
        if (refill == Refill.KAIMING) {
            refill(context, a, b, alive);
        }
        DataType type = context.weight().dataType();
        return new InitialAdapter(a.castTo(type), b.castTo(type), null, report(context, svd, a, b, alive));
    }

    private INDArray weights(double[] s) {
        double[] w = new double[s.length];
        for (int i = 0; i < s.length; i++) {
            w[i] = Math.sqrt(s[i] / s[0]) / Math.sqrt(gamma);
        }
        return Nd4j.createFromArray(w);
    }

    private static void refill(InitContext context, INDArray a, INDArray b, int alive) {
        int in = a.rows();
        for (int i = alive; i < context.rank(); i++) {
            a.putColumn(i, Nd4j.createFromArray(Factors.kaiming(context.random(), in, in)));
            b.get(NDArrayIndex.point(i), NDArrayIndex.all()).assign(0);
        }
    }

    private LayerInitReport report(InitContext context, Svd svd, INDArray a, INDArray b, int alive) {
        int dead = context.rank() - alive;
        @Nullable String note = null;
        if (dead > 0) {
            note = dead + " of " + context.rank() + " pairs beyond the gradient's rank "
                    + (refill == Refill.KAIMING ? "start as plain LoRA" : "left as they are");
        }
        double sigma1 = svd.s()[0];
        return new LayerInitReport(
                context.layer(),
                NAME,
                context.rank(),
                sigma1,
                svd.s()[context.rank() - 1],
                svd.effectiveRank(),
                Factors.relativeUpdate(context, a, b),
                context.scaling() / (gamma * sigma1),
                dead,
                note);
    }
}

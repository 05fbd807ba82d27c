package io.lora4j.optim;

import io.lora4j.train.UpdateRule;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * LoRA-Pro with Adam: the factors move so that W moves as close as they can to an Adam step of full fine-tuning (Wang et al., ICLR 2025,
 * arXiv 2407.18242; repository mrflogs/LoRA-Pro, {@code lorapro_full_adjustment}).
 *
 * <p>With E(dA, dB) = s (dA B + A dB) the equivalent gradient, P = B B^T, Q = A^T A, and each step:
 *
 * <ol>
 *   <li>g = E of the steps closest to dL/dW, G - (I - P_A) G (I - P_B), computed from dA and dB alone;
 *   <li>Adam's averages of g and g^2, bias-corrected as in torch, give the direction h = m / (sqrt(v) + epsilon);
 *   <li>h seen through the factors, s h B^T and s A^T h, is adjusted: dA' = (s h B^T) P^-1 / s^2 + A X and dB' = Q^-1 (s A^T h) (I - B^T P^-1 B) /
 *       s^2 - X B, with X of the Sylvester equation Q X + X P = -A^T (s h B^T) P^-1 / s^2;
 *   <li>A := A - lr (dA' + decay A), B := B - lr (dB' + decay B).
 * </ol>
 *
 * The inverses are damped by 1e-8. At B = 0 all of this comes to dA' = 0 and dB' = Q^-1 (s A^T h) / s^2, which the published code writes
 * down as a special first step, whatever B is; here a start with B other than 0 gets the general step.
 *
 * <p><b>Memory:</b> the averages are [in, out] for every adapted layer, in the network's type: twice the adapted weights, as in full
 * fine-tuning, and a temporary in float64. The r x r algebra runs in float64. s is the layer's own; the published code has 16/8 written
 * into it. Parameters that are no factors are left to the layers' own updaters.
 *
 * <p>Keeps state: one object serves one training run. Deterministic.
 */
public final class LoraPro extends OwnFactorStep {
    private static final double DAMPING = 1e-8;

    private final double epsilon;

    /** The published betas of 0.9 and 0.999 and epsilon of 1e-8. */
    public LoraPro() {
        this(AdamW.DEFAULT_BETA1, AdamW.DEFAULT_BETA2, AdamW.DEFAULT_EPSILON, UpdateRule.DL4J);
    }

    /**
     * All settings.
     *
     * @param beta1 decay of the average of g, in [0, 1)
     * @param beta2 decay of the average of g^2, in [0, 1)
     * @param epsilon added to the corrected root, greater than 0
     * @param others what is done with parameters that are no factors
     * @throws IllegalArgumentException if a value is out of range
     */
    public LoraPro(double beta1, double beta2, double epsilon, UpdateRule others) {
        super(others, beta1, beta2);
        this.epsilon = GroupedOptimizer.positive("epsilon", epsilon);
    }

    @Override
    void stepFactors(FactorPair pair, INDArray gradA, INDArray gradB, long step, int epoch) {
        EquivalentGradient geometry = new EquivalentGradient(
                pair.a(), pair.b(), pair.scale(), pair.gramOfA(step), pair.gramOfB(step), DAMPING);
        INDArray equivalent =
                geometry.of(geometry.projected(gradA, gradB)).castTo(pair.a().dataType());
        Moments average = average(pair.name(), equivalent);
        average.add(equivalent);
        INDArray direction = average.correctedDirection(epsilon).castTo(DataType.DOUBLE);
        EquivalentGradient.Steps seen = geometry.throughFactors(direction);
        EquivalentGradient.Steps steps = geometry.adjusted(seen.ofA(), seen.ofB());
        move(pair, ParameterGroups.LORA_A, pair.a(), steps.ofA(), step, epoch);
        move(pair, ParameterGroups.LORA_B, pair.b(), steps.ofB(), step, epoch);
    }

    private static void move(FactorPair pair, String param, INDArray factor, INDArray direction, long step, int epoch) {
        double rate = pair.learningRate(param, step, epoch);
        factor.muli(1 - rate * pair.weightDecay(param, step, epoch));
        factor.subi(direction.muli(rate).castTo(factor.dataType()));
    }
}

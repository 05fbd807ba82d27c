package io.lora4j.optim;

import io.lora4j.train.UpdateRule;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * P-LoRA as its authors' code runs it (repository pilancilab/Riemannian_Preconditioned_LoRA, {@code
 * Mistral-7B/mistral/custom_optimizer.py}, class {@code AdamWr}; LoRA-One's code of February 2025 has the same class): for rows that
 * must match those experiments. {@link RiemannianPreconditioner} is the form to compare with otherwise.
 *
 * <p>In this order, with m and v the moving averages of the preconditioned gradients g_A and g_B:
 *
 * <pre>  g_A = dA (B B^T + damping I)^-1;  A := A - lr m_A / (sqrt(v_A) + epsilon);  A := A - lr decay A
 *  g_B = (A^T A + damping I)^-1 dB;  B := B - lr m_B / (sqrt(v_B) + epsilon);  B := B - lr decay B</pre>
 *
 * What differs from PEFT's form: B's preconditioner sees the new A (the code takes an alias where the paper has the old A), the averages
 * are not bias-corrected, and the decay comes after the step. Solved in float64; averages in the network's type. The authors' pairing by
 * position breaks as soon as a classifier is trained too; here factors are paired by layer, and every other parameter is left to the
 * layers' own updaters.
 *
 * <p>Keeps state: one object serves one training run. Deterministic.
 */
public final class AuthorsScaledAdamW extends OwnFactorStep {
    /** The class's default damping; the authors' experiments use 1e-6 to 100 by task. */
    public static final double DEFAULT_DAMPING = 1e-6;
    /** The class's default epsilon; LoRA-One's copy has 1e-8. */
    public static final double DEFAULT_EPSILON = 1e-6;

    private final double damping;
    private final double epsilon;

    /**
     * The authors' betas of 0.9 and 0.999 and epsilon of 1e-6.
     *
     * @param damping added to the diagonals, greater than 0, in units of squared weights
     */
    public AuthorsScaledAdamW(double damping) {
        this(damping, AdamW.DEFAULT_BETA1, AdamW.DEFAULT_BETA2, DEFAULT_EPSILON, UpdateRule.DL4J);
    }

    /**
     * All settings.
     *
     * @param damping added to the diagonals, greater than 0, in units of squared weights
     * @param beta1 decay of the average of g, in [0, 1)
     * @param beta2 decay of the average of g^2, in [0, 1)
     * @param epsilon added to sqrt(v), greater than 0
     * @param others what is done with parameters that are no factors
     * @throws IllegalArgumentException if a value is out of range
     */
    public AuthorsScaledAdamW(double damping, double beta1, double beta2, double epsilon, UpdateRule others) {
        super(others, beta1, beta2);
        this.damping = GroupedOptimizer.positive("damping", damping);
        this.epsilon = GroupedOptimizer.positive("epsilon", epsilon);
    }

    @Override
    void stepFactors(FactorPair pair, INDArray gradA, INDArray gradB, long step, int epoch) {
        INDArray ofA = gradA.castTo(DataType.DOUBLE).mmul(pair.gramOfB(step).inverse(damping));
        move(pair, ParameterGroups.LORA_A, pair.a(), ofA, step, epoch);
        // From the A that has just moved.
        INDArray ofB = pair.gramOfA(step).inverse(damping).mmul(gradB.castTo(DataType.DOUBLE));
        move(pair, ParameterGroups.LORA_B, pair.b(), ofB, step, epoch);
    }

    private void move(FactorPair pair, String param, INDArray factor, INDArray gradient, long step, int epoch) {
        double rate = pair.learningRate(param, step, epoch);
        Moments average = average(pair.name() + "_" + param, factor);
        average.add(gradient.castTo(factor.dataType()));
        factor.subi(average.direction(epsilon).muli(rate));
        factor.muli(1 - rate * pair.weightDecay(param, step, epoch));
    }
}

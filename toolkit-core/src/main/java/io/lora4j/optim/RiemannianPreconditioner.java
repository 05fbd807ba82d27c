package io.lora4j.optim;

import io.lora4j.train.UpdateRule;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * P-LoRA: the factors' gradients are preconditioned by each other's Gram matrices before the optimiser sees them (Zhang and Pilanci,
 * "Riemannian Preconditioned LoRA for Fine-Tuning Foundation Models", ICML 2024, arXiv 2402.02347; huggingface/peft {@code
 * optimizers/riemannian.py}, whose default damping is {@value #DEFAULT_DAMPING}).
 *
 * <p>With A [in, r], B [r, out], both from before the step:
 *
 * <pre>  dA := dA (B B^T + damping I)^-1,   dB := (A^T A + damping I)^-1 dB</pre>
 *
 * and then any other rule: over AdamW its moments are made of the preconditioned gradients (scaled AdamW); over SGD it is scaled gradient
 * descent. The gradients are those of A and B as they stand, so they contain s; the preconditioner does not. Solved in float64 and rounded
 * back. At B = 0 dA is zero, and stays so. Trainable parameters that are no factors keep their gradient.
 *
 * <p>The damping is a setting of weight, not a safety: with LoRA-One's final start the Gram matrices are diag(sigma_i / sigma_1) / gamma,
 * at most 0.0078, beside which 1e-2 dominates; the authors' own table has values from 1e-6 to 100 by task. The authors' code differs, see
 * {@link AuthorsScaledAdamW}. Stateless; deterministic.
 *
 * @param damping added to the diagonals, greater than 0, in units of squared weights
 * @param rule what is done with the gradients
 */
public record RiemannianPreconditioner(double damping, UpdateRule rule) implements UpdateRule {
    /** PEFT's default. */
    public static final double DEFAULT_DAMPING = 1e-2;

    /** Checks the damping. */
    public RiemannianPreconditioner {
        GroupedOptimizer.positive("damping", damping);
    }

    /**
     * In front of the layers' own updaters.
     *
     * @param damping added to the diagonals, greater than 0
     */
    public RiemannianPreconditioner(double damping) {
        this(damping, UpdateRule.DL4J);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the graph has no adapter
     * @throws io.lora4j.error.DivergedException if a factor is not finite
     */
    @Override
    public void apply(ComputationGraph graph, long step, int epoch) {
        for (FactorPair pair : FactorPair.of(graph)) {
            INDArray inverseOfB = pair.gramOfB(step).inverse(damping);
            INDArray inverseOfA = pair.gramOfA(step).inverse(damping);
            FactorPair.write(pair.gradA(), pair.gradA().castTo(DataType.DOUBLE).mmul(inverseOfB));
            FactorPair.write(pair.gradB(), inverseOfA.mmul(pair.gradB().castTo(DataType.DOUBLE)));
        }
        rule.apply(graph, step, epoch);
    }

    @Override
    public Map<String, INDArray> state() {
        return rule.state();
    }

    @Override
    public void restore(Map<String, INDArray> state) {
        rule.restore(state);
    }
}

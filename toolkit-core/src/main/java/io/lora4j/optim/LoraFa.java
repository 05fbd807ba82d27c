package io.lora4j.optim;

import io.lora4j.train.UpdateRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * LoRA-FA: A stays what it was, B learns from the gradient that comes closest to full fine-tuning's (Zhang et al., "LoRA-FA", arXiv
 * 2308.03303; huggingface/peft {@code optimizers/lorafa.py}, which adds the projection).
 *
 * <p>With A [in, r], s of y = x (W + s A B):
 *
 * <pre>  dA := 0,   dB := (A^T A + 1e-8 I)^-1 dB / s^2</pre>
 *
 * the dB that minimises |s A dB' - dL/dW| over dB', and then any other rule. Solved in float64 and rounded back. Whatever that rule does
 * to A (weight decay) is taken back, bit for bit; {@link LoraFaGroups} spares its state. PEFT's optimiser is AdamW in Hugging Face's old
 * form: {@link AdamW} with epsilon {@value #ADAM_EPSILON} and {@link EpsilonMode#ND4J}; its weight decay comes after the step, ours before.
 *
 * <p>A's gradient is not computed in PEFT, but here, so a clipped gradient norm includes it. Stateless; deterministic.
 *
 * @param rule what is done with the gradients
 */
public record LoraFa(UpdateRule rule) implements UpdateRule {
    /** PEFT's default epsilon of Adam. */
    public static final double ADAM_EPSILON = 1e-6;

    private static final double DAMPING = 1e-8;

    /** In front of the layers' own updaters. */
    public LoraFa() {
        this(UpdateRule.DL4J);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if the graph has no adapter
     * @throws io.lora4j.error.DivergedException if a factor is not finite
     */
    @Override
    public void apply(ComputationGraph graph, long step, int epoch) {
        List<FactorPair> pairs = FactorPair.of(graph);
        List<INDArray> frozen = new ArrayList<>();
        for (FactorPair pair : pairs) {
            double s = pair.scale();
            INDArray inverse = pair.gramOfA(step).inverse(DAMPING).divi(s * s);
            FactorPair.write(pair.gradB(), inverse.mmul(pair.gradB().castTo(DataType.DOUBLE)));
            pair.gradA().assign(0);
            frozen.add(pair.a().dup());
        }
        rule.apply(graph, step, epoch);
        for (int i = 0; i < frozen.size(); i++) {
            pairs.get(i).a().assign(frozen.get(i));
        }
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

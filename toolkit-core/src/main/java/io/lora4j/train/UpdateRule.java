package io.lora4j.train;

import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How a step's gradient becomes a change of the parameters.
 *
 * <p>The trainer calls it once per optimiser step, after the mean over the step's examples and after clipping (the order of a Hugging
 * Face Trainer: clip, then {@code optimizer.step()}). The plain rule is {@link #DL4J}; a preconditioned method rewrites the factors'
 * gradients and then calls it, or replaces it. A rule may keep state: one object serves one training run.
 */
@FunctionalInterface
public interface UpdateRule {
    /** The layers' own DL4J updaters: p := p - update(g). */
    UpdateRule DL4J = (graph, step, epoch) -> {
        // Batch size 1: the division by the number of examples is done.
        graph.getUpdater().update(graph.gradient(), (int) step, epoch, 1, LayerWorkspaceMgr.noWorkspaces());
        graph.params().subi(graph.gradient().gradient());
    };

    /**
     * Changes the graph's parameters by one step.
     *
     * @param graph its {@code gradient()} holds the clipped mean gradient, which may be overwritten
     * @param step optimiser step, counted from 0
     * @param epoch counted from 0
     */
    void apply(ComputationGraph graph, long step, int epoch);

    /**
     * What the rule itself remembers from step to step, for a checkpoint; the state of DL4J's updaters is the graph's and not part of it.
     *
     * @return arrays by name, the rule's own or copies, not to be changed; empty for a rule without memory
     */
    default Map<String, INDArray> state() {
        return Map.of();
    }

    /**
     * Goes on from a checkpoint: the next {@link #apply} does what it would have done where {@link #state} was taken.
     *
     * @param state what {@link #state} of a rule with the same settings has returned; copied
     * @throws IllegalArgumentException if it is not this rule's state
     */
    default void restore(Map<String, INDArray> state) {
        if (!state.isEmpty()) {
            throw new IllegalArgumentException("a rule without memory cannot restore " + state.keySet());
        }
    }
}

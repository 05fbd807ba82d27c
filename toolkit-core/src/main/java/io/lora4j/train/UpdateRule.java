package io.lora4j.train;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;

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
}

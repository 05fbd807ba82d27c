package io.lora4j.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where a training run stands between two optimiser steps: everything that the next step depends on beside the graph's frozen weights. Batches and
 * dropout masks are functions of the run's seed, the epoch and the counts below ({@link RandomStreams}), so no generator has a state.
 *
 * <p>A run that is stopped, saved, built anew and continued takes the same steps as one that was never stopped, to the last bit.
 *
 * @param steps optimiser steps taken
 * @param microBatches micro-batches computed, of which the dropout masks are counted
 * @param parameters the graph's flat parameters, a copy
 * @param updaterState the flat state of the graph's DL4J updaters, a copy; null if they have none
 * @param ruleState {@link UpdateRule#state}, copies
 */
public record TrainCheckpoint(
        long steps,
        long microBatches,
        INDArray parameters,
        @Nullable INDArray updaterState,
        Map<String, INDArray> ruleState) {
    /** Takes copies of everything. */
    static TrainCheckpoint of(ComputationGraph graph, UpdateRule rule, long steps, long microBatches) {
        INDArray state = graph.getUpdater().getStateViewArray();
        Map<String, INDArray> copies = new LinkedHashMap<>();
        rule.state().forEach((name, array) -> copies.put(name, array.dup()));
        return new TrainCheckpoint(
                steps, microBatches, graph.params().dup(), state == null ? null : state.dup(), copies);
    }

    /**
     * Writes itself into a graph and a rule that were built as they were for the run's first step.
     *
     * @throws IllegalArgumentException if they are of another shape
     */
    void restore(ComputationGraph graph, UpdateRule rule) {
        INDArray state = graph.getUpdater().getStateViewArray();
        requireLength("parameters", graph.params(), parameters);
        requireLength("updater state", state, updaterState);
        graph.params().assign(parameters.reshape(graph.params().shape()));
        if (state != null && updaterState != null) {
            state.assign(updaterState.reshape(state.shape()));
        }
        rule.restore(ruleState);
    }

    private static void requireLength(String what, @Nullable INDArray wanted, @Nullable INDArray given) {
        long needed = wanted == null ? 0 : wanted.length();
        long have = given == null ? 0 : given.length();
        if (needed != have) {
            throw new IllegalArgumentException(
                    "the checkpoint has " + have + " numbers of " + what + ", the network " + needed);
        }
    }
}

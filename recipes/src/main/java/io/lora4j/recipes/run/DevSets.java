package io.lora4j.recipes.run;

import io.lora4j.datasets.EncodedExample;
import io.lora4j.datasets.EvaluationBatches;
import io.lora4j.datasets.PackedBatch;
import io.lora4j.parallel.GraphTwins;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongFunction;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A trial's network over the dev set, which it is chosen by, and over the task's other evaluation sets.
 *
 * @param dev scores the dev set; takes the number of steps taken, for messages
 * @param byName scores the others
 */
record DevSets(LongFunction<Evaluator.Outcome> dev, Map<String, LongFunction<Evaluator.Outcome>> byName) {
    /** A whole network. */
    static DevSets of(Workbench bench, GraphTwins twins) {
        Map<String, LongFunction<Evaluator.Outcome>> others = new LinkedHashMap<>();
        bench.otherDevs().forEach((name, set) -> others.put(name, whole(bench, twins, set)));
        return new DevSets(whole(bench, twins, bench.dev()), others);
    }

    private static LongFunction<Evaluator.Outcome> whole(
            Workbench bench, GraphTwins twins, List<EncodedExample> examples) {
        EvaluationBatches batches = bench.evaluationBatches(examples);
        return steps -> Evaluator.outcome(twins, batches, bench.outputs(), steps);
    }

    /** A head alone, on the frozen encoder's outputs. */
    static DevSets of(Workbench bench, ComputationGraph head, PooledFeatures pooled) {
        Map<String, LongFunction<Evaluator.Outcome>> others = new LinkedHashMap<>();
        bench.otherDevs()
                .forEach((name, set) -> others.put(
                        name,
                        alone(
                                head,
                                set,
                                PackedBatch.targets(set, bench.outputs(), bench.dtype()),
                                Objects.requireNonNull(pooled.otherDevs().get(name), name))));
        return new DevSets(alone(head, bench.dev(), pooled.devLabels(), pooled.dev()), others);
    }

    private static LongFunction<Evaluator.Outcome> alone(
            ComputationGraph head, List<EncodedExample> examples, INDArray targets, INDArray features) {
        return steps -> Evaluator.outcome(examples, targets, head.outputSingle(false, features), steps);
    }

    Evaluator.Outcome dev(long steps) {
        return dev.apply(steps);
    }

    /** The names of the other sets. */
    Set<String> others() {
        return byName.keySet();
    }

    Evaluator.Outcome other(String name, long steps) {
        return Objects.requireNonNull(byName.get(name), name).apply(steps);
    }
}

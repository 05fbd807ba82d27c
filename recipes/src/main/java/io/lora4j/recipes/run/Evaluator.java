package io.lora4j.recipes.run;

import io.lora4j.datasets.EncodedExample;
import io.lora4j.datasets.EvaluationBatches;
import io.lora4j.error.DivergedException;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.recipes.predictions.Predictions;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs a classifier, or a regression, over the dev set. */
final class Evaluator {
    private Evaluator() {}

    /** The head's module in every family. */
    private static final String HEAD = "classifier";

    /**
     * What an evaluation finds.
     *
     * @param metrics the scores
     * @param predictions what they are scores of, in file order
     */
    record Outcome(TaskMetrics metrics, Predictions predictions) {}

    /**
     * Scores a network.
     *
     * @param outputs the number of classes; 1 for scores
     * @param steps optimiser steps taken, for the message
     * @throws DivergedException if an output is NaN: the last update went wrong
     */
    static TaskMetrics evaluate(GraphTwins twins, EvaluationBatches batches, int outputs, long steps) {
        return outcome(twins, batches, outputs, steps).metrics();
    }

    /**
     * Scores a network and keeps what it predicts.
     *
     * @param outputs the number of classes; 1 for scores
     * @param steps optimiser steps taken, for the message
     * @throws DivergedException if an output is NaN: the last update went wrong
     */
    static Outcome outcome(GraphTwins twins, EvaluationBatches batches, int outputs, long steps) {
        DevOutputs gathered = DevOutputs.of(batches.examples(), outputs);
        for (EvaluationBatches.Batch batch : batches) {
            INDArray out = finite(twins.output(batch.data().getFeatures()), steps);
            gathered.add(batch.indices(), batch.data().getLabels(0), out);
        }
        return gathered.outcome();
    }

    /**
     * Scores outputs that are there already.
     *
     * @param examples the examples in file order
     * @param targets what the network is to say of them, [n, outputs]
     * @param outputs outputs for all examples, [n, outputs]
     * @param steps optimiser steps taken, for the message
     * @throws DivergedException if an output is NaN: the last update went wrong
     */
    static Outcome outcome(List<EncodedExample> examples, INDArray targets, INDArray outputs, long steps) {
        DevOutputs gathered = DevOutputs.of(examples, (int) targets.size(1));
        List<Integer> all = IntStream.range(0, examples.size()).boxed().toList();
        gathered.add(all, targets, finite(outputs, steps));
        return gathered.outcome();
    }

    private static INDArray finite(INDArray outputs, long steps) {
        if (!Double.isFinite(outputs.sumNumber().doubleValue())) {
            throw new DivergedException(HEAD, steps, "a prediction is NaN or infinite after this step");
        }
        return outputs;
    }
}

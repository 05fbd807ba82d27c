package io.lora4j.recipes.run;

import io.lora4j.datasets.EvaluationBatches;
import io.lora4j.error.DivergedException;
import io.lora4j.eval.ClassificationEvaluation;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.recipes.predictions.Predictions;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs a classifier over the dev set. */
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
     * Scores a classifier.
     *
     * @param steps optimiser steps taken, for the message
     * @throws DivergedException if a probability is NaN: the last update went wrong
     */
    static TaskMetrics evaluate(GraphTwins twins, EvaluationBatches batches, int labels, long steps) {
        return outcome(twins, batches, labels, steps).metrics();
    }

    /**
     * Scores a classifier and keeps what it predicts.
     *
     * @param steps optimiser steps taken, for the message
     * @throws DivergedException if a probability is NaN: the last update went wrong
     */
    static Outcome outcome(GraphTwins twins, EvaluationBatches batches, int labels, long steps) {
        ClassificationEvaluation evaluation = new ClassificationEvaluation(labels);
        DevOutputs outputs = new DevOutputs(batches.exampleCount());
        for (EvaluationBatches.Batch batch : batches) {
            INDArray probabilities = twins.output(batch.data().getFeatures());
            INDArray oneHot = batch.data().getLabels(0);
            add(evaluation, oneHot, probabilities, steps);
            outputs.add(batch.indices(), oneHot, probabilities);
        }
        return new Outcome(evaluation.metrics(), outputs.predictions());
    }

    /**
     * Scores outputs that are there already.
     *
     * @param oneHot labels in file order, [n, classes]
     * @param probabilities outputs for all examples, [n, classes]
     * @param steps optimiser steps taken, for the message
     * @throws DivergedException if a probability is NaN: the last update went wrong
     */
    static Outcome outcome(INDArray oneHot, INDArray probabilities, long steps) {
        int examples = (int) oneHot.size(0);
        ClassificationEvaluation evaluation = new ClassificationEvaluation((int) oneHot.size(1));
        DevOutputs outputs = new DevOutputs(examples);
        add(evaluation, oneHot, probabilities, steps);
        outputs.add(IntStream.range(0, examples).boxed().toList(), oneHot, probabilities);
        return new Outcome(evaluation.metrics(), outputs.predictions());
    }

    /** Adds one batch, refusing NaN. */
    private static void add(ClassificationEvaluation evaluation, INDArray labels, INDArray probabilities, long steps) {
        if (!Double.isFinite(probabilities.sumNumber().doubleValue())) {
            throw new DivergedException(HEAD, steps, "a predicted probability is NaN or infinite after this step");
        }
        evaluation.add(labels, probabilities);
    }
}

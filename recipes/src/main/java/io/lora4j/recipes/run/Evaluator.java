package io.lora4j.recipes.run;

import io.lora4j.datasets.EvaluationBatches;
import io.lora4j.error.DivergedException;
import io.lora4j.eval.ClassificationEvaluation;
import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.parallel.GraphTwins;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Runs a classifier over the dev set. */
final class Evaluator {
    private Evaluator() {}

    /** The head's module in every family. */
    private static final String HEAD = "classifier";

    /**
     * Scores a classifier.
     *
     * @param steps optimiser steps taken, for the message
     * @throws DivergedException if a probability is NaN: the last update went wrong
     */
    static ClassificationMetrics evaluate(GraphTwins twins, EvaluationBatches batches, int labels, long steps) {
        ClassificationEvaluation evaluation = new ClassificationEvaluation(labels);
        for (EvaluationBatches.Batch batch : batches) {
            INDArray probabilities = twins.output(batch.data().getFeatures());
            add(evaluation, batch.data().getLabels(0), probabilities, steps);
        }
        return evaluation.metrics();
    }

    /** Adds one batch, refusing NaN. */
    static void add(ClassificationEvaluation evaluation, INDArray labels, INDArray probabilities, long steps) {
        if (!Double.isFinite(probabilities.sumNumber().doubleValue())) {
            throw new DivergedException(HEAD, steps, "a predicted probability is NaN or infinite after this step");
        }
        evaluation.add(labels, probabilities);
    }
}

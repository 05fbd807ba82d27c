package io.lora4j.recipes.run;

import io.lora4j.eval.TaskMetrics;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.predictions.PredictionsFile;
import io.lora4j.train.PeakMemory;
import io.lora4j.train.StepInfo;
import io.lora4j.train.TrainListener;
import java.util.function.LongFunction;

/** Writes down what a trial does, and evaluates between epochs if the recipe says so. */
final class TrialRecorder implements TrainListener {
    private final TrialKey key;
    private final TrialDirectory directory;
    private final RunListener listener;
    private final PeakMemory memory = new PeakMemory();
    private final LongFunction<Evaluator.Outcome> evaluator;
    private final boolean eachEpoch;
    private final long totalSteps;
    private double evalSeconds;

    /**
     * @param evaluator scores the dev set and tells its predictions, which are written down; takes the number of steps taken
     * @param totalSteps optimiser steps of the trial; behind the last one the caller evaluates
     */
    TrialRecorder(
            TrialKey key,
            TrialDirectory directory,
            RunListener listener,
            Recipe.Each each,
            long totalSteps,
            LongFunction<Evaluator.Outcome> evaluator) {
        this.key = key;
        this.directory = directory;
        this.listener = listener;
        this.eachEpoch = each == Recipe.Each.EPOCH;
        this.totalSteps = totalSteps;
        this.evaluator = evaluator;
    }

    @Override
    public void onStep(StepInfo info) {
        memory.onStep(info);
        directory.step(info);
        listener.onStep(key, info);
    }

    @Override
    public void onEpochEnd(int epoch, long steps) {
        if (eachEpoch && steps < totalSteps) {
            evaluate(steps);
        }
    }

    TaskMetrics evaluate(long steps) {
        long start = System.nanoTime();
        Evaluator.Outcome outcome = evaluator.apply(steps);
        evalSeconds += (System.nanoTime() - start) * 1e-9;
        memory.sample();
        TaskMetrics dev = outcome.metrics();
        PredictionsFile.write(directory.resolve(PredictionsFile.NAME), outcome.predictions());
        directory.evaluation(steps, dev);
        listener.onEvaluation(key, steps, dev);
        return dev;
    }

    double evalSeconds() {
        return evalSeconds;
    }

    long peakBytes() {
        return memory.peakBytes();
    }
}

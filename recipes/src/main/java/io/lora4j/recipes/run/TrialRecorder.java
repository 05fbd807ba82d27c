package io.lora4j.recipes.run;

import io.lora4j.eval.TaskMetrics;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.predictions.PredictionsFile;
import io.lora4j.train.PeakMemory;
import io.lora4j.train.StepInfo;
import io.lora4j.train.TrainListener;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes down what a trial does, and evaluates between epochs if the recipe says so. */
final class TrialRecorder implements TrainListener {
    private final TrialKey key;
    private final TrialDirectory directory;
    private final RunListener listener;
    private final PeakMemory memory = new PeakMemory();
    private final DevSets sets;
    private final boolean eachEpoch;
    private final long totalSteps;
    private @Nullable Observer observer;
    private double evalSeconds;

    /**
     * @param sets scores the evaluation sets and tells predictions, which are written down
     * @param totalSteps optimiser steps of the trial; behind the last one the caller evaluates
     */
    TrialRecorder(
            TrialKey key,
            TrialDirectory directory,
            RunListener listener,
            Recipe.Each each,
            long totalSteps,
            DevSets sets) {
        this.key = key;
        this.directory = directory;
        this.listener = listener;
        this.eachEpoch = each == Recipe.Each.EPOCH;
        this.totalSteps = totalSteps;
        this.sets = sets;
    }

    @Override
    public void onStep(StepInfo info) {
        memory.onStep(info);
        directory.step(info);
        listener.onStep(key, info);
        Observer watching = observer;
        if (watching != null) {
            watching.afterStep(info.step());
        }
    }

    @Override
    public void onEpochEnd(int epoch, long steps) {
        if (eachEpoch && steps < totalSteps) {
            evaluate(steps);
        }
    }

    TaskMetrics evaluate(long steps) {
        long start = System.nanoTime();
        Evaluator.Outcome outcome = sets.dev(steps);
        evalSeconds += (System.nanoTime() - start) * 1e-9;
        memory.sample();
        TaskMetrics dev = outcome.metrics();
        PredictionsFile.write(directory.resolve(PredictionsFile.NAME), outcome.predictions());
        directory.evaluation(steps, dev);
        listener.onEvaluation(key, steps, dev);
        return dev;
    }

    /** Scores the other evaluation sets, once, behind the last step. */
    Map<String, TaskMetrics> evaluateOthers(long steps) {
        Map<String, TaskMetrics> scores = new LinkedHashMap<>();
        for (String name : sets.others()) {
            long start = System.nanoTime();
            Evaluator.Outcome outcome = sets.other(name, steps);
            evalSeconds += (System.nanoTime() - start) * 1e-9;
            memory.sample();
            PredictionsFile.write(directory.resolve(PredictionsFile.nameOf(name)), outcome.predictions());
            directory.otherEvaluation(name, steps, outcome.metrics());
            scores.put(name, outcome.metrics());
        }
        return scores;
    }

    /** Lets the observer see every step. */
    void observedBy(@Nullable Observer other) {
        observer = other;
    }

    /** Seconds that the observer has taken between steps. */
    double observerSeconds() {
        Observer watching = observer;
        return watching == null ? 0 : watching.seconds();
    }

    double evalSeconds() {
        return evalSeconds;
    }

    long peakBytes() {
        return memory.peakBytes();
    }
}

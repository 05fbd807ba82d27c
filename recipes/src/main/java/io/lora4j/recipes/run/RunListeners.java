package io.lora4j.recipes.run;

import io.lora4j.eval.TaskMetrics;
import io.lora4j.train.StepInfo;
import java.nio.file.Path;
import java.util.List;

/**
 * Several listeners as one: each hears everything, in the order given. Immutable.
 *
 * @param all the listeners
 */
public record RunListeners(List<RunListener> all) implements RunListener {
    /** Copies the list. */
    public RunListeners {
        all = List.copyOf(all);
    }

    @Override
    public void onPhase(String what) {
        all.forEach(listener -> listener.onPhase(what));
    }

    @Override
    public void onDirectory(Path folder) {
        all.forEach(listener -> listener.onDirectory(folder));
    }

    @Override
    public void onPlan(RunPlan plan) {
        all.forEach(listener -> listener.onPlan(plan));
    }

    @Override
    public void onTrialStart(TrialKey trial, int number) {
        all.forEach(listener -> listener.onTrialStart(trial, number));
    }

    @Override
    public void onSetup(TrialKey trial, TrialSetup setup) {
        all.forEach(listener -> listener.onSetup(trial, setup));
    }

    @Override
    public void onStep(TrialKey trial, StepInfo step) {
        all.forEach(listener -> listener.onStep(trial, step));
    }

    @Override
    public void onEvaluation(TrialKey trial, long step, TaskMetrics dev) {
        all.forEach(listener -> listener.onEvaluation(trial, step, dev));
    }

    @Override
    public void onTrialEnd(TrialResult result) {
        all.forEach(listener -> listener.onTrialEnd(result));
    }

    @Override
    public void onTrialFailed(FailedTrial failed) {
        all.forEach(listener -> listener.onTrialFailed(failed));
    }

    @Override
    public void onTrialKept(TrialResult result) {
        all.forEach(listener -> listener.onTrialKept(result));
    }

    @Override
    public void onEnd(ComparisonResult result) {
        all.forEach(listener -> listener.onEnd(result));
    }
}

package io.lora4j.recipes.run;

import io.lora4j.eval.TaskMetrics;
import io.lora4j.train.StepInfo;
import java.nio.file.Path;

/** Hears how a comparison goes on; called on the running thread. An exception from a listener ends the run. */
public interface RunListener {
    /** Hears nothing. */
    RunListener NONE = new RunListener() {};

    /**
     * Something that takes a while begins.
     *
     * @param what in words, e.g. {@code reading mrpc}
     */
    default void onPhase(String what) {}

    /**
     * The run directory is there and holds recipe and provenance; the place for a log file.
     *
     * @param folder the directory
     */
    default void onDirectory(Path folder) {}

    /**
     * Everything is loaded, training begins.
     *
     * @param plan what is going to be done
     */
    default void onPlan(RunPlan plan) {}

    /**
     * A trial begins.
     *
     * @param trial which
     * @param number counted from 1
     */
    default void onTrialStart(TrialKey trial, int number) {}

    /**
     * A trial's network is ready and gets its first step next; not called for methods that are not trained in steps.
     *
     * @param trial which
     * @param setup which tensors get which rate and weight decay
     */
    default void onSetup(TrialKey trial, TrialSetup setup) {}

    /**
     * An optimiser step was taken.
     *
     * @param trial which
     * @param step the step
     */
    default void onStep(TrialKey trial, StepInfo step) {}

    /**
     * The dev set was evaluated.
     *
     * @param trial which
     * @param step optimiser steps taken so far
     * @param dev the scores
     */
    default void onEvaluation(TrialKey trial, long step, TaskMetrics dev) {}

    /**
     * A trial is finished and its folder in place.
     *
     * @param result what it came to
     */
    default void onTrialEnd(TrialResult result) {}

    /**
     * A trial came to no result, in this process or in an earlier one; the comparison goes on.
     *
     * @param failed which, and why
     */
    default void onTrialFailed(FailedTrial failed) {}

    /**
     * A trial of an earlier process is finished already and not run again.
     *
     * @param result what it came to
     */
    default void onTrialKept(TrialResult result) {}

    /**
     * The comparison is finished and everything is written.
     *
     * @param result all trials and the table
     */
    default void onEnd(ComparisonResult result) {}
}

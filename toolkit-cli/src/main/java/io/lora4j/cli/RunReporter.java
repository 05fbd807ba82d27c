package io.lora4j.cli;

import io.lora4j.eval.TaskMetrics;
import io.lora4j.recipes.Study;
import io.lora4j.recipes.run.ComparisonResult;
import io.lora4j.recipes.run.FailedTrial;
import io.lora4j.recipes.run.RunListener;
import io.lora4j.recipes.run.RunPlan;
import io.lora4j.recipes.run.TrialKey;
import io.lora4j.recipes.run.TrialResult;
import io.lora4j.recipes.run.TrialSetup;
import io.lora4j.recipes.study.Choice;
import io.lora4j.recipes.study.StudyEstimate;
import io.lora4j.recipes.study.StudyListener;
import io.lora4j.recipes.table.TableText;
import io.lora4j.train.StepInfo;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of one run while it goes on: a progress bar over the optimiser steps of all trials, if there is a terminal to draw it on, and
 * the log in the run directory as soon as that exists (the runner itself logs the trials).
 *
 * <p>Called on the running thread; the bar is drawn on a thread of its library's own.
 */
final class RunReporter implements RunListener, StudyListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunReporter.class);
    private static final int INTERVAL_MILLIS = 250;
    /** A step of the largest model takes seconds, a start from gradients up to a minute. */
    private static final int MOST_SECONDS_TO_STOP = 60;
    /** ECMA-48 EL: takes away what the bar has drawn to the right. */
    private static final String CLEAR_TO_END_OF_LINE = "\u001b[K";

    private final PrintStream err;
    private final @Nullable ProgressBar bar;
    private final Thread interruption = new Thread(this::onInterruption, "lora4j-interruption");
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean interrupted;
    // volatile: read by the thread above while the run goes on
    private volatile @Nullable Path folder;
    private @Nullable RunLog log;
    private int trials;
    private int number;
    private boolean study;
    private String comparison = "";
    private String best = "";
    private double bestScore;

    private RunReporter(PrintStream err, @Nullable ProgressBar bar) {
        this.err = err;
        this.bar = bar;
    }

    private RunReporter listening() {
        Runtime.getRuntime().addShutdownHook(interruption);
        return this;
    }

    /**
     * A reporter with a progress bar.
     *
     * @param err the terminal's stream
     * @param columns the terminal's width in characters
     * @return a reporter that draws until it is closed
     */
    static RunReporter drawing(PrintStream err, int columns) {
        ProgressBar bar = new ProgressBarBuilder()
                .setTaskName("lora4j")
                .setInitialMax(-1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(INTERVAL_MILLIS)
                // an explicit width: to ask the terminal for it the library would start a driver
                .setConsumer(new ConsoleProgressBarConsumer(err, columns - 1))
                .build();
        return new RunReporter(err, bar).listening();
    }

    /**
     * A reporter that draws nothing.
     *
     * @param err where an interruption is told
     * @return a reporter that only keeps the log
     */
    static RunReporter silent(PrintStream err) {
        return new RunReporter(err, null).listening();
    }

    @Override
    public void onStudy(Study what, Path studyFolder) {
        study = true;
        folder = studyFolder;
        say("study of " + what.comparisons() + " comparisons, " + what.trials() + " trials in " + studyFolder);
    }

    @Override
    public void onEstimate(StudyEstimate estimate) {
        say(estimate + " to go");
    }

    @Override
    public void onComparison(String name, int count, int of) {
        comparison = of > 1 ? count + "/" + of + " " + name + ", trial " : "";
        number = 0;
        best = "";
        bestScore = Double.NEGATIVE_INFINITY;
        say("comparison " + count + " of " + of + ": " + name);
    }

    @Override
    public void onChoice(Choice choice) {
        for (Choice.Chosen method : choice.methods()) {
            Double score = method.best().score();
            if (score != null) {
                String grid = method.best().candidate().gridText();
                say(String.format(
                        Locale.ROOT,
                        "chosen: %s%s, learning rate %s (held-out %s %.2f %%, best of %d)",
                        method.label(),
                        grid.isEmpty() ? "" : " " + grid,
                        TableText.shortest(method.best().candidate().learningRate()),
                        choice.metric(),
                        100 * score,
                        method.candidates().size()));
            }
        }
    }

    /** The log has it; on a terminal it is a line above the bar. */
    private void say(String line) {
        LOG.info("{}", line);
        if (bar != null) {
            err.println("\r" + line + CLEAR_TO_END_OF_LINE);
        }
    }

    @Override
    public void onDirectory(Path runDirectory) {
        if (!study) {
            folder = runDirectory;
        }
        if (log != null) {
            log.close(); // that of the comparison before
        }
        log = RunLog.attach(runDirectory);
        LOG.info("run directory {}", runDirectory);
    }

    @Override
    public void onPhase(String what) {
        LOG.info("{}", what);
        show(what);
    }

    @Override
    public void onPlan(RunPlan plan) {
        LOG.info(
                "{} trials of {} steps; {} training and {} dev examples",
                plan.trials().size(),
                plan.stepsPerTrial(),
                plan.trainExamples(),
                plan.devExamples());
        trials = plan.trials().size();
        if (bar != null) {
            bar.reset();
            bar.maxHint(plan.totalSteps());
        }
    }

    @Override
    public void onTrialStart(TrialKey trial, int trialNumber) {
        number = trialNumber;
        show(trial.method());
    }

    /** The log has all of it; on a terminal it is a line above the bar. */
    @Override
    public void onSetup(TrialKey trial, TrialSetup setup) {
        say(trial + ": " + setup.describe());
    }

    @Override
    public void onStep(TrialKey trial, StepInfo step) {
        if (bar != null) {
            bar.step();
        }
        show(trial.method() + String.format(Locale.ROOT, ", loss %.3f", step.loss()));
    }

    @Override
    public void onEvaluation(TrialKey trial, long step, TaskMetrics dev) {
        LOG.info("{}: after {} steps {}", trial, step, dev);
    }

    @Override
    public void onTrialEnd(TrialResult result) {
        heard(result);
    }

    /** Remembers the best one: by the first figure that the task's scores have. */
    private void heard(TrialResult result) {
        double score = result.dev().figures().values().iterator().next();
        if (study && score > bestScore) {
            bestScore = score;
            best = String.format(Locale.ROOT, ", best %s %.1f", result.key().method(), 100 * score);
        }
    }

    @Override
    public void onTrialKept(TrialResult result) {
        heard(result);
        if (bar != null) {
            bar.stepBy(result.steps());
        }
    }

    /** The log has it; on a terminal it is a line above the bar. */
    @Override
    public void onTrialFailed(FailedTrial failed) {
        if (bar != null) {
            err.println("\r" + failed.key() + ": " + failed.message() + CLEAR_TO_END_OF_LINE);
        }
    }

    @Override
    public void onEnd(ComparisonResult result) {
        LOG.info("done: {}", result.folder());
    }

    /**
     * Puts the reason for which the run ends into its log; the user's message is another's concern.
     *
     * @param failure what was thrown
     */
    void onFailure(Throwable failure) {
        LOG.info("the run ends without a result", failure);
    }

    private void show(String what) {
        if (bar != null) {
            bar.setExtraMessage(" " + comparison + (number > 0 ? number + "/" + trials + " " + what + best : what));
        }
    }

    /** Whether the process was told to end: the run then stops behind the step it is at. */
    boolean isInterrupted() {
        return interrupted;
    }

    /**
     * Ctrl-C: waits for the step that is going on and its checkpoint. The process ends with 130 (SIGINT) or 143 (SIGTERM) by itself once this
     * has been said.
     */
    private void onInterruption() {
        LOG.info("interrupted");
        interrupted = true;
        Path kept = folder;
        boolean stopped = false;
        try {
            stopped = kept != null && ended.await(MOST_SECONDS_TO_STOP, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        String what = "";
        if (kept != null) {
            what = (stopped ? "" : " before a checkpoint was written") + "; go on with: lora4j run --resume " + kept;
        }
        err.println((bar == null ? "" : "\n") + "lora4j: interrupted" + what);
    }

    /** Removes the bar and ends the log. */
    @Override
    public void close() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(interruption);
        } catch (IllegalStateException goingDown) {
            // the hook is running: nothing to remove
        }
        if (bar != null) {
            bar.close();
        }
        if (log != null) {
            log.close();
            log = null;
        }
    }
}

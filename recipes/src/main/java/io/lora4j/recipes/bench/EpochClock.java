package io.lora4j.recipes.bench;

import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.run.RunListener;
import io.lora4j.recipes.run.RunPlan;
import io.lora4j.recipes.run.TrialKey;
import io.lora4j.recipes.run.TrialSetup;
import io.lora4j.train.StepInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns what a run tells into lines of figures: one per epoch, which ends with its evaluation, and a closing one. An epoch's time runs from the
 * moment the network is ready, or from the end of the evaluation before, to its last step.
 */
final class EpochClock implements RunListener {
    /** Median seconds of an epoch's training. */
    static final String EPOCH_SECONDS = "epoch_s_median";

    /** Steps after which memory should not grow any more. */
    private static final int SETTLED = 100;

    private static final int SAMPLED = 10;

    private final DataBenchConfig config;
    private final Recipe recipe;
    private final Consumer<BenchResult> heard;
    private final long begun = System.nanoTime();
    private final List<Double> epochSeconds = new ArrayList<>();
    private final List<Double> rates = new ArrayList<>();
    private @Nullable RunPlan plan;
    private @Nullable TaskMetrics last;
    private MachineLoad load = new MachineLoad();
    private MachineLoad whole = new MachineLoad();
    private long trainable;
    private int epochs;
    private long epochBegan;
    private long stepEnded;
    private long steps;
    private int examples;
    private double lossSum;
    private @Nullable Long settledMb;
    private long laterMb;

    EpochClock(DataBenchConfig config, Recipe recipe, Consumer<BenchResult> heard) {
        this.config = config;
        this.recipe = recipe;
        this.heard = heard;
    }

    @Override
    public void onPlan(RunPlan told) {
        plan = told;
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        boolean lora = config.mode() == BenchMode.LORA;
        map.put("peer", "lora4j");
        map.put("task", recipe.task().name());
        map.put("model", recipe.model().name());
        map.put("mode", config.mode().toString());
        map.put("targets", lora ? config.targets().toString() : null);
        map.put("rank", lora ? recipe.adapter().rank() : null);
        map.put("pooling", recipe.model().pooling().name().toLowerCase(java.util.Locale.ROOT));
        map.put("dropout", recipe.train().dropout());
        map.put("batch", recipe.train().batch());
        map.put("bucket", recipe.train().lengthGroup());
        map.put("train", told.trainExamples());
        map.put("dev", told.devExamples());
        map.put("mean_len", StepBench.rounded((double) told.trainTokens() / told.trainExamples(), 1));
        map.put("steps", told.stepsPerTrial());
        map.put("threads", config.threads());
        StepBench.putLibraries(map);
        heard.accept(new BenchResult(map));
    }

    @Override
    public void onSetup(TrialKey trial, TrialSetup setup) {
        trainable = setup.trainableParameters();
        steps = 0;
        whole = new MachineLoad();
        beginEpoch();
    }

    private void beginEpoch() {
        examples = 0;
        lossSum = 0;
        load = new MachineLoad();
        epochBegan = System.nanoTime();
    }

    @Override
    public void onStep(TrialKey trial, StepInfo step) {
        steps++;
        examples += step.examples();
        lossSum += step.loss() * step.examples();
        if (steps % SAMPLED == 0) {
            Long resident = MachineLoad.residentMb();
            if (resident != null && steps == SETTLED) {
                settledMb = resident;
            } else if (resident != null && steps > SETTLED) {
                laterMb = Math.max(laterMb, resident);
            }
        }
        stepEnded = System.nanoTime();
    }

    @Override
    public void onEvaluation(TrialKey trial, long step, TaskMetrics dev) {
        if (examples == 0) {
            return; // nothing was trained
        }
        double seconds = (stepEnded - epochBegan) * 1e-9;
        double evaluation = (System.nanoTime() - stepEnded) * 1e-9;
        Double others = load.otherProcessors();
        RunPlan known = Objects.requireNonNull(plan);
        boolean complete = examples == known.trainExamples();
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("epoch", ++epochs);
        map.put("train_loss", StepBench.rounded(lossSum / examples, 4));
        map.put("train_s", StepBench.rounded(seconds, 2));
        map.put("examples_per_s", StepBench.rounded(examples / seconds, 1));
        map.put("tokens_per_s", complete ? Math.round(known.trainTokens() / seconds) : null);
        map.put("padded_share", 0);
        map.put("eval_s", StepBench.rounded(evaluation, 2));
        map.put("eval_examples_per_s", StepBench.rounded(known.devExamples() / evaluation, 1));
        scores(map, dev);
        map.put("rss_mb", MachineLoad.residentMb());
        map.put("other_cpu", others == null ? null : StepBench.rounded(others, 2));
        heard.accept(new BenchResult(map));
        epochSeconds.add(seconds);
        rates.add(examples / seconds);
        last = dev;
        beginEpoch();
    }

    private static void scores(Map<String, @Nullable Object> map, TaskMetrics dev) {
        if (dev instanceof ClassificationMetrics classes) {
            map.put("dev_acc", StepBench.rounded(classes.accuracy(), 4));
            map.put("dev_mcc", StepBench.rounded(classes.matthews(), 4));
        } else {
            dev.figures().forEach((figure, value) -> map.put("dev_" + figure, StepBench.rounded(value, 4)));
        }
        map.put("dev_loss", StepBench.rounded(dev.loss(), 4));
    }

    /** The figures of all epochs together. */
    BenchResult closing() {
        Double others = whole.otherProcessors();
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("done", true);
        map.put("task", recipe.task().name());
        map.put("rank", config.mode() == BenchMode.LORA ? recipe.adapter().rank() : null);
        map.put("batch", recipe.train().batch());
        map.put("train", plan == null ? null : plan.trainExamples());
        map.put(EPOCH_SECONDS, StepBench.rounded(median(epochSeconds), 2));
        map.put("examples_per_s", StepBench.rounded(median(rates), 1));
        map.put("total_s", StepBench.rounded((System.nanoTime() - begun) * 1e-9, 1));
        map.put("trainable", trainable);
        map.put(BenchResult.MEMORY, MachineLoad.peakResidentMb());
        map.put("rss_100_mb", settledMb);
        map.put("rss_max_after_mb", laterMb == 0 ? null : laterMb);
        map.put("rss_end_mb", MachineLoad.residentMb());
        map.put("rss_growth", growth());
        if (last != null) {
            scores(map, last);
        }
        map.put("other_cpu", others == null ? null : StepBench.rounded(others, 2));
        return new BenchResult(map);
    }

    /** By which part the highest resident memory after 100 steps exceeds that at 100 steps; null for shorter runs. */
    private @Nullable Double growth() {
        Long base = settledMb;
        return base == null || laterMb == 0 ? null : StepBench.rounded((double) laterMb / base - 1, 4);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
    }
}

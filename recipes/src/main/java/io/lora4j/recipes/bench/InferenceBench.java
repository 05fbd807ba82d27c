package io.lora4j.recipes.bench;

import io.lora4j.eval.TaskMetrics;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.run.DevPass;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Passes over a task's dev set with the classifier as it is before training, timed: batching, the network, and what a run adds up for its
 * metrics. Texts are tokenized before. Not thread-safe.
 */
public final class InferenceBench implements AutoCloseable {
    /** Median seconds of a pass. */
    static final String PASS_SECONDS = "eval_s";

    private final DataBenchConfig config;
    private final Recipe recipe;
    private final DevPass dev;

    /**
     * Loads data and weights and sets the number of threads for the whole process.
     *
     * @param config what to time
     * @param home the cache of models and tokens
     */
    public InferenceBench(DataBenchConfig config, Path home) {
        this.config = config;
        this.recipe = config.recipe();
        StepBench.useThreads(config.threads());
        this.dev = DevPass.of(recipe, home);
    }

    /** Ends the threads that compute. */
    @Override
    public void close() {
        dev.close();
    }

    /**
     * Warms up and times the passes.
     *
     * @return the figures
     */
    public BenchResult run() {
        for (int i = 0; i < config.warmup(); i++) {
            dev.run();
        }
        MachineLoad load = new MachineLoad();
        List<Double> seconds = new ArrayList<>();
        TaskMetrics metrics = null;
        for (int i = 0; i < config.epochs(); i++) {
            long start = System.nanoTime();
            metrics = dev.run();
            seconds.add((System.nanoTime() - start) * 1e-9);
        }
        List<Double> sorted = seconds.stream().sorted().toList();
        double median = sorted.get(sorted.size() / 2);
        Double others = load.otherProcessors();
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("peer", "lora4j");
        map.put("task", recipe.task().name());
        map.put("model", recipe.model().name());
        map.put("mode", config.mode().toString());
        map.put("dev", dev.examples());
        map.put("mean_len", StepBench.rounded((double) dev.tokens() / dev.examples(), 1));
        map.put("batches", dev.batches());
        map.put("threads", config.threads());
        StepBench.putLibraries(map);
        map.put("passes", seconds.size());
        map.put(PASS_SECONDS, StepBench.rounded(median, 4));
        map.put("eval_s_min", StepBench.rounded(sorted.get(0), 4));
        map.put("eval_examples_per_s", StepBench.rounded(dev.examples() / median, 1));
        map.put("tokens_per_s", Math.round(dev.tokens() / median));
        map.put("padded_share", 0);
        map.put("dev_loss", metrics == null ? null : StepBench.rounded(metrics.loss(), 4));
        map.put(BenchResult.MEMORY, MachineLoad.peakResidentMb());
        map.put("other_cpu", others == null ? null : StepBench.rounded(others, 2));
        return new BenchResult(map);
    }
}

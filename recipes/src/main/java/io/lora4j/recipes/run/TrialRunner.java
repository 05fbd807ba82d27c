package io.lora4j.recipes.run;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.init.AdapterInitializer;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.peft.LoraFactors;
import io.lora4j.models.peft.PeftAdapter;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.diagnostics.GradientSubspaces;
import io.lora4j.recipes.method.AdapterSettings;
import io.lora4j.recipes.method.MethodPlan;
import io.lora4j.recipes.method.MethodSettings;
import io.lora4j.recipes.method.Preconditioning;
import io.lora4j.recipes.run.TrialCheckpoint.Spent;
import io.lora4j.recipes.schema.Types;
import io.lora4j.train.BatchSource;
import io.lora4j.train.TrainCheckpoint;
import io.lora4j.train.TrainControl;
import io.lora4j.train.TrainResult;
import io.lora4j.train.Trainer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Trains and evaluates one method at one rate with one seed. */
final class TrialRunner {
    private final Shared shared;
    private final Workbench bench;

    TrialRunner(Shared shared) {
        this.shared = shared;
        this.bench = shared.bench();
    }

    /**
     * Runs a trial, or goes on with one from its folder's checkpoint.
     *
     * @return what it came to; null if it was told to stop, its checkpoint then being in the folder
     */
    @Nullable
    TrialResult run(Recipe.MethodChoice method, TrialKey key, SeedContext seed, TrialDirectory directory) {
        // What earlier trials have left would count as this one's memory.
        System.gc();
        MethodPlan plan = method.settings().plan();
        if (plan instanceof MethodPlan.Adapters adapters) {
            return adapters(adapters, method, key, seed, directory);
        }
        if (plan instanceof MethodPlan.Full full) {
            TrialStart start = TrialStart.full(bench, full, key.learningRate(), seed);
            try (GraphTwins twins = start.twins()) {
                TrialRecorder recorder = recorder(key, directory, DevSets.of(bench, twins));
                return train(start, twins, method, bench.batches(seed.streams()), recorder, key, seed, directory);
            }
        }
        if (plan instanceof MethodPlan.OneStep oneStep) {
            try (OneStepTrial trial = OneStepTrial.of(bench, seed, oneStep.scope())) {
                return trial.run(key, recorder(key, directory, DevSets.of(bench, trial.twins())));
            }
        }
        return headOnly(plan instanceof MethodPlan.HeadOnly, method, key, seed, directory);
    }

    /** The classifier on pooled features, trained or as it is at the start. */
    private @Nullable TrialResult headOnly(
            boolean trained, Recipe.MethodChoice method, TrialKey key, SeedContext seed, TrialDirectory directory) {
        PooledFeatures pooled = shared.features();
        TrialStart start = TrialStart.head(shared, key.learningRate(), seed);
        TrialRecorder recorder = recorder(key, directory, DevSets.of(bench, start.graph(), pooled));
        if (trained) {
            BatchSource batches = pooled.batches(bench.batches(seed.streams()));
            return train(start, GraphTwins.alone(start.graph()), method, batches, recorder, key, seed, directory);
        }
        TaskMetrics dev = recorder.evaluate(0);
        return new TrialResult(
                key,
                0,
                dev,
                recorder.evaluateOthers(0),
                0,
                null,
                start.initSeconds(),
                0,
                recorder.evalSeconds(),
                recorder.peakBytes() - seed.heldBytes(),
                null,
                TrialSetup.NOTHING);
    }

    private @Nullable TrialResult adapters(
            MethodPlan.Adapters plan,
            Recipe.MethodChoice method,
            TrialKey key,
            SeedContext seed,
            TrialDirectory directory) {
        GradientSubspaces subspaces = subspaces(plan.initializer(), seed, directory);
        TrialStart start = TrialStart.adapters(bench, plan, key.learningRate(), seed);
        AdaptedModel model = Objects.requireNonNull(start.model());
        Json.write(directory.resolve("init_report.json"), report(plan.initializer(), seed, start));
        Map<String, LoraFactors> factors = LoraFactors.copyOf(model);
        TrialResult result;
        try (GraphTwins twins = start.twins()) {
            TrialRecorder recorder = recorder(key, directory, DevSets.of(bench, twins));
            recorder.observedBy(
                    subspaces == null
                            ? null
                            : Observer.begin(
                                    subspaces, model, bench.recipe().diagnostics(), bench.totalSteps(), directory));
            result = train(start, twins, method, bench.batches(seed.streams()), recorder, key, seed, directory);
        }
        if (result == null) {
            return null;
        }
        PeftAdapter adapter = PeftAdapter.of(model, bench.model().weights(), factors);
        Map<String, Object> origin = origin(key, plan.initializer());
        AdapterFolder.write(directory.resolve("adapter"), bench, method, result, model, adapter, origin);
        return result;
    }

    /**
     * What the diagnostics ask for of the gradients; null if they ask for nothing. Before the start is made: an estimate that the start does not need
     * is no part of the trial's time and memory.
     */
    private @Nullable GradientSubspaces subspaces(
            AdapterInitializer initializer, SeedContext seed, TrialDirectory directory) {
        if (bench.recipe().diagnostics().equals(Recipe.DiagnosticsChoice.NONE)) {
            return null;
        }
        if (initializer.needsGradient()) {
            seed.gradients();
        }
        long begin = System.nanoTime();
        GradientSubspaces subspaces = seed.subspaces();
        directory.leaveOut((System.nanoTime() - begin) * 1e-9);
        return subspaces;
    }

    /** Trains to the end and evaluates; null if training was told to stop, its checkpoint then being written. */
    private @Nullable TrialResult train(
            TrialStart start,
            GraphTwins twins,
            Recipe.MethodChoice method,
            BatchSource batches,
            TrialRecorder recorder,
            TrialKey key,
            SeedContext seed,
            TrialDirectory directory) {
        TrialSetup setup = setup(start, method.settings());
        shared.listener().onSetup(key, setup);
        TrialCheckpoint checkpoint = directory.checkpoint();
        TrainControl control = new TrainControl(checkpoint == null ? null : checkpoint.training(), shared.stop());
        TrainResult trained =
                Trainer.fit(twins, start.rule(), batches, bench.trainConfig(), seed.streams(), recorder, control);
        double trainSeconds = trained.seconds() - recorder.evalSeconds() - recorder.observerSeconds();
        TrainCheckpoint stoppedAt = trained.stoppedAt();
        if (stoppedAt != null) {
            directory.suspend(stoppedAt, spent(directory.before(), start, trainSeconds, recorder, seed));
            return null;
        }
        TaskMetrics dev = recorder.evaluate(trained.steps());
        Map<String, TaskMetrics> otherDevs = recorder.evaluateOthers(trained.steps());
        Spent spent = spent(directory.before(), start, trainSeconds, recorder, seed);
        return new TrialResult(
                key,
                setup.trainableParameters(),
                dev,
                otherDevs,
                trained.steps(),
                trained.finalLoss(),
                Objects.requireNonNull(spent.initSeconds()),
                spent.trainSeconds(),
                spent.evalSeconds(),
                spent.peakBytes(),
                null,
                setup);
    }

    /** What the trial has taken, with what it had taken before it went on; a start that was only made again does not count. */
    private static Spent spent(
            Spent before, TrialStart start, double trainSeconds, TrialRecorder recorder, SeedContext seed) {
        Double init = before.initSeconds();
        // A gradient that is kept for the other methods of the seed is no part of this trial's memory.
        long peak = Math.max(start.initPeak(), recorder.peakBytes() - seed.heldBytes());
        return new Spent(
                init == null ? start.initSeconds() : init,
                before.trainSeconds() + trainSeconds,
                before.evalSeconds() + recorder.evalSeconds(),
                before.elapsedSeconds(),
                Math.max(before.peakBytes(), peak));
    }

    private static TrialSetup setup(TrialStart start, MethodSettings settings) {
        Preconditioning preconditioning = settings instanceof AdapterSettings adapters
                ? adapters.composition().preconditioning()
                : Preconditioning.NONE;
        return new TrialSetup(TrainedGroup.of(start.graph()), preconditioning, start.factorPairs(), start.deadPairs());
    }

    private TrialRecorder recorder(TrialKey key, TrialDirectory directory, DevSets sets) {
        return new TrialRecorder(
                key, directory, shared.listener(), bench.recipe().eval().each(), bench.totalSteps(), sets);
    }

    /** What a reader of the adapter must know beside the weights. */
    private Map<String, Object> origin(TrialKey key, AdapterInitializer initializer) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("method", key.method());
        map.put("initializer", initializer.name());
        map.put("learning_rate", key.learningRate());
        map.put("seed", key.seed());
        map.put("task", bench.data().task());
        map.put("labels", bench.data().labels());
        map.put("problem_type", LoadedAdapter.problemType(bench.data().scores()));
        map.put("model", bench.model().name());
        map.put("model_sha256", bench.model().sha256());
        map.put("pooling", Types.name(bench.recipe().model().pooling()));
        map.put("max_length", bench.recipe().model().maxLength());
        return map;
    }

    private static Map<String, Object> report(AdapterInitializer initializer, SeedContext seed, TrialStart start) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("initializer", initializer.name());
        map.put(
                "gradient_examples",
                initializer.needsGradient() ? seed.gradients().exampleCount() : 0);
        map.put("dead_pairs", start.deadPairs());
        map.put("layers", start.layers());
        return map;
    }
}

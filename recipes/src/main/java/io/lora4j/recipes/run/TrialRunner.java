package io.lora4j.recipes.run;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.datasets.EvaluationBatches;
import io.lora4j.eval.ClassificationEvaluation;
import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.AdapterSetup;
import io.lora4j.init.InputMoments;
import io.lora4j.init.LayerInitReport;
import io.lora4j.models.encoder.TrainableWeights;
import io.lora4j.models.peft.LoraFactors;
import io.lora4j.models.peft.PeftAdapter;
import io.lora4j.models.peft.PeftAdapterWriter;
import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.ParameterGroups;
import io.lora4j.optim.UniformGroups;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.method.MethodPlan;
import io.lora4j.recipes.schema.Types;
import io.lora4j.train.BatchSource;
import io.lora4j.train.PeakMemory;
import io.lora4j.train.TrainResult;
import io.lora4j.train.Trainer;
import io.lora4j.train.UpdateRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;

/** Trains and evaluates one method at one rate with one seed. */
final class TrialRunner {
    private final Shared shared;
    private final Workbench bench;

    TrialRunner(Shared shared) {
        this.shared = shared;
        this.bench = shared.bench();
    }

    TrialResult run(Recipe.MethodChoice method, TrialKey key, SeedContext seed, TrialDirectory directory) {
        // What earlier trials have left would count as this one's memory.
        System.gc();
        MethodPlan plan = method.settings().plan();
        if (plan instanceof MethodPlan.Adapters adapters) {
            return adapters(adapters, key, seed, directory);
        }
        if (plan instanceof MethodPlan.Full full) {
            return full(full, key, seed, directory);
        }
        if (plan instanceof MethodPlan.OneStep oneStep) {
            OneStepTrial trial = OneStepTrial.of(bench, seed, oneStep.scope());
            return trial.run(key, recorder(key, directory, evaluator(trial.graph())));
        }
        return headOnly(plan instanceof MethodPlan.HeadOnly, key, seed, directory);
    }

    /** The classifier on pooled features, trained or as it is at the start. */
    private TrialResult headOnly(boolean trained, TrialKey key, SeedContext seed, TrialDirectory directory) {
        PooledFeatures pooled = shared.features();
        ComputationGraph graph = Head.alone(bench, seed.headSeed(), optimizer(key, new UniformGroups(false)));
        seed.startHead(graph);
        TrialRecorder recorder = recorder(key, directory, steps -> {
            ClassificationEvaluation evaluation = new ClassificationEvaluation(bench.labels());
            Evaluator.add(evaluation, pooled.devLabels(), graph.outputSingle(false, pooled.dev()), steps);
            return evaluation.metrics();
        });
        if (!trained) {
            ClassificationMetrics dev = recorder.evaluate(0);
            long peak = recorder.peakBytes() - seed.heldBytes();
            return new TrialResult(key, 0, dev, 0, null, pooled.seconds(), 0, recorder.evalSeconds(), peak, null);
        }
        BatchSource batches = pooled.batches(bench.batches(seed.streams()));
        return train(new Start(graph, UpdateRule.DL4J, 0, pooled.seconds(), 0), batches, recorder, key, seed);
    }

    private TrialResult full(MethodPlan.Full plan, TrialKey key, SeedContext seed, TrialDirectory directory) {
        PeakMemory memory = new PeakMemory();
        long begin = System.nanoTime();
        ComputationGraphConfiguration configuration = bench.trainable(bench.trainingConfig(), seed.headSeed());
        optimizer(key, plan.groups()).applyTo(configuration);
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        TrainableWeights.copyInto(graph, bench.model().weights());
        seed.startHead(graph);
        memory.sample();
        double seconds = (System.nanoTime() - begin) * 1e-9;
        TrialRecorder recorder = recorder(key, directory, evaluator(graph));
        Start start = new Start(graph, UpdateRule.DL4J, 0, seconds, memory.peakBytes());
        return train(start, bench.batches(seed.streams()), recorder, key, seed);
    }

    private TrialResult adapters(MethodPlan.Adapters plan, TrialKey key, SeedContext seed, TrialDirectory directory) {
        PeakMemory initMemory = new PeakMemory();
        AdapterInitializer initializer = plan.initializer();
        boolean estimated = initializer.needsGradient();
        WeightGradients gradients = estimated ? seed.gradients() : null;
        initMemory.sample();
        long begin = System.nanoTime();
        Map<String, InputMoments> inputs = initializer.needsInputs() ? seed.inputs() : Map.of();
        ComputationGraphConfiguration configuration = bench.adapted(plan, seed.headSeed());
        optimizer(key, plan).applyTo(configuration);
        AdaptedModel model = AdaptedModel.of(configuration, bench.model().weights());
        seed.startHead(model.graph());
        List<LayerInitReport> layers = AdapterSetup.apply(model, initializer, gradients, inputs, seed.streams());
        initMemory.sample();
        double initSeconds = (System.nanoTime() - begin) * 1e-9 + (estimated ? seed.gradientSeconds() : 0);
        Json.write(directory.resolve("init_report.json"), report(initializer, gradients, layers));

        Map<String, LoraFactors> factors = LoraFactors.copyOf(model);
        TrialRecorder recorder = recorder(key, directory, evaluator(model.graph()));
        Start start = new Start(
                model.graph(), plan.rule(), frozenFactors(model, plan.groups()), initSeconds, initMemory.peakBytes());
        TrialResult result = train(start, bench.batches(seed.streams()), recorder, key, seed);
        PeftAdapter adapter = PeftAdapter.of(model, bench.model().weights(), factors);
        PeftAdapterWriter.write(
                directory.resolve("adapter"), adapter, bench.model().name(), origin(key, initializer));
        return result;
    }

    /** Scalars of factors that a method keeps at a rate of 0: in DL4J's parameter table, but not trained. */
    private static long frozenFactors(AdaptedModel model, ParameterGroups groups) {
        return model.adapters().entrySet().stream()
                .filter(adapter -> groups.groupOf(adapter.getKey(), ParameterGroups.LORA_A, false)
                                .lrMultiplier()
                        == 0)
                .mapToLong(adapter -> adapter.getValue().loraA().length())
                .sum();
    }

    /**
     * A network that is ready to be trained.
     *
     * @param frozen scalars of its parameter vector that are not trained
     * @param initSeconds what it took to get there
     * @param initPeak highest memory on the way
     */
    private record Start(ComputationGraph graph, UpdateRule rule, long frozen, double initSeconds, long initPeak) {}

    private TrialResult train(
            Start start, BatchSource batches, TrialRecorder recorder, TrialKey key, SeedContext seed) {
        TrainResult trained =
                Trainer.fit(start.graph(), start.rule(), batches, bench.trainConfig(), seed.streams(), recorder);
        double trainSeconds = trained.seconds() - recorder.evalSeconds();
        ClassificationMetrics dev = recorder.evaluate(trained.steps());
        // A gradient that is kept for the other methods of the seed is no part of this trial's memory.
        long peak = Math.max(start.initPeak(), recorder.peakBytes() - seed.heldBytes());
        return new TrialResult(
                key,
                start.graph().params().length() - start.frozen(),
                dev,
                trained.steps(),
                trained.finalLoss(),
                start.initSeconds(),
                trainSeconds,
                recorder.evalSeconds(),
                peak,
                null);
    }

    private LongFunction<ClassificationMetrics> evaluator(ComputationGraph graph) {
        EvaluationBatches dev = bench.devBatches();
        return steps -> Evaluator.evaluate(graph, dev, bench.labels(), steps);
    }

    private GroupedOptimizer optimizer(TrialKey key, ParameterGroups groups) {
        return Optimizers.of(bench.recipe().train(), key.learningRate(), bench.totalSteps(), groups);
    }

    private GroupedOptimizer optimizer(TrialKey key, MethodPlan.Adapters plan) {
        return Optimizers.of(
                bench.recipe().train(), key.learningRate(), bench.totalSteps(), plan.groups(), plan.updater());
    }

    private TrialRecorder recorder(
            TrialKey key, TrialDirectory directory, LongFunction<ClassificationMetrics> evaluator) {
        return new TrialRecorder(
                key, directory, shared.listener(), bench.recipe().eval().each(), bench.totalSteps(), evaluator);
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
        map.put("model", bench.model().name());
        map.put("model_sha256", bench.model().sha256());
        map.put("pooling", Types.name(bench.recipe().model().pooling()));
        map.put("max_length", bench.recipe().model().maxLength());
        return map;
    }

    private static Map<String, Object> report(
            AdapterInitializer initializer, @Nullable WeightGradients gradients, List<LayerInitReport> layers) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("initializer", initializer.name());
        map.put("gradient_examples", gradients == null ? 0 : gradients.exampleCount());
        map.put(
                "dead_pairs",
                layers.stream().mapToInt(LayerInitReport::deadPairs).sum());
        map.put("layers", layers);
        return map;
    }
}

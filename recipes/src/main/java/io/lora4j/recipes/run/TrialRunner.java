package io.lora4j.recipes.run;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.datasets.EvaluationBatches;
import io.lora4j.eval.ClassificationEvaluation;
import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.AdapterSetup;
import io.lora4j.init.LayerInitReport;
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
        return plan instanceof MethodPlan.Adapters adapters
                ? adapters(adapters, key, seed, directory)
                : headOnly(key, seed, directory);
    }

    private TrialResult headOnly(TrialKey key, SeedContext seed, TrialDirectory directory) {
        PooledFeatures pooled = shared.features();
        GroupedOptimizer optimizer = optimizer(key, new UniformGroups(false));
        ComputationGraph graph = Head.alone(bench, seed.headSeed(), optimizer);
        seed.startHead(graph);
        LongFunction<ClassificationMetrics> evaluator = steps -> {
            ClassificationEvaluation evaluation = new ClassificationEvaluation(bench.labels());
            Evaluator.add(evaluation, pooled.devLabels(), graph.outputSingle(false, pooled.dev()), steps);
            return evaluation.metrics();
        };
        TrialRecorder recorder = recorder(key, directory, evaluator);
        BatchSource batches = pooled.batches(bench.batches(seed.streams()));
        return train(graph, batches, recorder, key, seed, pooled.seconds(), 0);
    }

    private TrialResult adapters(MethodPlan.Adapters plan, TrialKey key, SeedContext seed, TrialDirectory directory) {
        PeakMemory initMemory = new PeakMemory();
        AdapterInitializer initializer = plan.initializer();
        boolean estimated = initializer.needsGradient();
        WeightGradients gradients = estimated ? seed.gradients() : null;
        initMemory.sample();
        long begin = System.nanoTime();
        ComputationGraphConfiguration configuration = bench.adapted(seed.headSeed());
        optimizer(key, plan.groups()).applyTo(configuration);
        AdaptedModel model = AdaptedModel.of(configuration, bench.model().weights());
        seed.startHead(model.graph());
        List<LayerInitReport> layers = AdapterSetup.apply(model, initializer, gradients, seed.streams());
        initMemory.sample();
        double initSeconds = (System.nanoTime() - begin) * 1e-9 + (estimated ? seed.gradientSeconds() : 0);
        Json.write(directory.resolve("init_report.json"), report(initializer, gradients, layers));

        Map<String, LoraFactors> start = LoraFactors.copyOf(model);
        EvaluationBatches dev = bench.devBatches();
        TrialRecorder recorder =
                recorder(key, directory, steps -> Evaluator.evaluate(model.graph(), dev, bench.labels(), steps));
        BatchSource batches = bench.batches(seed.streams());
        TrialResult result = train(model.graph(), batches, recorder, key, seed, initSeconds, initMemory.peakBytes());
        PeftAdapter adapter = PeftAdapter.of(model, bench.model().weights(), start);
        PeftAdapterWriter.write(
                directory.resolve("adapter"), adapter, bench.model().name(), origin(key, initializer));
        return result;
    }

    private TrialResult train(
            ComputationGraph graph,
            BatchSource batches,
            TrialRecorder recorder,
            TrialKey key,
            SeedContext seed,
            double initSeconds,
            long initPeak) {
        TrainResult trained = Trainer.fit(graph, batches, bench.trainConfig(), seed.streams(), recorder);
        double trainSeconds = trained.seconds() - recorder.evalSeconds();
        ClassificationMetrics dev = recorder.evaluate(trained.steps());
        // A gradient that is kept for the other methods of the seed is no part of this trial's memory.
        long peak = Math.max(initPeak, recorder.peakBytes() - seed.heldBytes());
        return new TrialResult(
                key,
                graph.params().length(),
                dev,
                trained.steps(),
                trained.finalLoss(),
                initSeconds,
                trainSeconds,
                recorder.evalSeconds(),
                peak);
    }

    private GroupedOptimizer optimizer(TrialKey key, ParameterGroups groups) {
        return Optimizers.of(bench.recipe().train(), key.learningRate(), bench.totalSteps(), groups);
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

package io.lora4j.recipes.run;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.AdapterSetup;
import io.lora4j.init.InputMoments;
import io.lora4j.init.LayerInitReport;
import io.lora4j.models.encoder.TrainableWeights;
import io.lora4j.optim.UniformGroups;
import io.lora4j.parallel.ExampleCost;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.method.MethodPlan;
import io.lora4j.train.PeakMemory;
import io.lora4j.train.UpdateRule;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;

/**
 * A network that is ready to be trained: built, given its start and its optimiser. Deterministic for a seed.
 *
 * @param graph the network
 * @param model the same with its frozen weights; null if it has no adapters
 * @param layers what the start did to every adapter; empty if there are none
 * @param rule how it is to be stepped
 * @param initSeconds what it took to get there, the gradient estimate included
 * @param initPeak highest memory on the way
 */
record TrialStart(
        ComputationGraph graph,
        @Nullable AdaptedModel model,
        List<LayerInitReport> layers,
        UpdateRule rule,
        double initSeconds,
        long initPeak) {
    /** The classifier alone, for pooled features. */
    static TrialStart head(Shared shared, double rate, SeedContext seed) {
        Workbench bench = shared.bench();
        Recipe.TrainChoice train = bench.recipe().train();
        ComputationGraph graph = Head.alone(
                bench, seed.headSeed(), Optimizers.of(train, rate, bench.totalSteps(), new UniformGroups(false)));
        seed.startHead(graph);
        double seconds = shared.features().seconds();
        return new TrialStart(graph, null, List.of(), UpdateRule.DL4J, seconds, 0);
    }

    /** The whole network, every parameter trainable. */
    static TrialStart full(Workbench bench, MethodPlan.Full plan, double rate, SeedContext seed) {
        PeakMemory memory = new PeakMemory();
        long begin = System.nanoTime();
        ComputationGraphConfiguration configuration = bench.trainable(bench.trainingConfig(), seed.headSeed());
        Optimizers.of(bench.recipe().train(), rate, bench.totalSteps(), plan.groups())
                .applyTo(configuration);
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        TrainableWeights.copyInto(graph, bench.model().weights());
        seed.startHead(graph);
        memory.sample();
        double seconds = (System.nanoTime() - begin) * 1e-9;
        return new TrialStart(graph, null, List.of(), UpdateRule.DL4J, seconds, memory.peakBytes());
    }

    /** Adapters over the frozen network, with their start. */
    static TrialStart adapters(Workbench bench, MethodPlan.Adapters plan, double rate, SeedContext seed) {
        PeakMemory memory = new PeakMemory();
        AdapterInitializer initializer = plan.initializer();
        boolean estimated = initializer.needsGradient();
        WeightGradients gradients = estimated ? seed.gradients() : null;
        memory.sample();
        long begin = System.nanoTime();
        Map<String, InputMoments> inputs = initializer.needsInputs() ? seed.inputs() : Map.of();
        ComputationGraphConfiguration configuration = bench.adapted(plan, seed.headSeed());
        Optimizers.of(bench.recipe().train(), rate, bench.totalSteps(), plan.groups(), plan.updater())
                .applyTo(configuration);
        AdaptedModel model = AdaptedModel.of(configuration, bench.model().weights());
        seed.startHead(model.graph());
        List<LayerInitReport> layers = AdapterSetup.apply(model, initializer, gradients, inputs, seed.streams());
        memory.sample();
        if (estimated) {
            // What estimate and decompositions leave behind is off the heap, where the collector does not see how large
            // it is.
            System.gc();
        }
        double seconds = (System.nanoTime() - begin) * 1e-9 + (estimated ? seed.gradientSeconds() : 0);
        return new TrialStart(model.graph(), model, layers, plan.rule(), seconds, memory.peakBytes());
    }

    /**
     * Twins of the network, to train and to evaluate it with all threads. A network that is trained whole has none: each would need a gradient
     * of the size of all parameters, for no gain in processor time.
     */
    GraphTwins twins() {
        AdaptedModel adapted = model;
        return adapted == null
                ? GraphTwins.alone(graph)
                : adapted.twins(ExampleCost.TOKENS, GraphTwins.usefulThreads());
    }

    /** Pairs of a column of A and a row of B, over all adapters. */
    int factorPairs() {
        return layers.stream().mapToInt(LayerInitReport::rank).sum();
    }

    /** Pairs without a direction of their own, over all adapters. */
    int deadPairs() {
        return layers.stream().mapToInt(LayerInitReport::deadPairs).sum();
    }
}

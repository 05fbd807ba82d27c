package io.lora4j.recipes.run;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.datasets.LengthGroupedBatches;
import io.lora4j.optim.UniformGroups;
import io.lora4j.parallel.ExampleCost;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.method.MethodPlan;
import io.lora4j.recipes.method.Preconditioning;
import io.lora4j.train.PeakMemory;
import io.lora4j.train.RandomStreams;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * Does what comes before a comparison's first step, and takes batches through forward and backward pass for some seconds, to say what it will take.
 * It checks everything a run checks, and writes nothing but the caches of models and tokens. One object for several recipes: what a token
 * costs is timed once for each encoder. Not thread-safe.
 */
public final class Rehearsal {
    /** The JVM is four to ten times slower until it has compiled what a step does; on two cores that takes it about so long. */
    private static final double WARM_UP_SECONDS = 8;

    /** How long it is timed after that. */
    private static final double TIMED_SECONDS = 3;

    /** A comparison that takes no longer even at the pace of a cold JVM is not worth a better answer. */
    private static final double SHORT_SECONDS = 120;

    private record Encoder(String model, int maxLength, List<String> targets) {}

    private final RunOptions options;
    private final RunListener listener;
    private final Map<Encoder, Double> secondsPerToken = new HashMap<>();

    /**
     * @param options where data and models are cached
     * @param listener hears of the phases
     */
    public Rehearsal(RunOptions options, RunListener listener) {
        this.options = options;
        this.listener = listener;
    }

    /**
     * Looks at a recipe.
     *
     * @param recipe any recipe
     * @return what it is going to take
     * @throws io.lora4j.error.UserException if data or model cannot be used, or the adapter does not fit the model
     */
    public Preview of(Recipe recipe) {
        Workbench bench = ComparisonRunner.load(recipe, options, listener);
        listener.onPhase("taking a batch through forward and backward pass");
        PeakMemory memory = new PeakMemory();
        Encoder encoder = new Encoder(
                recipe.model().name(),
                recipe.model().maxLength(),
                recipe.adapter().targets());
        Double known = secondsPerToken.get(encoder);
        if (known == null) {
            known = time(bench, memory);
            secondsPerToken.put(encoder, known);
        }
        memory.sample();
        Map<String, Long> trainable = new LinkedHashMap<>();
        recipe.methods().forEach(method -> trainable.put(method.label(), trainable(bench, method)));
        return new Preview(recipe, bench.plan(), bench.stepsPerEpoch(), trainable, known, memory.peakBytes());
    }

    /** Seconds per token of a network with adapters, or of the plain one where no method has any. */
    private static double time(Workbench bench, PeakMemory memory) {
        RandomStreams streams = new RandomStreams(bench.recipe().train().seeds().get(0));
        LengthGroupedBatches batches = bench.batches(streams);
        List<List<Integer>> order = batches.order(0);
        double epochs = (double) bench.totalSteps() / bench.stepsPerEpoch();
        double allTokens =
                Workbench.tokens(bench.train()) * epochs * bench.plan().trials().size();
        double elapsed = 0;
        double seconds = 0;
        long seen = 0;
        long tokens = 0;
        AdaptedModel model = AdaptedModel.of(network(bench), bench.model().weights());
        try (GraphTwins twins = model.twins(ExampleCost.TOKENS, GraphTwins.usefulThreads())) {
            while (true) {
                int step = 0;
                for (List<MultiDataSet> parts : batches.epoch(0)) {
                    double taken = seconds(parts, twins, streams, memory);
                    long length = order.get(step++).stream()
                            .mapToLong(index -> bench.train().get(index).length())
                            .sum();
                    // A step that is longer than the whole warm-up counts, as there is no other.
                    if (elapsed >= WARM_UP_SECONDS || taken > WARM_UP_SECONDS) {
                        seconds += taken;
                        tokens += length;
                    }
                    elapsed += taken;
                    seen += length;
                    if (elapsed / seen * allTokens < SHORT_SECONDS) {
                        return elapsed / seen;
                    }
                    if (elapsed >= WARM_UP_SECONDS + TIMED_SECONDS && tokens > 0) {
                        return seconds / tokens;
                    }
                }
            }
        }
    }

    /** Seconds of one step. */
    private static double seconds(
            List<MultiDataSet> parts, GraphTwins twins, RandomStreams streams, PeakMemory memory) {
        long start = System.nanoTime();
        for (MultiDataSet part : parts) {
            twins.computeGradient(part, index -> streams.seedOf(RandomStreams.DROPOUT, index));
            memory.sample();
        }
        return (System.nanoTime() - start) * 1e-9;
    }

    private static ComputationGraphConfiguration network(Workbench bench) {
        for (Recipe.MethodChoice method : bench.recipe().methods()) {
            if (method.settings().plan() instanceof MethodPlan.Adapters adapters) {
                return bench.adapted(adapters, 1);
            }
        }
        return bench.plain(bench.trainingConfig(), 1);
    }

    /** Counted on the network itself, with the optimiser that a trial sets up. */
    private static long trainable(Workbench bench, Recipe.MethodChoice method) {
        MethodPlan plan = method.settings().plan();
        Recipe.TrainChoice train = bench.recipe().train();
        double rate = method.learningRates().get(0);
        ComputationGraph graph;
        if (plan instanceof MethodPlan.Adapters adapters) {
            ComputationGraphConfiguration configuration = bench.adapted(adapters, 1);
            Optimizers.of(train, rate, bench.totalSteps(), adapters.groups(), adapters.updater())
                    .applyTo(configuration);
            graph = AdaptedModel.of(configuration, bench.model().weights()).graph();
        } else if (plan instanceof MethodPlan.Full full) {
            ComputationGraphConfiguration configuration = bench.trainable(bench.trainingConfig(), 1);
            Optimizers.of(train, rate, bench.totalSteps(), full.groups()).applyTo(configuration);
            graph = new ComputationGraph(configuration);
            graph.init();
        } else if (plan instanceof MethodPlan.HeadOnly) {
            graph = Head.alone(bench, 1, Optimizers.of(train, rate, bench.totalSteps(), new UniformGroups(false)));
        } else {
            return 0;
        }
        return new TrialSetup(TrainedGroup.of(graph), Preconditioning.NONE, 0, 0).trainableParameters();
    }
}

package io.lora4j.recipes.run;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.datasets.ExampleSample;
import io.lora4j.error.UserException;
import io.lora4j.gradient.GradientEstimator;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.init.InputMoments;
import io.lora4j.init.InputMomentsEstimator;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.UniformGroups;
import io.lora4j.parallel.ExampleCost;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.Recipe.GradientChoice;
import io.lora4j.recipes.diagnostics.GradientSubspaces;
import io.lora4j.train.RandomStreams;
import io.lora4j.train.TrainConfig;
import io.lora4j.train.TrainListener;
import io.lora4j.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * What all trials of one seed share: random streams, the classifier they start from, and the gradient estimated there, made when it is
 * first asked for. Not thread-safe.
 */
final class SeedContext implements AutoCloseable {
    /** Gradients above it wait on disk for the next method that starts from them: training needs the memory. */
    private static final long MOST_HELD_BYTES = 256L << 20;

    /** Rate of the classifier's warm-up before the estimate: that of a linear head on fixed features, see the head-only baseline. */
    private static final double WARMUP_RATE = 1e-2;

    private final Shared shared;
    private final Workbench bench;
    private final RandomStreams streams;
    private final @Nullable Path scratch;
    private @Nullable Head head;
    private @Nullable WeightGradients gradients;
    private @Nullable GradientSubspaces subspaces;
    private double gradientSeconds;
    private boolean onDisk;

    /** Keeps everything in memory. */
    SeedContext(Shared shared, long seed) {
        this(shared, seed, null);
    }

    /**
     * @param scratch a file for what is too large for memory, deleted by {@link #close}; null to keep everything in memory
     */
    SeedContext(Shared shared, long seed, @Nullable Path scratch) {
        this.scratch = scratch;
        this.shared = shared;
        this.bench = shared.bench();
        this.streams = new RandomStreams(seed);
    }

    RandomStreams streams() {
        return streams;
    }

    long headSeed() {
        return streams.seedOf(RandomStreams.HEAD);
    }

    /** Gives a graph the classifier that all trials of this seed start from. */
    void startHead(ComputationGraph graph) {
        int steps = bench.recipe().gradient().headWarmupSteps();
        if (steps == 0) {
            return; // the graph was built with the seed's classifier
        }
        if (head == null) {
            head = warmedUp(steps);
        }
        head.copyTo(graph);
    }

    private Head warmedUp(int steps) {
        Recipe.TrainChoice train = bench.recipe().train();
        GroupedOptimizer optimizer = Optimizers.of(train, WARMUP_RATE, steps, new UniformGroups(false));
        ComputationGraph graph = Head.alone(bench, headSeed(), optimizer);
        int epochs = (steps - 1) / bench.stepsPerEpoch() + 1;
        Trainer.fit(
                graph,
                shared.features().batches(bench.batches(streams)),
                new TrainConfig(epochs, steps, train.maxGradNorm()),
                streams,
                TrainListener.NONE);
        return Head.of(graph);
    }

    /** The gradient of every target weight, at the classifier that all trials start from. */
    WeightGradients gradients() {
        WeightGradients known = gradients;
        if (known == null) {
            known = cachedOrEstimated();
            Path file = scratch;
            if (file != null && gradientBytes(known.layers()) > MOST_HELD_BYTES) {
                long start = System.nanoTime();
                known = known.movedTo(file);
                onDisk = true;
                gradientSeconds += (System.nanoTime() - start) * 1e-9;
            }
            gradients = known;
        }
        return known;
    }

    /** Another comparison's estimate of the same costs no time, but counts: the table tells what a method takes by itself. */
    private WeightGradients cachedOrEstimated() {
        GradientCache cache = shared.gradients();
        if (cache == null) {
            return timedEstimate();
        }
        String key = GradientKey.of(bench, streams.seed());
        GradientCache.Cached cached = cache.read(key, bench.targets());
        if (cached != null) {
            gradientSeconds = cached.seconds();
            return cached.gradients();
        }
        WeightGradients estimated = timedEstimate();
        cache.write(key, estimated, gradientSeconds);
        return estimated;
    }

    private WeightGradients timedEstimate() {
        long start = System.nanoTime();
        WeightGradients estimated = estimate();
        gradientSeconds = (System.nanoTime() - start) * 1e-9;
        return estimated;
    }

    /** Seconds of the estimate; 0 if there was none yet. */
    double gradientSeconds() {
        return gradientSeconds;
    }

    /** The gradients taken apart, for the trials' diagnostics; made when first asked for, with the gradients themselves. */
    GradientSubspaces subspaces() {
        GradientSubspaces known = subspaces;
        if (known == null) {
            Recipe.DiagnosticsChoice choice = bench.recipe().diagnostics();
            int rank = choice.anglesEvery() > 0 ? bench.recipe().adapter().rank() : 0;
            known = GradientSubspaces.of(gradients(), rank, choice.singularValues());
            subspaces = known;
        }
        return known;
    }

    /** Bytes that the kept gradient occupies: the comparison's, not the trial's. */
    long heldBytes() {
        WeightGradients known = gradients;
        if (known == null || onDisk) {
            return 0;
        }
        return gradientBytes(known.layers());
    }

    private long gradientBytes(Collection<String> layers) {
        return accumulation().width()
                * layers.stream()
                        .mapToLong(layer ->
                                bench.model().weights().get(layer + ".weight").length())
                        .sum();
    }

    /** Data type in which gradients are summed. */
    DataType accumulation() {
        return bench.recipe().gradient().accumulation() == Recipe.Accumulation.FLOAT64
                ? DataType.DOUBLE
                : DataType.FLOAT;
    }

    private WeightGradients estimate() {
        announce("estimating the gradient on ");
        AdaptedModel model = plainModel(gradientConfig());
        try (GraphTwins twins = model.twins(ExampleCost.TOKENS, GraphTwins.usefulThreads())) {
            return new GradientEstimator(accumulation(), streams).estimate(twins, bench.targets(), sample());
        }
    }

    /** The moments of every target's inputs over the gradient's examples, without dropout. Not kept: few methods ask for them. */
    Map<String, InputMoments> inputs() {
        announce("looking at the layers' inputs on ");
        // The plain model's last layer sees the first tokens only; EVA means the inputs of all.
        EncoderConfig quiet = bench.model().config().withDropout(0, 0, 0);
        AdaptedModel model = AdaptedModel.of(
                bench.plainOfAllRows(quiet, headSeed()), bench.model().weights());
        return new InputMomentsEstimator(streams).estimate(model, bench.targets(), sample());
    }

    /** Tells what is done with the gradient's examples. */
    void announce(String what) {
        int examples =
                Math.min(bench.recipe().gradient().examples(), bench.train().size());
        shared.listener().onPhase(what + examples + " examples");
    }

    /** The encoder's shape with the dropout of the gradient estimate. */
    EncoderConfig gradientConfig() {
        return bench.recipe().gradient().dropout()
                ? bench.trainingConfig()
                : bench.model().config().withDropout(0, 0, 0);
    }

    /** The pre-trained classifier, frozen and without adapters, with the head that all trials start from. */
    AdaptedModel plainModel(EncoderConfig config) {
        AdaptedModel model =
                AdaptedModel.of(bench.plain(config, headSeed()), bench.model().weights());
        startHead(model.graph());
        return model;
    }

    /** The examples of the gradient estimate, the same whenever they are asked for. */
    ExampleSample sample() {
        GradientChoice choice = bench.recipe().gradient();
        int examples = Math.min(choice.examples(), bench.train().size());
        return new ExampleSample(
                bench.train(),
                examples,
                choice.sample() == Recipe.Sample.FIRST ? ExampleSample.Choice.FIRST : ExampleSample.Choice.RANDOM,
                bench.atOnce(choice.chunk(), gradientBytes(bench.targets())),
                bench.outputs(),
                bench.dtype(),
                streams);
    }

    /** Deletes the gradient's file, if there is one. */
    @Override
    public void close() {
        Path file = scratch;
        if (file != null) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UserException("cannot delete " + file + ": " + AtomicFile.reason(e), e);
            }
        }
    }
}

package io.lora4j.recipes.bench;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.blas.BlasLibrary;
import io.lora4j.gradient.GradientEstimator;
import io.lora4j.init.AdapterSetup;
import io.lora4j.init.KaimingInit;
import io.lora4j.kernel.EncoderKernels;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.models.encoder.TrainableWeights;
import io.lora4j.optim.AdamW;
import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.UniformGroups;
import io.lora4j.parallel.ExampleCost;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.train.BatchSource;
import io.lora4j.train.RandomStreams;
import io.lora4j.train.TrainConfig;
import io.lora4j.train.Trainer;
import io.lora4j.train.UpdateRule;
import java.lang.management.ManagementFactory;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network and a batch of one configuration, ready to be timed as often as wanted.
 *
 * <p>What is timed is what runs use: {@link Trainer#fit} without clipping for {@code lora} and {@code full}, {@link
 * GradientEstimator#estimate} for {@code grad}, {@code ComputationGraph.outputSingle} for {@code infer}, each with the same batch again and
 * again. Not thread-safe.
 */
public final class StepBench {
    private static final double LORA_RATE = 5e-4;
    private static final double FULL_RATE = 5e-5;
    private static final double DECAY = 0.01;

    private final BenchConfig config;
    private final MultiDataSet batch;
    private final ComputationGraph graph;
    private final @Nullable AdaptedModel model;
    private final Set<String> linears;
    private final long parameters;
    private double trainedLoss;

    private StepBench(BenchConfig config) {
        this.config = config;
        useThreads(config.threads());
        EncoderConfig encoder = config.model().encoder(config.dropout());
        FrozenWeights weights = Workload.weights(encoder, config.seed());
        this.batch = Workload.batch(config);
        ComputationGraphConfiguration plain =
                EncoderGraph.classifier(encoder, Pooling.CLS, Workload.LABELS, DataType.FLOAT, config.seed());
        this.linears = new LinkedHashSet<>(AdapterInjector.targets(plain, adapters(BenchTargets.ALL)));
        this.parameters = parametersOf(encoder, weights);
        if (config.mode() == BenchMode.FULL) {
            this.model = null;
            this.graph = trainable(encoder, weights);
        } else {
            this.model = frozen(plain, weights);
            this.graph = model.graph();
        }
    }

    /**
     * Builds network and batch. The number of threads is set for ND4J and BLAS in the whole process; that of the kernels is the common
     * pool's, which {@code java.util.concurrent.ForkJoinPool.common.parallelism} must have said before its first use.
     *
     * @param config what to time
     * @return the benchmark; no step has been taken
     */
    public static StepBench of(BenchConfig config) {
        return new StepBench(config);
    }

    /** Sets the number of threads of ND4J and of the matrix products, for the whole process. */
    static void useThreads(int threads) {
        Nd4j.getEnvironment().setMaxThreads(threads);
        Nd4j.getEnvironment().setMaxMasterThreads(threads);
        Nd4j.factory().blas().setMaxThreads(threads);
    }

    private LoraConfig adapters(BenchTargets targets) {
        return LoraConfig.builder()
                .rank(config.rank())
                .alpha(config.alpha())
                .targetModules(targets.modules().toArray(String[]::new))
                .build();
    }

    private AdaptedModel frozen(ComputationGraphConfiguration plain, FrozenWeights weights) {
        if (config.mode() != BenchMode.LORA) {
            return AdaptedModel.of(plain, weights);
        }
        ComputationGraphConfiguration adapted = AdapterInjector.inject(plain, adapters(config.targets()));
        optimizer(LORA_RATE).applyTo(adapted);
        AdaptedModel made = AdaptedModel.of(adapted, weights);
        AdapterSetup.apply(made, new KaimingInit(), null, Map.of(), new RandomStreams(config.seed()));
        return made;
    }

    private ComputationGraph trainable(EncoderConfig encoder, FrozenWeights weights) {
        ComputationGraphConfiguration configuration =
                EncoderGraph.trainableClassifier(encoder, Pooling.CLS, Workload.LABELS, DataType.FLOAT, config.seed());
        optimizer(FULL_RATE).applyTo(configuration);
        ComputationGraph made = new ComputationGraph(configuration);
        made.init();
        TrainableWeights.copyInto(made, weights);
        return made;
    }

    private static GroupedOptimizer optimizer(double rate) {
        return new GroupedOptimizer(new AdamW(rate), DECAY, new UniformGroups(true));
    }

    private static long parametersOf(EncoderConfig encoder, FrozenWeights weights) {
        long head = (long) encoder.hiddenSize() * Workload.LABELS + Workload.LABELS;
        return head
                + weights.names().stream()
                        .mapToLong(name -> weights.get(name).length())
                        .sum();
    }

    /**
     * Warms up and times the steps.
     *
     * @return the figures
     */
    public BenchResult run() {
        try (GraphTwins twins = twins()) {
            return run(twins);
        }
    }

    private GraphTwins twins() {
        AdaptedModel bound = model;
        return bound == null ? GraphTwins.alone(graph) : bound.twins(ExampleCost.TOKENS, config.threads());
    }

    private BenchResult run(GraphTwins twins) {
        StepClock<MultiDataSet> clock =
                new StepClock<>(batch, config.warmup(), config.steps(), config.maxSeconds(), () -> loss(twins));
        switch (config.mode()) {
            case LORA, FULL ->
                Trainer.fit(
                        twins,
                        UpdateRule.DL4J,
                        source(clock),
                        new TrainConfig(1, 0, 0),
                        new RandomStreams(config.seed()),
                        info -> trainedLoss = info.loss());
            case GRAD ->
                new GradientEstimator(DataType.FLOAT, new RandomStreams(config.seed())).estimate(twins, linears, clock);
            case INFER -> clock.forEach(each -> twins.output(each.getFeatures()));
        }
        return new BenchResult(figures(clock));
    }

    private double loss(GraphTwins twins) {
        return switch (config.mode()) {
            case LORA, FULL -> trainedLoss;
            case GRAD -> twins.lastLoss();
            case INFER -> 0;
        };
    }

    private BatchSource source(StepClock<MultiDataSet> clock) {
        return new BatchSource() {
            @Override
            public int exampleCount() {
                return config.batch() * stepsPerEpoch();
            }

            @Override
            public int stepsPerEpoch() {
                return config.warmup() + Math.max(StepClock.LEAST, config.steps());
            }

            @Override
            public Iterable<List<MultiDataSet>> epoch(int epoch) {
                return () -> new Iterator<>() {
                    private final Iterator<MultiDataSet> steps = clock.iterator();

                    @Override
                    public boolean hasNext() {
                        return steps.hasNext();
                    }

                    @Override
                    public List<MultiDataSet> next() {
                        return List.of(steps.next());
                    }
                };
            }
        };
    }

    private Map<String, @Nullable Object> figures(StepClock<MultiDataSet> clock) {
        double processor = clock.load().processorSeconds();
        Double others = clock.load().otherProcessors();
        boolean lora = config.mode() == BenchMode.LORA;
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("peer", "lora4j");
        map.put("model", config.model().toString());
        map.put("mode", config.mode().toString());
        map.put("targets", lora ? config.targets().toString() : null);
        map.put("rank", lora ? config.rank() : null);
        map.put("batch", config.batch());
        map.put("seq", config.seq());
        map.put("full_rows", config.fullRows());
        map.put("tokens", (long) batch.getFeatures(0).sumNumber().doubleValue());
        map.put("threads", config.threads());
        map.put("dropout", config.dropout());
        putLibraries(map);
        times(map, clock.timed());
        map.put("cpu_ms", rounded(processor / clock.timed().size() * 1e3, 1));
        map.put("warmup_s", rounded(clock.warmupSeconds(), 2));
        map.put(BenchResult.MEMORY, MachineLoad.peakResidentMb());
        map.put("trainable", trainable());
        map.put("params", parameters);
        boolean hasLoss = config.mode() != BenchMode.INFER;
        map.put("loss_first", hasLoss ? rounded(clock.firstLoss(), 4) : null);
        map.put("loss_last", hasLoss ? rounded(clock.lastLoss(), 4) : null);
        map.put("other_cpu", others == null ? null : rounded(others, 2));
        map.put("load1", rounded(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(), 2));
        return map;
    }

    private void times(Map<String, @Nullable Object> map, List<Double> seconds) {
        List<Double> sorted = seconds.stream().sorted().toList();
        double median = sorted.get(sorted.size() / 2);
        double best = sorted.get(0);
        double p90 = sorted.get(Math.min(sorted.size() - 1, (int) (0.9 * sorted.size())));
        double flops = new StepFlops(config).perStep();
        map.put("steps", sorted.size());
        map.put(BenchResult.MEDIAN, rounded(median * 1e3, 1));
        map.put(BenchResult.BEST, rounded(best * 1e3, 1));
        map.put("ms_p90", rounded(p90 * 1e3, 1));
        map.put("examples_per_s", rounded(config.batch() / median, 1));
        map.put("gflop_per_step", rounded(flops / 1e9, 2));
        map.put("gflops", rounded(flops / median / 1e9, 1));
        map.put("gflops_best", rounded(flops / best / 1e9, 1));
    }

    private long trainable() {
        return switch (config.mode()) {
            case LORA, FULL -> graph.params().length();
            case GRAD ->
                linears.stream()
                        .mapToLong(name -> Objects.requireNonNull(model)
                                .weights()
                                .get(name + ".weight")
                                .length())
                        .sum();
            case INFER -> 0;
        };
    }

    /** What computes, under the keys that every kind of measurement has. */
    static void putLibraries(Map<String, @Nullable Object> map) {
        BlasLibrary blas = BlasLibrary.inUse();
        map.put("kernels", EncoderKernels.get().toString());
        map.put("blas", blas.vendor());
        map.put("blas_version", blas.version());
        map.put("blas_core", blas.coreType());
        map.put("blas_threads", blas.threads());
    }

    static double rounded(double value, int digits) {
        double scale = Math.pow(10, digits);
        return Math.round(value * scale) / scale;
    }
}

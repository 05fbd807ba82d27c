package io.lora4j.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.models.encoder.TrainableWeights;
import io.lora4j.optim.AdamW;
import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.UniformGroups;
import io.lora4j.train.BatchSource;
import io.lora4j.train.PeakMemory;
import io.lora4j.train.RandomStreams;
import io.lora4j.train.TrainConfig;
import io.lora4j.train.TrainListener;
import io.lora4j.train.Trainer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The real MiniLM with LoRA at every linear map of the encoder, trained with AdamW: no second copy of W, no gradient of W, no optimiser state
 * for W, after injection, during every step and afterwards. Counted are ND4J's allocated bytes, arrays and workspaces; full fine-tuning
 * of the same model under the same counter shows what they would be.
 */
@Tag("slow")
class AdaptedMiniLmMemoryTest {
    private static final int STEPS = 5;
    private static final long FLOAT = 4;

    private static PretrainedModel model;

    /** Two short sentences, so that activations are small beside the weights. */
    private record TwoSentences(MultiDataSet batch) implements BatchSource {
        @Override
        public int exampleCount() {
            return 2;
        }

        @Override
        public int stepsPerEpoch() {
            return STEPS;
        }

        @Override
        public Iterable<List<MultiDataSet>> epoch(int epoch) {
            return java.util.Collections.nCopies(STEPS, List.of(batch));
        }
    }

    /** Samples the counter all the time on a thread of its own. */
    private static final class Sampler implements AutoCloseable {
        private final AtomicLong highest = new AtomicLong(PeakMemory.offHeapBytes());
        private final AtomicLong samples = new AtomicLong();
        private volatile boolean running = true;
        private final Thread thread = new Thread(this::run, "memory sampler");

        Sampler() {
            thread.setDaemon(true);
            thread.start();
        }

        private void run() {
            while (running) {
                highest.accumulateAndGet(PeakMemory.offHeapBytes(), Math::max);
                samples.incrementAndGet();
                java.util.concurrent.locks.LockSupport.parkNanos(100_000);
            }
        }

        @Override
        public void close() {
            running = false;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @BeforeAll
    static void load() {
        model = TestModels.miniLm(DataType.FLOAT);
    }

    @Test
    void loraKeepsNoCopyGradientOrStateOfW() throws Exception {
        TwoSentences data = data();
        long before = settled();
        long weights =
                bytes(model.weights().names().stream().map(model.weights()::get).toList());
        assertTrue(before >= weights, "the counter sees the base's weights: " + before + " of " + weights);

        ComputationGraphConfiguration conf = AdapterInjector.inject(
                EncoderGraph.classifier(model.config(), Pooling.CLS, 2, DataType.FLOAT, 1),
                new LoraConfig(
                        8,
                        16,
                        Scaling.RSLORA,
                        0,
                        List.of(
                                "query",
                                "key",
                                "value",
                                "attention.output.dense",
                                "intermediate.dense",
                                "output.dense")));
        new GroupedOptimizer(new AdamW(1e-3), 0.01, new UniformGroups(false)).applyTo(conf);
        AdaptedModel adapted = AdaptedModel.of(conf, model.weights());
        long w = bytes(adapted.adapters().values().stream()
                .map(layer -> layer.weight())
                .toList());
        long largest = adapted.adapters().values().stream()
                .mapToLong(layer -> FLOAT * layer.weight().length())
                .max()
                .orElseThrow();
        long trainable = FLOAT * adapted.trainableParameters();
        long injected = settled() - before;
        AtomicLong afterSteps = new AtomicLong();
        long peak;
        long samples;
        try (Sampler sampler = new Sampler()) {
            train(adapted.graph(), data, info -> afterSteps.accumulateAndGet(PeakMemory.offHeapBytes(), Math::max));
            peak = sampler.highest.get() - before;
            samples = sampler.samples.get();
        }
        long trained = settled() - before;
        String numbers = String.format(
                Locale.ROOT,
                "LoRA: W of %d layers %.2f MB (largest %.2f), trainable %.2f MB; grown by %.2f MB after injection, %.2f at most"
                        + " during %d steps (%d samples; %.2f after a step), %.2f in the end",
                adapted.adapters().size(),
                mb(w),
                mb(largest),
                mb(trainable),
                mb(injected),
                mb(peak),
                STEPS,
                samples,
                mb(afterSteps.get() - before),
                mb(trained));
        System.out.println(numbers);

        assertEquals(36, adapted.adapters().size(), numbers);
        assertTrue(samples > 100, numbers);
        // Parameters, their flat gradient and AdamW's two moments; what is left is the step's activations and scratch.
        long state = 4 * trainable;
        assertTrue(injected <= 2 * trainable + largest, "after injection: " + numbers);
        assertTrue(peak <= state + largest, "during training: " + numbers);
        assertTrue(trained <= state + largest, "after training: " + numbers);
        assertTrue(state + largest < w, "a second copy of W would be seen: " + numbers);
        INDArray moments = adapted.graph().getUpdater().getStateViewArray();
        assertEquals(
                2 * adapted.trainableParameters(),
                moments.length(),
                "AdamW's moments are those of the factors and head");
        assertEquals(
                adapted.trainableParameters(),
                adapted.graph().getFlattenedGradients().length());
        adapted.adapters()
                .forEach((name, layer) -> assertSame(
                        model.weights().get(name + ".weight"),
                        layer.weight(),
                        name + " computes with the model's own array"));
    }

    @Test
    void theSameCounterSeesWhatFullFineTuningKeeps() throws Exception {
        TwoSentences data = data();
        long before = settled();
        ComputationGraphConfiguration conf =
                EncoderGraph.trainableClassifier(model.config(), Pooling.CLS, 2, DataType.FLOAT, 1);
        new GroupedOptimizer(new AdamW(1e-5), 0.01, new UniformGroups(false)).applyTo(conf);
        ComputationGraph graph = new ComputationGraph(conf);
        graph.init();
        TrainableWeights.copyInto(graph, model.weights());
        train(graph, data, TrainListener.NONE);
        long grown = settled() - before;
        long parameters = FLOAT * graph.params().length();
        String numbers = String.format(
                Locale.ROOT, "full fine-tuning: %.2f MB of parameters; grown by %.2f MB", mb(parameters), mb(grown));
        System.out.println(numbers);
        assertTrue(grown >= 4 * parameters, "copy, gradient and two moments: " + numbers);
    }

    private static void train(ComputationGraph graph, TwoSentences data, TrainListener listener) {
        Trainer.fit(graph, data, new TrainConfig(1, 0, 1), new RandomStreams(1), listener);
    }

    private static TwoSentences data() {
        INDArray[] inputs = TestModels.inputs(
                List.of(
                        model.tokenizer().encode("A fine film.", null, 16),
                        model.tokenizer().encode("Two hours too long.", null, 16)),
                DataType.FLOAT);
        return new TwoSentences(
                new MultiDataSet(inputs, new INDArray[] {Nd4j.createFromArray(new float[][] {{1, 0}, {0, 1}})}));
    }

    private static long bytes(List<INDArray> arrays) {
        return FLOAT * arrays.stream().mapToLong(INDArray::length).sum();
    }

    private static double mb(long bytes) {
        return bytes / 1e6;
    }

    /** ND4J's bytes once garbage of arrays is freed. */
    private static long settled() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(100);
            least = Math.min(least, PeakMemory.offHeapBytes());
        }
        return least;
    }
}

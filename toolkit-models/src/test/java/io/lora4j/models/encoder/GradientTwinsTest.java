package io.lora4j.models.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.FrozenLinearLayer;
import io.lora4j.adapter.WeightBackward;
import io.lora4j.adapter.WeightGradientListener;
import io.lora4j.gradient.GradientEstimator;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.parallel.ExampleCost;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.train.RandomStreams;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The gradient estimate of several threads is that of one, in one set of accumulators. */
@Timeout(60) // a part that waits for ever must not stop the build
class GradientTwinsTest {
    private static final RandomStreams STREAMS = new RandomStreams(4);
    private static final GradientEstimator ESTIMATOR = new GradientEstimator(DataType.DOUBLE, STREAMS);

    /** Cut in two and in three; one example and a long one among short ones are not cut. */
    private static final List<MultiDataSet> CHUNKS =
            List.of(batch(4, 1, 9, 9, 2, 7, 3, 5), batch(5), batch(9, 1), batch(3, 8, 8, 2, 9, 5, 4), batch(6, 6, 6));

    private static AdaptedModel model(DataType type, double dropout) {
        EncoderConfig config = BertFixtures.smallConfig().withDropout(dropout, dropout, dropout);
        return AdaptedModel.of(
                EncoderGraph.classifier(config, Pooling.CLS, 3, type, 5), BertFixtures.randomWeights(config, type, 3));
    }

    private static MultiDataSet batch(int... lengths) {
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, lengths.length, 3);
        for (int b = 0; b < lengths.length; b++) {
            labels.putScalar(b, b % 3, 1);
        }
        return new MultiDataSet(
                BertFixtures.randomFeatures(BertFixtures.smallConfig(), 5, 9, lengths), new INDArray[] {labels});
    }

    private static WeightGradients estimate(AdaptedModel model, int threads) {
        try (GraphTwins twins = model.twins(ExampleCost.TOKENS, threads)) {
            return ESTIMATOR.estimate(twins, model.linears().keySet(), CHUNKS);
        }
    }

    private static double farApart(INDArray a, INDArray b) {
        return a.sub(b).amaxNumber().doubleValue() / a.amaxNumber().doubleValue();
    }

    @ParameterizedTest
    @CsvSource({"1, DOUBLE, 0", "2, DOUBLE, 1e-12", "3, DOUBLE, 1e-12", "2, FLOAT, 1e-5"})
    void theyAreTheGradientOfOneGraph(int threads, DataType type, double tolerance) {
        AdaptedModel model = model(type, 0);
        Set<String> layers = model.linears().keySet();
        WeightGradients expected = ESTIMATOR.estimate(model, layers, CHUNKS);
        WeightGradients actual = estimate(model, threads);
        assertEquals(expected.exampleCount(), actual.exampleCount());
        assertEquals(expected.layers(), actual.layers());
        for (String layer : layers) {
            INDArray mean = expected.mean(layer);
            assertTrue(mean.norm2Number().doubleValue() > 0, layer);
            assertEquals(DataType.DOUBLE, actual.mean(layer).dataType());
            assertEquals(0, farApart(mean, actual.mean(layer)), tolerance, layer);
        }
    }

    @ParameterizedTest
    @CsvSource({"2", "3"})
    void everyBitIsTheSameAgain(int threads) {
        AdaptedModel model = model(DataType.FLOAT, 0.3);
        WeightGradients first = estimate(model, threads);
        for (int round = 0; round < 5; round++) {
            WeightGradients again = estimate(model, threads);
            for (String layer : first.layers()) {
                assertEquals(
                        0, first.mean(layer).sub(again.mean(layer)).amaxNumber().doubleValue(), layer);
            }
        }
    }

    /** What one-step descent looks at: the loss whose gradient was estimated, masks included. */
    @Test
    void theLossUnderTheSameMasksNeedsNoBackwardPass() {
        AdaptedModel model = model(DataType.DOUBLE, 0.3);
        try (GraphTwins twins = model.twins(ExampleCost.TOKENS, 2)) {
            for (int chunk = 0; chunk < CHUNKS.size(); chunk++) {
                MultiDataSet data = CHUNKS.get(chunk);
                double loss = twins.computeGradient(data, GradientEstimator.masks(STREAMS, chunk));
                assertEquals(loss, twins.lastLoss());
                assertEquals(loss, twins.loss(data, GradientEstimator.masks(STREAMS, chunk)), 1e-12);
                assertNotEquals(loss, twins.loss(data, GradientEstimator.masks(STREAMS, chunk + 100)), 1e-6);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "2"})
    void aFaultOfOnePartReleasesTheOthers(int part) {
        AdaptedModel model = model(DataType.DOUBLE, 0);
        Set<String> layers = model.linears().keySet();
        try (GraphTwins twins = model.twins(ExampleCost.TOKENS, 3)) {
            // Below what the estimate listens to, so that the others already wait or have passed.
            String broken = "bert.encoder.layer.0.attention.self.value";
            Set<String> wanted = new LinkedHashSet<>(layers);
            wanted.remove(broken);
            linear(twins.graphs().get(part), broken).setWeightGradientListener(pass -> {
                throw new UnsupportedOperationException("part " + part);
            });
            UnsupportedOperationException error =
                    assertThrows(UnsupportedOperationException.class, () -> ESTIMATOR.estimate(twins, wanted, CHUNKS));
            assertEquals("part " + part, error.getMessage());
            assertNothingListens(twins, wanted);

            linear(twins.graphs().get(part), broken).setWeightGradientListener(null);
            INDArray after = ESTIMATOR.estimate(twins, layers, CHUNKS).mean(broken);
            assertEquals(0, farApart(estimate(model, 3).mean(broken), after), "usable again");
        }
    }

    @Test
    void aWrongTokenInOnePartIsItsOwnMessage() {
        AdaptedModel model = model(DataType.DOUBLE, 0);
        MultiDataSet wrong = batch(4, 1, 9, 9, 2, 7, 3, 5);
        wrong.getFeatures(1).putScalar(7, 0, 1e6);
        try (GraphTwins twins = model.twins(ExampleCost.TOKENS, 2)) {
            Set<String> layers = model.linears().keySet();
            IllegalArgumentException error = assertThrows(
                    IllegalArgumentException.class, () -> ESTIMATOR.estimate(twins, layers, List.of(wrong)));
            assertTrue(error.getMessage().contains("token id 1000000"), error.getMessage());
            assertNothingListens(twins, layers);
        }
    }

    @Test
    void noListenerIsLeftBehind() {
        AdaptedModel model = model(DataType.DOUBLE, 0);
        Set<String> layers = model.linears().keySet();
        try (GraphTwins twins = model.twins(ExampleCost.TOKENS, 3)) {
            WeightGradients gradients = ESTIMATOR.estimate(twins, layers, CHUNKS);
            String layer = layers.iterator().next();
            INDArray before = gradients.mean(layer);
            assertNothingListens(twins, layers);
            twins.computeGradient(CHUNKS.get(0), part -> 1);
            assertEquals(before, gradients.mean(layer));
            Set<String> unknown = Set.of("no.such.layer", layer);
            assertThrows(IllegalArgumentException.class, () -> ESTIMATOR.estimate(twins, unknown, CHUNKS));
            assertNothingListens(twins, layers);
        }
    }

    /** Every part's listener, asked before the first chunk, adds to the one accumulator of its layer. */
    @Test
    void thereIsOneSetOfAccumulators() {
        AdaptedModel model = model(DataType.DOUBLE, 0);
        Set<String> layers = model.linears().keySet();
        Set<INDArray> accumulators = Collections.newSetFromMap(new IdentityHashMap<>());
        List<String> told = new ArrayList<>();
        try (GraphTwins twins = model.twins(ExampleCost.TOKENS, 3)) {
            Iterable<MultiDataSet> chunks = () -> {
                for (ComputationGraph graph : twins.graphs()) {
                    for (String name : layers) {
                        Objects.requireNonNull(listener(graph, name)).onBackward(new Asking(name, sum -> {
                            accumulators.add(sum);
                            told.add(name);
                        }));
                    }
                }
                return CHUNKS.iterator();
            };
            ESTIMATOR.estimate(twins, layers, chunks);
        }
        assertEquals(3 * layers.size(), told.size());
        assertEquals(layers.size(), accumulators.size());
    }

    /** A pass that adds nothing and tells where it was to be added. */
    private record Asking(String layer, Consumer<INDArray> asked) implements WeightBackward {
        @Override
        public INDArray input() {
            throw new UnsupportedOperationException();
        }

        @Override
        public INDArray delta() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void addTo(INDArray sum) {
            asked.accept(sum);
        }
    }

    private static void assertNothingListens(GraphTwins twins, Set<String> layers) {
        for (ComputationGraph graph : twins.graphs()) {
            for (String name : layers) {
                assertNull(listener(graph, name), name);
            }
        }
    }

    private static FrozenLinearLayer linear(ComputationGraph graph, String name) {
        return (FrozenLinearLayer) graph.getVertex(name).getLayer();
    }

    /** The field itself: nothing but the layer has to know it. */
    private static @Nullable WeightGradientListener listener(ComputationGraph graph, String name) {
        try {
            Field field = FrozenLinearLayer.class.getDeclaredField("listener");
            field.setAccessible(true);
            return (WeightGradientListener) field.get(linear(graph, name));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
